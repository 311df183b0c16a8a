// @ts-check
// The reader's own trust, kept in this browser for this site: a trust file or list, or a fingerprint.

import { isTrustList } from "./verifier/formats/trust-list.js";
import { verifyPassport } from "./verifier/verify/passport.js";
import { readTrustList } from "./verifier/verify/trust-list.js";

/** @import { Bytes, Catalogue } from "./verifier/types.d.ts" */
/** @import { OwnTrust } from "./types.d.ts" */

const FILE = "traceledger.trust";
const FINGERPRINT = "traceledger.fingerprint";
const ANY_ITEM = "x/unit/any";

/** @type {() => OwnTrust | undefined} */
export function readOwnTrust() {
  try {
    const [file, fingerprint] = [FILE, FINGERPRINT].map((key) => localStorage.getItem(key) ?? "");
    if (file) return { file: new TextEncoder().encode(file), fingerprint: "" };
    return fingerprint ? { file: undefined, fingerprint } : undefined;
  } catch {
    return undefined; // the browser stores nothing
  }
}

/** @type {(own: OwnTrust | undefined) => void} */
export function keepOwnTrust(own) {
  try {
    localStorage.removeItem(FILE);
    localStorage.removeItem(FINGERPRINT);
    if (own?.file) localStorage.setItem(FILE, new TextDecoder().decode(own.file));
    else if (own) localStorage.setItem(FINGERPRINT, own.fingerprint);
  } catch {
    // It applies to this visit only.
  }
}

// Reads a file exactly as the command does, with its byte order mark; undefined if it is no trust file.
/** @type {(file: File) => Promise<OwnTrust | undefined>} */
export async function readTrustFile(file) {
  const bytes = /** @type {Bytes} */ (new Uint8Array(await file.arrayBuffer()));
  if (isTrustList(bytes)) return (await readTrustList(bytes)) && { file: bytes, fingerprint: "" };
  const catalogue = /** @type {Catalogue} */ ({});
  const { result } = await verifyPassport(new Uint8Array(), bytes, ANY_ITEM, { now: 0, catalogue });
  return result === "unchecked" ? undefined : { file: bytes, fingerprint: "" };
}

const DIGITS = 32; // of a fingerprint, docs/spec/trust.md

// A fingerprint as someone types it; undefined if it is incomplete.
/** @type {(text: string) => OwnTrust | undefined} */
export function readFingerprint(text) {
  const digits = text.toLowerCase().replace(/[^0-9a-z]/g, "");
  if (digits.length !== DIGITS || /[^0-9a-f]/.test(digits)) return undefined;
  return { file: undefined, fingerprint: digits.replace(/....(?=.)/g, "$& ") };
}
