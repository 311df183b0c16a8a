// Gives WebCrypto the Ed25519 that it lacks in older browsers, from @noble/ed25519.
//
// Only what verify.js asks for: raw public keys, and verify. noble is asked for the strict rules of
// RFC 8032, because keys and signatures that only some verifiers accept must not count.

const keys = new WeakMap();

export async function addEd25519(address) {
  const { verifyAsync } = await import(address);
  const { importKey, verify } = SubtleCrypto.prototype;
  crypto.subtle.importKey = function (format, bytes, algorithm, ...rest) {
    if (algorithm !== "Ed25519") return importKey.call(this, format, bytes, algorithm, ...rest);
    const key = {};
    keys.set(key, Uint8Array.from(bytes));
    return Promise.resolve(key);
  };
  crypto.subtle.verify = async function (algorithm, key, signature, message) {
    if (!keys.has(key)) return verify.call(this, algorithm, key, signature, message);
    try {
      return await verifyAsync(signature, message, keys.get(key), { zip215: false });
    } catch {
      return false; // a point or length that is none
    }
  };
}
