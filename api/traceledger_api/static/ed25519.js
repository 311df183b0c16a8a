// @ts-check
// Ed25519 from @noble/ed25519, for browsers whose WebCrypto lacks it.
//
// noble's own verification multiplies by the cofactor, and so accepts signatures that other
// implementations refuse. Only its arithmetic is used; the equation is that of docs/spec/events.md.

/** @import { Bytes, Ed25519 } from "./verifier/types.d.ts" */

/** @type {(bytes: Bytes) => bigint} */
const littleEndian = (bytes) =>
  bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);

// `address` is the URL of noble's module.
/** @type {(address: string) => Promise<Ed25519>} */
export async function loadEd25519(address) {
  /** @type {typeof import("@noble/ed25519")} */
  const { Point } = await import(address);
  const order = Point.CURVE().n;
  return async (raw) => {
    const minusKey = Point.fromBytes(raw).negate();
    return async (signature, message) => {
      const [encoding, scalar] = [signature.slice(0, 32), signature.slice(32)];
      const hashed = new Uint8Array(64 + message.length);
      hashed.set(encoding);
      hashed.set(raw, 32);
      hashed.set(message, 64);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", hashed));
      const challenge = minusKey.multiplyUnsafe(littleEndian(digest) % order);
      const sum = Point.BASE.multiplyUnsafe(littleEndian(scalar)).add(challenge).toBytes();
      return encoding.every((byte, at) => byte === sum[at]);
    };
  };
}
