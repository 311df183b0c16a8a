// @ts-check
// The keys of notes as text (docs/spec/log.md, Signed notes).

import { decodeBase64, encode, sha256, toHex } from "../bytes.js";
import { refuse } from "../errors.js";
import { importEd25519 } from "../events/ed25519-engine.js";
import { isKeyName } from "./note.js";

/** @import { Vkey } from "../types.d.ts" */

export const TYPE_LOG = 1;
export const TYPE_WITNESS = 4;

// key name "+" key id in hexadecimal "+" base64 of type and public key
/** @type {(text: string) => Promise<Vkey>} */
export async function parseVkey(text) {
  /** @type {() => never} */
  const refused = () => refuse("note.key", `${text} is not a verifier key`);
  const [name, id, ...rest] = text.split("+");
  const blob = rest.length ? decodeBase64(rest.join("+")) : undefined;
  if (!blob?.length) refused();
  const [type, raw] = [blob[0], blob.slice(1)];
  if (raw.length !== 32) refuse("key.form", "an Ed25519 key has 32 bytes");
  const verify = await importEd25519(raw);
  const keyId = (await sha256(encode(`${name}\n`), blob)).slice(0, 4);
  if (!isKeyName(name) || ![TYPE_LOG, TYPE_WITNESS].includes(type) || toHex(keyId) !== id)
    refused();
  return { text, name, id: keyId, type, raw, verify };
}
