// @ts-check
// ECDSA signatures on P-256, checked by WebCrypto (docs/spec/events.md, Signatures).

import { bigint, join } from "../bytes.js";
import { refuse } from "../errors.js";
import { byEngine } from "./ed25519-engine.js";

/** @import { Bytes, Verify } from "../types.d.ts" */

const P_256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B_256 = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ORDER_256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** @type {(number: bigint) => boolean} */
const isScalar256 = (number) => number > 0n && number < ORDER_256;

/** @type {(x: Bytes, y: Bytes) => Promise<Verify>} */
export async function importP256(x, y) {
  const [left, right] = [bigint(x), bigint(y)];
  const onCurve = (right * right - (left ** 3n - 3n * left + B_256)) % P_256 === 0n;
  if (left >= P_256 || right >= P_256 || !onCurve)
    refuse("key.form", "the P-256 key is not a point on the curve");
  const kind = { name: "ECDSA", namedCurve: "P-256" };
  const key = await byEngine(
    crypto.subtle.importKey("raw", join([4], x, y), kind, false, ["verify"]),
  );
  const parameters = { name: "ECDSA", hash: "SHA-256" };
  return async (signature, message) =>
    signature.length === 64 &&
    isScalar256(bigint(signature.slice(0, 32))) &&
    isScalar256(bigint(signature.slice(32))) &&
    byEngine(crypto.subtle.verify(parameters, key, signature, message));
}
