// @ts-check
// Bytes: UTF-8, numbers, hexadecimal, base64 and SHA-256.

import { refuse } from "./errors.js";

/** @import { Bytes } from "./types.d.ts" */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** @type {(text: string) => Bytes} */
export const encode = (text) => encoder.encode(text);

/** @type {(bytes: Uint8Array, code: string) => string} */
export function decodeUtf8(bytes, code) {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse(code, "the bytes are not UTF-8");
  }
}

/** @type {(...parts: ArrayLike<number>[]) => Bytes} */
export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @type {(one: Uint8Array, other: Uint8Array) => boolean} */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** @type {(...parts: ArrayLike<number>[]) => Promise<Bytes>} */
export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

/** @type {(number: number | bigint) => Bytes} */
export function u64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

/** @type {(bytes: Uint8Array) => string} */
export const toHex = (bytes) => bytes.reduce((text, byte) => text + (byte + 256).toString(16).slice(1), "");
/** @type {(bytes: Uint8Array) => bigint} */
export const bigint = (bytes) => BigInt(`0x0${toHex(bytes)}`);

/** @type {(binary: string) => Bytes} */
function fromBinary(binary) {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** @type {(bytes: Uint8Array) => string} */
export function toBinary(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return binary;
}

/** @type {(bytes: Uint8Array) => string} */
const encodeBase64 = (bytes) => btoa(toBinary(bytes));

/** @type {(bytes: Uint8Array) => string} */
export function encodeBase64url(bytes) {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The bytes, or undefined if the text is not in canonical form.
/** @type {(text: string) => Bytes | undefined} */
export function decodeBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return undefined;
  const binary = atob(text);
  return btoa(binary) === text ? fromBinary(binary) : undefined;
}

/** @type {(text: string) => Bytes | undefined} */
export function decodeBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return decodeBase64(standard.padEnd(Math.ceil(text.length / 4) * 4, "="));
}

// The bytes of a text whose form has been checked.
/** @type {(text: string) => Bytes} */
export const bytesOf = (text) => /** @type {Bytes} */ (decodeBase64url(text));

// The SHA-256 of a file in hex, by which an import names the passport of an earlier life.
/** @type {(file: Uint8Array) => Promise<string>} */
export const digestOf = async (file) => toHex(await sha256(file));
