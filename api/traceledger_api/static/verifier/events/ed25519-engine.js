// @ts-check
// Ed25519 signatures, checked by WebCrypto or by what takes its place.

import { decodeBase64url, encode } from "../bytes.js";
import { UnsupportedError } from "../errors.js";
import { ORDER_ED25519, checkPublicPoint, littleEndian, refusesEncoding } from "./edwards25519.js";

/** @import { Bytes, Ed25519, Verify } from "../types.d.ts" */

/** @type {Ed25519} */
async function importWithWebCrypto(bytes) {
  const kind = { name: "Ed25519" };
  const key = await crypto.subtle.importKey("raw", bytes, kind, false, ["verify"]);
  return (signature, message) => crypto.subtle.verify(kind, key, signature, message);
}

let ed25519 = importWithWebCrypto;

// RFC 8032 section 7.1, test 1: the empty message.
const PROBE_KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const PROBE_SIGNATURE =
  "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw";

// Whether this engine accepts a true Ed25519 signature and rejects a false one.
/** @type {() => Promise<boolean>} */
export async function canVerifyEd25519() {
  const key = /** @type {Bytes} */ (decodeBase64url(PROBE_KEY));
  const signature = /** @type {Bytes} */ (decodeBase64url(PROBE_SIGNATURE));
  try {
    const check = await importWithWebCrypto(key);
    return (await check(signature, encode(""))) && !(await check(signature, encode("x")));
  } catch {
    return false;
  }
}

// Replaces WebCrypto's Ed25519, where `canVerifyEd25519` says no.
/** @type {(replacement: Ed25519) => void} */
export function useEd25519(replacement) {
  ed25519 = replacement;
}

// A failure of the engine is not evidence against the record.
/**
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function byEngine(work) {
  try {
    return await work;
  } catch (error) {
    throw new UnsupportedError("this browser cannot check the signatures", { cause: error });
  }
}

/** @type {(bytes: Bytes) => Promise<Verify>} */
export async function importEd25519(bytes) {
  checkPublicPoint(bytes);
  const verify = await byEngine(ed25519(bytes));
  return async (signature, message) =>
    signature.length === 64 &&
    littleEndian(signature.slice(32)) < ORDER_ED25519 &&
    !refusesEncoding(signature.slice(0, 32)) &&
    byEngine(verify(signature, message));
}
