// @ts-check
// What is required of points on edwards25519 (docs/spec/events.md, Signatures).

import { bigint, toHex } from "../bytes.js";
import { refuse } from "../errors.js";

/** @import { Bytes } from "../types.d.ts" */

const P_ED25519 = (1n << 255n) - 19n;
const D_ED25519 = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
export const ORDER_ED25519 = (1n << 252n) + 27742317777372353535851937790883648493n;
// y of the eight points of small order, without the sign bit (docs/spec/events.md).
const SMALL_ORDER = new Set([
  0n,
  1n,
  57896044618658097711785492504343953926634992332820282019728792003956564819948n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

/** @type {(bytes: Bytes) => bigint} */
export const littleEndian = (bytes) => bigint(bytes.slice().reverse());
/** @type {(number: bigint) => bigint} */
const modP = (number) => ((number % P_ED25519) + P_ED25519) % P_ED25519;

/** @type {(base: bigint, exponent: bigint) => bigint} */
function powerP(base, exponent) {
  let power = 1n;
  for (const bit of exponent.toString(2)) {
    power = (power * power) % P_ED25519;
    if (bit === "1") power = (power * base) % P_ED25519;
  }
  return power;
}

const ROOT_OF_MINUS_ONE = powerP(2n, (P_ED25519 - 1n) / 4n);

// Whether 32 bytes encode a point of small order or are not canonical.
/** @type {(bytes: Bytes) => boolean} */
export function refusesEncoding(bytes) {
  const y = BigInt.asUintN(255, littleEndian(bytes));
  return y >= P_ED25519 || SMALL_ORDER.has(y);
}

// x and y of a canonical encoding that is not of small order, RFC 8032 section 5.1.3.
/** @type {(bytes: Bytes) => [x: bigint, y: bigint] | undefined} */
function decodePoint(bytes) {
  const y = BigInt.asUintN(255, littleEndian(bytes));
  const [u, v] = [modP(y * y - 1n), modP(D_ED25519 * y * y + 1n)];
  let x = modP(u * v ** 3n * powerP(modP(u * v ** 7n), (P_ED25519 - 5n) / 8n));
  if (modP(v * x * x) !== u) x = modP(x * ROOT_OF_MINUS_ONE);
  if (modP(v * x * x) !== u) return undefined;
  return [(x & 1n) === BigInt(bytes[31] >> 7) ? x : P_ED25519 - x, y];
}

// Whether L times the point is the neutral element: extended coordinates, a = -1.
/** @type {(x: bigint, y: bigint) => boolean} */
function isAnnihilated(x, y) {
  const [difference, total, product] = [y - x, y + x, modP(2n * D_ED25519 * x * y)];
  let [x1, y1, z1] = [x, y, 1n];
  for (const bit of ORDER_ED25519.toString(2).slice(1)) {
    const [xx, yy, xy] = [x1 * x1, y1 * y1, x1 + y1];
    let [g, h] = [(xx - yy) % P_ED25519, (xx + yy) % P_ED25519];
    let [e, f] = [(xx + yy - xy * xy) % P_ED25519, (2n * z1 * z1 + xx - yy) % P_ED25519];
    const t1 = bit === "0" ? 0n : (e * h) % P_ED25519;
    [x1, y1, z1] = [(e * f) % P_ED25519, (g * h) % P_ED25519, (f * g) % P_ED25519];
    if (bit === "0") continue;
    const [a, b, c] = [
      ((y1 - x1) * difference) % P_ED25519,
      ((y1 + x1) * total) % P_ED25519,
      (t1 * product) % P_ED25519,
    ];
    [e, f, g, h] = [b - a, 2n * z1 - c, 2n * z1 + c, b + a];
    [x1, y1, z1] = [(e * f) % P_ED25519, (g * h) % P_ED25519, (f * g) % P_ED25519];
  }
  return x1 === 0n && (y1 - z1) % P_ED25519 === 0n;
}

// Each key is multiplied once, however often it is loaded.
/** @type {Map<string, boolean>} */
const primeOrder = new Map();

/** @type {(bytes: Bytes) => void} */
export function checkPublicPoint(bytes) {
  if (refusesEncoding(bytes)) refuse("key.weak", "the Ed25519 key is non-canonical or of small order");
  const point = decodePoint(bytes);
  if (!point) return refuse("key.form", "the Ed25519 key is not a point on the curve");
  const name = toHex(bytes);
  if (!primeOrder.has(name)) primeOrder.set(name, isAnnihilated(...point));
  if (!primeOrder.get(name))
    refuse("key.weak", "the Ed25519 key is not in the subgroup of prime order");
  return undefined;
}
