// @ts-check
// Public keys and the signatures that they accept (docs/spec/events.md, Keys).

import { bytesOf, encode, encodeBase64url, sha256 } from "../bytes.js";
import { Refusal, refuse } from "../errors.js";
import { has, hasMembers, isText } from "../values.js";
import { importEd25519 } from "./ed25519-engine.js";
import { formatCanonical, isHash } from "./encoding.js";
import { importP256 } from "./p256.js";

/** @import { Bytes, Jwk, Key } from "../types.d.ts" */

// A registered key: its thumbprint, the algorithms it accepts, and verify(signature, message).
/** @type {(jwk: Jwk) => Promise<Key>} */
export async function loadJwk(jwk) {
  const x = bytesOf(jwk.x);
  const y = jwk.y === undefined ? undefined : bytesOf(jwk.y);
  const kind = `${jwk.kty} ${jwk.crv}`;
  if (kind === "OKP Ed25519" && !y)
    return { algorithms: ["Ed25519", "EdDSA"], verify: await importEd25519(x) };
  if (kind === "EC P-256" && y) return { algorithms: ["ES256"], verify: await importP256(x, y) };
  return refuse("key.form", "the key is neither Ed25519 nor P-256");
}

// The code under which a signature is refused, "" if it is valid.
/** @type {(jwk: Jwk, signature: Bytes, message: Bytes) => Promise<string>} */
export async function judgeSignature(jwk, signature, message) {
  try {
    const { verify } = await loadJwk(jwk);
    return (await verify(signature, message)) ? "" : "signature.false";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** @type {(jwk: Jwk) => Promise<string>} */
export const thumbprint = async (jwk) => encodeBase64url(await sha256(encode(formatCanonical(jwk))));

/** @type {(value: unknown) => value is Jwk} */
export function isJwk(value) {
  return (
    hasMembers(value, ["crv", "kty", "x"], ["y"]) &&
    isText(value.crv) &&
    ["Ed25519", "P-256"].includes(value.crv) &&
    isText(value.kty) &&
    ["OKP", "EC"].includes(value.kty) &&
    isHash(value.x) &&
    (!has(value, "y") || isHash(value.y))
  );
}
