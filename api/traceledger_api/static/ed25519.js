// @ts-check
// Gives WebCrypto the Ed25519 that it lacks in older browsers, from @noble/ed25519.
//
// Only what verify.js asks for: raw public keys, and verify. noble is asked for the strict rules of
// RFC 8032, because keys and signatures that only some verifiers accept must not count.

/** @import { Bytes } from "./types.d.ts" */

/** @type {WeakMap<CryptoKey, Bytes>} */
const keys = new WeakMap();

/** @type {(address: string) => Promise<void>} */
export async function addEd25519(address) {
  /** @type {typeof import("@noble/ed25519")} */
  const { verifyAsync } = await import(address);
  const { importKey, verify } = SubtleCrypto.prototype;
  crypto.subtle.importKey = /** @type {SubtleCrypto["importKey"]} */ (
    /**
     * @this {SubtleCrypto}
     * @param {"raw"} format
     * @param {Bytes} bytes
     * @param {AlgorithmIdentifier} algorithm
     * @param {[boolean, KeyUsage[]]} rest
     */
    function (format, bytes, algorithm, ...rest) {
      if (algorithm !== "Ed25519") return importKey.call(this, format, bytes, algorithm, ...rest);
      const key = /** @type {CryptoKey} */ ({});
      keys.set(key, Uint8Array.from(bytes));
      return Promise.resolve(key);
    }
  );
  crypto.subtle.verify = /** @type {SubtleCrypto["verify"]} */ (
    /**
     * @this {SubtleCrypto}
     * @param {AlgorithmIdentifier} algorithm
     * @param {CryptoKey} key
     * @param {Bytes} signature
     * @param {Bytes} message
     */
    async function (algorithm, key, signature, message) {
      const raw = keys.get(key);
      if (!raw) return verify.call(this, algorithm, key, signature, message);
      try {
        return await verifyAsync(signature, message, raw, { zip215: false });
      } catch {
        return false; // a point or length that is none
      }
    }
  );
}
