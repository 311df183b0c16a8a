// @ts-check
// Verifies passports of traceledger by docs/spec/ of the repository, in browsers and in Node.
//
//   const report = await verifyPassport(passport, trust, item, { now, catalogue });
//
// `passport` and `trust` are the bytes of the two files, `item` is the item wanted, `now` seconds
// since 1970, `companions` are passports of other ledgers with their trust files, for parts that had an
// earlier life there, `catalogue` the content of catalogue.json, generated from the same table as
// docs/spec/catalogue.md. `firstUse: true` states that the trust file came from the ledger itself.
// The report is the object of docs/spec/results.md; a refusal is returned, not thrown.
// UnsupportedError: this browser cannot check Ed25519 signatures, so nothing was checked.
//
// One module without dependencies; cryptography is WebCrypto's. It shares no code with the library
// in Python, so the two are independent implementations.

/**
 * @import {
 *   Allowed, AnyRegistration, AnyStanding, Bounds, Bytes, Catalogue, Chain, Checkpoint, Claims, Companion,
 *   Data, Ed25519, Effect, Event, Failed, Field, Former, FormerLife, Json, JsonObject, Judgement, Jwk, Key, KeyStanding,
 *   Kind, KnownEvent, LabelKey, LedgerStanding, Life, Link, ListedLedger, Mention, MentionOfFields, Note, Open,
 *   Opened, Options, PartyStanding, Passport, Periods, Policy, Position, RecordedEvent, RegisteringEvent,
 *   Registrations, Report, Rights, Shown, ShownEvent, SignedTrustList, Signer, Token, Trust, TrustList, Verified, Verify, Vkey, Work
 * } from "./types.d.ts"
 */

export class UnsupportedError extends Error {}

class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
    this.chain = "";
    this.event = "";
  }
}

/** @type {(code: string, message: string) => never} */
function refuse(code, message) {
  throw new Refusal(code, message);
}

// Adds the location to refusals in `work` that have none.
/**
 * @template T
 * @param {string} chain
 * @param {string} event
 * @param {Work<T>} work
 * @returns {Promise<T>}
 */
async function placed(chain, event, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && !error.chain) Object.assign(error, { chain, event });
    throw error;
  }
}

// ---------------------------------------------------------------------------------------- bytes

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** @type {(text: string) => Bytes} */
export const encode = (text) => encoder.encode(text);

/** @type {(bytes: Uint8Array, code: string) => string} */
function decodeUtf8(bytes, code) {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse(code, "the bytes are not UTF-8");
  }
}

/** @type {(...parts: ArrayLike<number>[]) => Bytes} */
function join(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @type {(one: Uint8Array, other: Uint8Array) => boolean} */
function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** @type {(...parts: ArrayLike<number>[]) => Promise<Bytes>} */
async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

/** @type {(number: number | bigint) => Bytes} */
function u64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

/** @type {(bytes: Uint8Array) => string} */
const toHex = (bytes) => bytes.reduce((text, byte) => text + (byte + 256).toString(16).slice(1), "");
/** @type {(bytes: Uint8Array) => bigint} */
const bigint = (bytes) => BigInt(`0x0${toHex(bytes)}`);

/** @type {(binary: string) => Bytes} */
function fromBinary(binary) {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** @type {(bytes: Uint8Array) => string} */
function toBinary(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return binary;
}

/** @type {(bytes: Uint8Array) => string} */
const toBase64 = (bytes) => btoa(toBinary(bytes));

/** @type {(bytes: Uint8Array) => string} */
export function toBase64url(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The bytes, or undefined if the text is not in canonical form.
/** @type {(text: string) => Bytes | undefined} */
function fromBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return undefined;
  const binary = atob(text);
  return btoa(binary) === text ? fromBinary(binary) : undefined;
}

/** @type {(text: string) => Bytes | undefined} */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(standard.padEnd(Math.ceil(text.length / 4) * 4, "="));
}

// The bytes of a text whose form has been checked.
/** @type {(text: string) => Bytes} */
const bytesOf = (text) => /** @type {Bytes} */ (fromBase64url(text));

// ------------------------------------------------------------------------------- canonical JSON

const MAX_DEPTH = 8;
const MEMBER = /^[a-z_][a-z0-9_]{0,63}$/;
/** @type {Record<string, string>} */
const ESCAPES = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

// Decodes canonical JSON of the profile in docs/spec/events.md and nothing else.
// `depth` is the level of the value, for one that is nested in others.
/** @type {(bytes: Uint8Array, depth?: number) => Json} */
function parseJson(bytes, depth = 1) {
  const text = decodeUtf8(bytes, "encoding.json");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("encoding.json", "this is not JSON");
  }
  // JSON.parse reads 1.0 and 1e0 as the integer 1.
  if (/[0-9][.eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, "")))
    refuse("encoding.json", "a number is not a plain integer");
  if (formatJson(value, depth) !== text)
    refuse("encoding.canonical", "the JSON is valid but not in canonical form");
  return value;
}

/** @type {(value: unknown, depth?: number) => string} */
function formatJson(value, depth = 1) {
  if (typeof value === "string") return formatString(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) refuse("encoding.json", `the number ${value} is not allowed`);
    return Object.is(value, -0) ? "0" : String(value);
  }
  if (value === null) refuse("encoding.json", "null is not allowed");
  if (depth > MAX_DEPTH) refuse("encoding.json", "there are more than 8 levels");
  if (Array.isArray(value)) return `[${value.map((one) => formatJson(one, depth + 1)).join(",")}]`;
  const object = /** @type {JsonObject} */ (value);
  const members = Object.keys(object)
    .sort()
    .map((name) => {
      if (!MEMBER.test(name) || name === "__proto__")
        refuse("encoding.json", "a member name is not allowed");
      return `"${name}":${formatJson(object[name], depth + 1)}`;
    });
  return `{${members.join(",")}}`;
}

/** @type {(text: string) => string} */
function formatString(text) {
  if (/\0|\p{Surrogate}/u.test(text)) refuse("encoding.json", "a string contains U+0000 or a surrogate");
  const escaped = text.replace(
    /["\\\u0001-\u001f]/g,
    (character) =>
      ESCAPES[character] ?? `\\u00${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}

/** @type {(value: unknown) => value is JsonObject} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @type {(value: unknown) => value is string} */
const isText = (value) => typeof value === "string";
/** @type {(value: unknown) => value is number} */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** @type {(object: object, name: string) => boolean} */
export const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

/**
 * @template T
 * @param {T[]} list
 * @returns {T | undefined}
 */
const lastOf = (list) => list[list.length - 1];

// The value of a key that the map contains by construction.
/**
 * @template K, V
 * @param {Map<K, V>} map
 * @param {K} key
 * @returns {V}
 */
function lookUp(map, key) {
  const value = map.get(key);
  if (value === undefined) throw new Error(`there is nothing for ${key}`);
  return value;
}

// Whether an object has the required members, optionally the others named, and no more.
/** @type {(value: unknown, required: string[], optional?: string[]) => value is JsonObject} */
function hasMembers(value, required, optional = []) {
  return (
    isObject(value) &&
    required.every((name) => has(value, name)) &&
    Object.keys(value).every((name) => required.includes(name) || optional.includes(name))
  );
}

/** @type {(text: string) => number} */
const codePoints = (text) => [...text].length;

// ------------------------------------------------------------------------------------- item ids

const ID = "[A-Za-z0-9-]{1,40}";
const RANDOM_ID = "[A-Za-z0-9-]{16,40}";
/** @type {[form: string, pattern: RegExp][]} */
const ITEM_FORMS = Object.entries({
  unit: `01/[0-9]{14}/21/[A-Z0-9-]{1,20}|x/unit/${ID}`,
  asset: "8004/[A-Z0-9-]{1,30}",
  core: `x/core/${ID}`,
  component: `x/component/${ID}`,
  lot: `lot/${ID}`,
  declaration: `decl/${RANDOM_ID}`,
  book: `book/${RANDOM_ID}`,
  party: `party/${ID}`,
  key: "key/[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]",
  ledger: "ledger",
  policy: "policy",
}).map(([form, pattern]) => [form, new RegExp(`^(?:${pattern})$`)]);

/** @type {(item: string) => string | undefined} */
export const formOf = (item) => ITEM_FORMS.find(([, pattern]) => pattern.test(item))?.[0];

// GS1's check digit, modulo 10: weights 3 and 1 from the right.
/** @type {(digits: string) => boolean} */
function checkDigitHolds(digits) {
  const sum = [...digits].reduceRight(
    (total, digit, at) => total + Number(digit) * ((digits.length - at) % 2 ? 1 : 3),
    0,
  );
  return sum % 10 === 0;
}

/** @type {(item: unknown) => string} */
function parseItem(item) {
  if (!isText(item) || !formOf(item)) refuse("item.form", `${item} is not an item id`);
  if (item.startsWith("01/") && !checkDigitHolds(item.slice(3, 17)))
    refuse("item.check-digit", `the check digit of ${item} is wrong`);
  return item;
}

// The item id in an address, such as the one in a QR code, or the text itself.
/** @type {(text: string) => string} */
export function itemOf(text) {
  const found = /^https?:\/\/[^?#\s]+?\/((?:01|8004|x)\/[^?#\s]*)(?:#.*)?$/.exec(text.trim());
  return found ? found[1] : text.trim();
}

// Proper prefixes of item ids, a character shorter than the longest id.
const PREFIX = new RegExp(
  `^(?:${[
    "0",
    "01",
    "01/[0-9]{0,14}",
    "01/[0-9]{14}/",
    "01/[0-9]{14}/2",
    "01/[0-9]{14}/21",
    "01/[0-9]{14}/21/[A-Z0-9-]{0,19}",
    "8",
    "80",
    "800",
    "8004",
    "8004/[A-Z0-9-]{0,29}",
    "x",
    "x/",
    "x/u",
    "x/un",
    "x/uni",
    "x/unit",
    "x/c",
    "x/co",
    "x/cor",
    "x/core",
    "x/com",
    "x/comp",
    "x/compo",
    "x/compon",
    "x/compone",
    "x/componen",
    "x/component",
    "x/(?:unit|core|component)/[A-Za-z0-9-]{0,39}",
    "l",
    "lo",
    "lot",
    "d",
    "de",
    "dec",
    "decl",
    "b",
    "bo",
    "boo",
    "book",
    "(?:lot|decl|book)/[A-Za-z0-9-]{0,39}",
  ].join("|")})$`,
);

/** @type {(text: string) => boolean} */
function isPrefix(text) {
  return PREFIX.test(text) && (!/^01\/[0-9]{14}/.test(text) || checkDigitHolds(text.slice(3, 17)));
}

// ----------------------------------------------------------------------------------------- keys

const P_ED25519 = (1n << 255n) - 19n;
const D_ED25519 = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ORDER_ED25519 = (1n << 252n) + 27742317777372353535851937790883648493n;
// y of the eight points of small order, without the sign bit (docs/spec/events.md).
const SMALL_ORDER = new Set([
  0n,
  1n,
  57896044618658097711785492504343953926634992332820282019728792003956564819948n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);
const P_256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B_256 = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ORDER_256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** @type {(bytes: Bytes) => bigint} */
const littleEndian = (bytes) => bigint(bytes.slice().reverse());
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
function isRefusedPoint(bytes) {
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
function checkEd25519(bytes) {
  if (isRefusedPoint(bytes)) refuse("key.weak", "the Ed25519 key is non-canonical or of small order");
  const point = decodePoint(bytes);
  if (!point) return refuse("key.form", "the Ed25519 key is not a point on the curve");
  const name = toHex(bytes);
  if (!primeOrder.has(name)) primeOrder.set(name, isAnnihilated(...point));
  if (!primeOrder.get(name))
    refuse("key.weak", "the Ed25519 key is not in the subgroup of prime order");
  return undefined;
}

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
  const key = /** @type {Bytes} */ (fromBase64url(PROBE_KEY));
  const signature = /** @type {Bytes} */ (fromBase64url(PROBE_SIGNATURE));
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
async function byEngine(work) {
  try {
    return await work;
  } catch (error) {
    throw new UnsupportedError("this browser cannot check the signatures", { cause: error });
  }
}

/** @type {(bytes: Bytes) => Promise<Verify>} */
async function importEd25519(bytes) {
  checkEd25519(bytes);
  const verify = await byEngine(ed25519(bytes));
  return async (signature, message) =>
    signature.length === 64 &&
    littleEndian(signature.slice(32)) < ORDER_ED25519 &&
    !isRefusedPoint(signature.slice(0, 32)) &&
    byEngine(verify(signature, message));
}

/** @type {(number: bigint) => boolean} */
const isScalar256 = (number) => number > 0n && number < ORDER_256;

/** @type {(x: Bytes, y: Bytes) => Promise<Verify>} */
async function importP256(x, y) {
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

// A registered key: its thumbprint, the algorithms it accepts, and verify(signature, message).
/** @type {(jwk: Jwk) => Promise<Key>} */
async function loadJwk(jwk) {
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
export const thumbprint = async (jwk) => toBase64url(await sha256(encode(formatJson(jwk))));

// ---------------------------------------------------------------------------------- signed notes

const MAX_NOTE = 1 << 20;
const MAX_LINES = 100;
const TYPE_LOG = 1;
const TYPE_WITNESS = 4;
const ORIGIN = /^[\x21-\x2a\x2c-\x7e]{1,255}$/;
// Unicode's White_Space and the separators U+001C to U+001F, which key names exclude.
const SPACE = /[\p{White_Space}\x1c-\x1f]/u;

/** @type {(text: unknown) => text is string} */
const isOrigin = (text) =>
  isText(text) && ORIGIN.test(text) && !/^(?:traceledger|cosignature)\//.test(text);
/** @type {(text: string) => boolean} */
const isKeyName = (text) => text !== "" && !SPACE.test(text) && !text.includes("+");

/** @type {(text: string) => Note} */
function parseNote(text) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("note.form", message);
  const bytes = encode(text);
  if (bytes.length > MAX_NOTE) refused("the note is larger than 1 MiB");
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) refused("the note contains a control character");
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || !text.endsWith("\n")) refused("the note has no blank line before its signatures");
  const lines = text
    .slice(end + 2)
    .split("\n")
    .slice(0, -1);
  if (lines.length < 1 || lines.length > MAX_LINES) refused("a note has 1 to 100 signature lines");
  const signatures = lines.map((line) => {
    const [dash, name, blob, ...rest] = line.split(" ");
    const raw = blob === undefined ? undefined : fromBase64(blob);
    if (dash !== "\u2014" || rest.length || !isKeyName(name) || !raw || raw.length < 5)
      refused("a signature line does not have the form of C2SP signed-note");
    return { name, id: raw.slice(0, 4), signature: raw.slice(4) };
  });
  return { text: text.slice(0, end + 1), signatures };
}

// key name "+" key id in hexadecimal "+" base64 of type and public key
/** @type {(text: string) => Promise<Vkey>} */
async function parseVkey(text) {
  /** @type {() => never} */
  const refused = () => refuse("note.key", `${text} is not a verifier key`);
  const [name, id, ...rest] = text.split("+");
  const blob = rest.length ? fromBase64(rest.join("+")) : undefined;
  if (!blob?.length) refused();
  const [type, raw] = [blob[0], blob.slice(1)];
  if (raw.length !== 32) refuse("key.form", "an Ed25519 key has 32 bytes");
  const verify = await importEd25519(raw);
  const keyId = (await sha256(encode(`${name}\n`), blob)).slice(0, 4);
  if (!isKeyName(name) || ![TYPE_LOG, TYPE_WITNESS].includes(type) || toHex(keyId) !== id)
    refused();
  return { text, name, id: keyId, type, raw, verify };
}

/** @type {(text: string) => bigint | undefined} */
function parseDecimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 1n << 63n ? value : undefined;
}

/** @type {(text: unknown) => Bytes | undefined} */
function parseHash(text) {
  const bytes = isText(text) ? fromBase64(text) : undefined;
  return bytes?.length === 32 ? bytes : undefined;
}

/** @type {(text: string) => Promise<Checkpoint>} */
async function parseCheckpoint(text) {
  const [origin, sizeText, rootText, ...rest] = text.split("\n");
  const [size, root] = [parseDecimal(sizeText ?? ""), parseHash(rootText ?? "")];
  if (rest.length !== 1 || rest[0] !== "" || !isOrigin(origin) || size === undefined || !root)
    refuse("checkpoint.form", "the checkpoint is not three lines of origin, size and root");
  if (size === 0n && !equal(root, await sha256()))
    refuse("checkpoint.form", "size 0 requires the empty root");
  return { origin, size, root };
}

/** @type {(text: string) => { index: bigint; mapRoot: Bytes }} */
function parseSeal(text) {
  const [format, indexText, rootText, countText, beforeText, ...rest] = text.split("\n");
  const [index, count] = [parseDecimal(indexText ?? ""), parseDecimal(countText ?? "")];
  const mapRoot = parseHash(rootText ?? "");
  const before = beforeText === "-" ? undefined : parseDecimal(beforeText ?? "");
  const fits =
    format === "traceledger/seal/v1" &&
    rest.length === 1 &&
    rest[0] === "" &&
    index !== undefined &&
    index > 0n &&
    count !== undefined &&
    count > 0n &&
    count <= index &&
    mapRoot &&
    (beforeText === "-" || (before !== undefined && before > 0n && before < index));
  if (!fits) refuse("seal.form", "the seal does not have the form of five lines");
  return { index, mapRoot };
}

// ---------------------------------------------------------------------------- policy, trust file

// C2SP tlog-policy: the logs, the witnesses and groups by name, and the quorum.
/** @type {(text: string) => Promise<Policy>} */
async function parsePolicy(text) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("policy.form", message);
  if (!text.endsWith("\n") || /[\x00-\x08\x0b-\x1f\x7f]/.test(text))
    refused("the policy contains a control character or does not end in a line break");
  /** @type {Omit<Policy, "quorum"> & { quorum: string | undefined }} */
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined };
  /** @type {Set<string>} */
  const members = new Set();
  /** @type {(name: string) => string} */
  const define = (name) => {
    if (name === "none" || policy.witnesses.has(name) || policy.groups.has(name))
      refused(`the name ${name} is taken`);
    return name;
  };
  /** @type {(name: string) => boolean} */
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  /** @type {Vkey[]} */
  const keys = [];
  /** @type {(vkey: string, type: number) => Promise<Vkey>} */
  const newKey = async (vkey, type) => {
    const key = await parseVkey(vkey);
    if (key.type !== type) refused(`the key of ${key.name} is of the wrong type`);
    if (keys.some((other) => equal(other.raw, key.raw))) refused("a public key occurs twice");
    keys.push(key);
    return key;
  };
  /** @type {Record<string, (...words: string[]) => Promise<void>>} */
  const statements = {
    log: async (vkey, ...url) => {
      if (vkey === undefined || url.length > 1) refused("log VKEY [URL]");
      const key = await newKey(vkey, TYPE_LOG);
      if (!isOrigin(key.name)) refused(`${key.name} is not an origin`);
      policy.logs.push(key);
    },
    witness: async (name, vkey, ...url) => {
      if (vkey === undefined || url.length > 1) refused("witness NAME VKEY [URL]");
      const key = await newKey(vkey, TYPE_WITNESS);
      policy.witnesses.set(define(name), key);
    },
    group: async (name, threshold, ...names) => {
      if (!names.length) refused("group NAME all|any|K MEMBER...");
      for (const member of names) {
        if (!known(member) || members.has(member)) refused(`${member} cannot be a member`);
        members.add(member);
      }
      /** @type {Record<string, number>} */
      const words = { all: names.length, any: 1 };
      const needed = has(words, threshold) ? words[threshold] : Number(threshold);
      if (!/^(?:all|any|[1-9][0-9]*)$/.test(threshold) || needed > names.length)
        refused(`${threshold} of ${names.length} members cannot be required`);
      policy.groups.set(define(name), { needed, members: names });
    },
    quorum: async (name, ...rest) => {
      if (name === undefined || rest.length || policy.quorum !== undefined)
        refused("quorum NAME, once");
      if (name !== "none" && !known(name)) refused(`${name} is neither witness nor group`);
      policy.quorum = name;
    },
  };
  for (const line of text.split("\n").slice(0, -1)) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === undefined || word.startsWith("#")) continue;
    if (!has(statements, word)) refused(`${word} is not a statement of a policy`);
    await statements[word](...rest);
  }
  const { quorum } = policy;
  if (quorum === undefined) return refused("the policy has no quorum");
  return { ...policy, quorum };
}

// The latest time for which the cosignatures of that time or later satisfy a name.
/** @type {(policy: Policy, name: string, times: Map<string, bigint>) => bigint | undefined} */
function timeOf(policy, name, times) {
  const group = policy.groups.get(name);
  if (!group) return times.get(name);
  const { needed, members } = group;
  const met = members
    .map((member) => timeOf(policy, member, times))
    .filter((time) => time !== undefined);
  return met.sort((one, other) => (one < other ? 1 : -1))[needed - 1];
}

const MAX_TRUST = 1 << 16;
const TRUST = ["customs", "format", "founding", "items", "max_age", "origin", "policy"];
/** @type {(value: unknown) => value is string} */
const isHash = (value) =>
  isText(value) && value.length === 43 && fromBase64url(value) !== undefined;
/** @type {(value: unknown, least: number) => value is Json[]} */
const isList = (value, least) =>
  Array.isArray(value) && value.length >= least && value.length <= 64;
/** @type {(list: unknown[]) => boolean} */
const isUnique = (list) => new Set(list.map((one) => formatJson(one))).size === list.length;

/** @type {(bytes: Uint8Array) => Promise<Trust>} */
async function parseTrust(bytes) {
  /** @type {(holds: unknown, message: string) => asserts holds} */
  function check(holds, message) {
    if (!holds) refuse("trust.form", message);
  }
  check(bytes.length <= MAX_TRUST, "the trust file is larger than 64 KiB");
  const trust = await recoded("trust.form", ["encoding."], () => parseJson(bytes));
  check(
    hasMembers(trust, TRUST, ["replayed_by", "until", "label_keys", "verifier"]),
    "a member is missing or unknown",
  );
  const { customs, founding, items, max_age, origin, replayed_by: replayer } = trust;
  const { until = [], label_keys: labels = [], verifier } = trust;
  check(trust.format === "traceledger/trust/v1", "format");
  check(isOrigin(origin), "origin");
  check(isHash(founding), "founding");
  check(isList(customs, 0) && customs.every(isHash), "customs");
  check(isList(items, 1), "items");
  check(items.every(isText), "items");
  check(isCount(max_age) && max_age >= 1, "max_age");
  check(isText(trust.policy), "policy");
  check(isList(until, has(trust, "until") ? 1 : 0), "until");
  check(until.every(isReplaced), "until");
  check(verifier === undefined || isWebAddress(verifier), "verifier");
  check(isList(labels, has(trust, "label_keys") ? 1 : 0), "label_keys");
  const labelKeys = labels.map((one) =>
    isLabelKey(one) ? one : refuse("trust.form", "label_keys"),
  );
  const policy = await parsePolicy(trust.policy);
  check(
    policy.logs.some((log) => log.name === origin),
    "no log of the policy is the origin",
  );
  check(
    replayer === undefined ||
      (isText(replayer) && (policy.witnesses.has(replayer) || policy.groups.has(replayer))),
    "replayed_by",
  );
  check(items.every(isPrefix), "items");
  check([customs, items, until.map((one) => one.key), labelKeys].every(isUnique), "twice");
  const vkeys = [...policy.logs, ...policy.witnesses.values()].map((key) => key.text);
  check(
    until.every((one) => vkeys.includes(one.key)),
    "until",
  );
  for (const one of labelKeys) await loadJwk(one.jwk);
  const retired = new Set(until.map((one) => one.key));
  return { customs, founding, items, max_age, origin, policy, replayer, retired, verifier };
}

// A web address as docs/spec/events.md defines it.
const WEB =
  /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[1-9][0-9]{0,4})?(?:\/[!#-;=?-Z_a-z~]*)?$/u;

/** @type {(value: unknown) => value is string} */
const isWebAddress = (value) => isText(value) && value.length <= 500 && WEB.test(value);

// A log key that was replaced, and the last checkpoint that it may sign.
/** @type {(value: unknown) => value is { key: string }} */
function isReplaced(value) {
  return (
    hasMembers(value, ["key", "root", "size"]) &&
    isText(value.key) &&
    parseHash(value.root) !== undefined &&
    isCount(value.size) &&
    value.size >= 1
  );
}

/** @type {(value: unknown) => value is LabelKey} */
function isLabelKey(value) {
  return (
    hasMembers(value, ["jwk", "party"]) &&
    isJwk(value.jwk) &&
    isText(value.party) &&
    formOf(value.party) === "party"
  );
}

/** @type {(value: unknown) => value is Jwk} */
function isJwk(value) {
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

// Replaces the code of refusals whose code has one of the prefixes.
/**
 * @template T
 * @param {string} code
 * @param {string[]} beginnings
 * @param {Work<T>} work
 * @returns {Promise<T>}
 */
async function recoded(code, beginnings, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && beginnings.some((one) => error.code.startsWith(one)))
      error.code = code;
    throw error;
  }
}

// ----------------------------------------------------------------------------------- trust lists

const MAX_LIST = 1 << 22;
const MAX_LEDGERS = 4096;
const LIST_FORMAT = "traceledger/trust-list/v1";
const END_OF_TIME = 253_402_300_799n; // the last second of the year 9999

/** @type {(bytes: Uint8Array) => Promise<SignedTrustList>} */
async function parseTrustList(bytes) {
  /** @type {(holds: unknown, message: string) => asserts holds} */
  function check(holds, message) {
    if (!holds) refuse("trust-list.form", message);
  }
  check(bytes.length <= MAX_LIST, "the trust list is larger than 4 MiB");
  const list = await recoded("trust-list.form", ["encoding."], () => parseJson(bytes));
  check(hasMembers(list, ["format", "key", "ledgers", "note"]), "a member is missing or unknown");
  check(list.format === LIST_FORMAT && isText(list.key) && isText(list.note), "members");
  check(Array.isArray(list.ledgers), "ledgers");
  check(list.ledgers.length >= 1 && list.ledgers.length <= MAX_LEDGERS, "ledgers");
  const ledgers = list.ledgers.map((file) => {
    check(isObject(file) && isText(file.origin), "ledgers");
    const { origin, items } = file;
    check(Array.isArray(items) && items.every(isText), "ledgers");
    return { file: encode(formatJson(file)), origin, items };
  });
  check(isUnique(ledgers.map(({ origin }) => origin)), "a ledger is listed twice");
  const key = await parseVkey(list.key);
  if (key.type !== TYPE_LOG) refuse("note.key", "the key is of the wrong type");
  check(isOrigin(key.name), "key");
  const note = parseNote(list.note);
  const [format, name, ...rest] = note.text.split("\n");
  check(format === LIST_FORMAT && name === key.name && rest.length === 5, "note");
  const [sequence, issued, expires] = rest.slice(0, 3).map(parseDecimal);
  const digest = parseHash(rest[3]);
  check(sequence && sequence <= Number.MAX_SAFE_INTEGER, "the number of the list");
  check(issued !== undefined && expires !== undefined, "the times of the list");
  check(issued < expires && expires <= END_OF_TIME && digest, "the times or the hash of the list");
  const numbers = { sequence: Number(sequence), issued: Number(issued), expires: Number(expires) };
  return { list: { name, ...numbers, ledgers }, key, note, digest };
}

// Verifies a list by the fingerprint of its authority's key.
/**
 * @param {Uint8Array} bytes
 * @param {{ key: string; since?: number; now: number }} known
 * @returns {Promise<TrustList>}
 */
async function verifyTrustList(bytes, { key: fingerprint, since = 0, now }) {
  const { list, key, note, digest } = await parseTrustList(bytes);
  if ((await fingerprintOf(encode(key.text))) !== fingerprint)
    refuse("trust-list.key", "the list is by another key");
  const lines = note.signatures.filter(({ name, id }) => name === key.name && equal(id, key.id));
  if (lines.length > 1) refuse("note.form", "two lines are by the same key");
  if (!lines.length || !(await key.verify(lines[0].signature, encode(note.text))))
    refuse("note.signature", "the authority did not sign the list");
  const files = list.ledgers.flatMap(({ file }) => [file, [10]]);
  if (!equal(await sha256(...files), digest))
    refuse("trust-list.changed", "the trust files are not those that the authority signed");
  if (list.sequence < since) refuse("trust-list.older", `a list ${since} is known`);
  if (list.issued > now + Number(MAX_AHEAD)) refuse("trust-list.early", "the list does not hold yet");
  if (list.expires <= now) refuse("trust-list.expired", "the list has expired");
  return list;
}

// A ledger can list more beginnings than a call has arguments.
/** @type {(ledger: ListedLedger, item: string) => number} */
const fitOf = ({ items }, item) =>
  items.reduce((longest, start) => (item.startsWith(start) ? Math.max(longest, start.length) : longest), 0);

// The ledger that speaks for an item, docs/spec/trust-list.md; `origin` is what the record claims.
/** @type {(list: Pick<TrustList, "ledgers">, item: string, origin: string) => ListedLedger | undefined} */
export function chooseLedger({ ledgers }, item, origin) {
  const longest = Math.max(...ledgers.map((ledger) => fitOf(ledger, item)));
  const best = ledgers.filter((ledger) => longest > 0 && fitOf(ledger, item) === longest);
  return best.find((ledger) => ledger.origin === origin) ?? best[0];
}

// Whether the bytes claim to be a trust list.
/** @type {(bytes: Uint8Array) => boolean} */
export function isTrustList(bytes) {
  const beginning = encode('{"format":"traceledger/trust-list/');
  return equal(bytes.slice(0, beginning.length), beginning);
}

// The fingerprint of the key that a trust list names, and the list, with nothing verified.
/** @type {(bytes: Uint8Array) => Promise<{ key: string; list: TrustList } | undefined>} */
export async function readTrustList(bytes) {
  try {
    const { key, list } = await parseTrustList(bytes);
    return { key: await fingerprintOf(encode(key.text)), list };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

// Opens a trust list by the fingerprint of its authority's key. `since` is the number of the newest
// list that was accepted. Returns a report `unchecked` for a list that does not count.
/**
 * @param {Uint8Array} bytes
 * @param {{ key: string; since?: number; now: number }} known
 * @returns {Promise<{ result: "opened"; list: TrustList } | Failed<"unchecked">>}
 */
export async function openTrustList(bytes, known) {
  try {
    return { result: "opened", list: await verifyTrustList(bytes, known) };
  } catch (error) {
    return failed("unchecked", "Get the newest list from the authority.", error);
  }
}

// The origin that a trust file names, only for choosing among files; empty if there is none.
/** @type {(trust: Uint8Array) => string} */
export function originOf(trust) {
  try {
    return String(JSON.parse(new TextDecoder().decode(trust)).origin);
  } catch {
    return "";
  }
}

// The origin that a passport claims, only for choosing a trust file; empty if there is none.
/** @type {(passport: Uint8Array) => string} */
export function claimedOrigin(passport) {
  try {
    const { checkpoint } = JSON.parse(new TextDecoder().decode(passport));
    return String(checkpoint).split("\n", 1)[0];
  } catch {
    return "";
  }
}

// ---------------------------------------------------------------------------------- Merkle proofs

// RFC 9162 section 2.1.3.2; `index` and `size` are BigInts.
/**
 * @type {(leaf: Bytes, index: bigint, size: bigint, proof: Bytes[], root: Bytes) => Promise<void>}
 */
async function checkInclusion(leaf, index, size, proof, root) {
  /** @type {() => never} */
  const refused = () => refuse("merkle.proof", "the inclusion proof does not lead to the root");
  if (index >= size) refused();
  let [fn, sn, hash] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (sn === 0n) refused();
    if (fn & 1n || fn === sn) {
      hash = await sha256([1], sibling, hash);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = await sha256([1], hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n || !equal(hash, root)) refused();
}

// Map of latest heads, docs/spec/log.md; the root's child first.
/**
 * @type {(item: string, seq: number, head: Bytes, proof: Bytes[], root: Bytes) => Promise<void>}
 */
async function checkHead(item, seq, head, proof, root) {
  const key = await sha256(encode(`traceledger/map-key/v1\n${item}`));
  let hash = await sha256([2], key, u64(seq), head);
  for (let depth = proof.length - 1; depth >= 0; depth--) {
    const bit = (key[depth >> 3] >> (7 - (depth & 7))) & 1;
    hash = bit ? await sha256([3], proof[depth], hash) : await sha256([3], hash, proof[depth]);
  }
  if (!equal(hash, root)) refuse("map.proof", "the map proof does not lead to the sealed map root");
}

// ---------------------------------------------------------------------------------------- events

const MAX_TOKEN = 32_768;
const MAX_WIRE = 131_072;
const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
const CLAIMS = ["aud", "data", "iat", "iss", "kind", "occurred", "seq", "sub"];

// The token and the disclosures of `token~disclosure~...~`.
/** @type {(wire: string) => { token: string; disclosures: string[] }} */
function splitWire(wire) {
  if (encode(wire).length > MAX_WIRE) refuse("wire.size", "the event is larger than 128 KiB");
  if (!wire.endsWith("~")) refuse("wire.form", "an event must end in ~");
  const [token, ...disclosures] = wire.slice(0, -1).split("~");
  return { token, disclosures };
}

// The content of a token; `row` is its kind in the catalogue, if known.
/** @type {(token: string, catalogue: Catalogue) => Promise<Token & Pick<Event, "row">>} */
async function parseToken(token, catalogue) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("token.form", message);
  if (token.length > MAX_TOKEN) refuse("token.size", "the token is larger than 32 KiB");
  const parts = token.split(".");
  const [header, claims, signature] = parts.map(fromBase64url);
  if (parts.length !== 3 || !header || !claims || signature?.length !== 64)
    return refused("a token is header.payload.signature in canonical base64url");
  const { alg, kid } = await recoded("token.form", ["encoding."], () => parseHeader(header));
  /** @type {unknown} */
  const payload = parseJson(claims);
  checkClaims(payload);
  const row = has(catalogue.kinds, payload.kind) ? catalogue.kinds[payload.kind] : undefined;
  if (row) checkData(payload.data, row, catalogue);
  else if (has(payload.data, "_sd")) checkDigests(payload.data._sd);
  for (const item of [payload.sub, ...(payload.refs ?? []).map((link) => link.item)])
    parseItem(item);
  if (row) checkRestricted(payload.data._sd ?? {}, row);
  const leaf = await sha256([0], encode(token));
  return {
    id: toBase64url(leaf),
    leaf,
    alg,
    kid,
    row,
    signature,
    catalogue,
    signed: encode(token.slice(0, token.lastIndexOf("."))),
    kind: payload.kind,
    item: payload.sub,
    issuer: payload.iss,
    auth: payload.auth ?? "",
    seq: payload.seq,
    prev: payload.prev ?? "",
    origin: payload.aud,
    links: payload.refs ?? [],
    data: payload.data,
    digests: payload.data._sd ?? {},
  };
}

/** @type {(bytes: Bytes) => { alg: string; kid: string }} */
function parseHeader(bytes) {
  const header = parseJson(bytes);
  if (
    hasMembers(header, ["alg", "kid", "typ"]) &&
    header.typ === "tl-event+jwt" &&
    isText(header.alg) &&
    ["Ed25519", "EdDSA", "ES256"].includes(header.alg) &&
    isHash(header.kid)
  )
    return { alg: header.alg, kid: header.kid };
  return refuse("token.form", "the header is not that of an event");
}

/** @type {(payload: unknown) => asserts payload is Claims} */
function checkClaims(payload) {
  /** @type {(holds: unknown, name: string) => asserts holds} */
  function check(holds, name) {
    if (!holds) refuse("event.field", `${name} has a value that is not allowed`);
  }
  check(hasMembers(payload, CLAIMS, ["auth", "prev", "refs", "site"]), "the payload");
  const { aud, auth, iat, iss, kind, occurred, prev, refs, seq, site, sub } = payload;
  check(isText(aud) && ORIGIN.test(aud), "aud");
  check(isText(kind) && /^[a-z_]{1,40}$/.test(kind), "kind");
  check(isCount(iat), "iat");
  check(isCount(seq), "seq");
  check(isText(occurred) && TIME.test(occurred), "occurred");
  check(site === undefined || (isText(site) && /^[A-Za-z0-9-]{1,40}$/.test(site)), "site");
  check(auth === undefined || isHash(auth), "auth");
  check(prev === undefined || isHash(prev), "prev");
  check(isObject(payload.data), "data");
  check(
    refs === undefined || (Array.isArray(refs) && refs.length >= 1 && refs.length <= 129),
    "refs",
  );
  for (const link of refs ?? []) {
    check(hasMembers(link, ["as", "item"], ["event"]), "refs");
    check(isText(link.as) && /^[a-z_]{1,20}$/.test(link.as), "refs.as");
    check(!has(link, "event") || isHash(link.event), "refs.event");
    check(isItemText(link.item), "refs.item");
  }
  check(isText(iss) && (iss === "ledger" || formOf(iss) === "party"), "iss");
  check(isItemText(sub), "sub");
}

/** @type {(text: unknown) => text is string} */
const isItemText = (text) => isText(text) && codePoints(text) <= 80;

// Public fields in clear, restricted ones as digests in `_sd`.
/** @type {(data: Data, row: Kind, catalogue: Catalogue) => void} */
function checkData(data, row, catalogue) {
  /** @type {(holds: unknown, name: string) => asserts holds} */
  function check(holds, name) {
    if (!holds) refuse("event.field", `${name} has a value that is not allowed`);
  }
  const fields = Object.entries(row.fields);
  const restricted = fields.filter(([, field]) => field.reader !== "public");
  for (const name of Object.keys(data))
    check(name === "_sd" ? restricted.length : fieldOf(row, name)?.reader === "public", name);
  for (const [name, field] of fields) {
    if (field.reader !== "public") continue;
    if (has(data, name)) check(allows(field.allowed, data[name], catalogue), name);
    else check(!field.required, name);
  }
  if (has(data, "_sd")) checkDigests(data._sd);
}

/** @type {(digests: unknown) => void} */
function checkDigests(digests) {
  const hashes = isObject(digests) ? Object.values(digests) : [];
  if (hashes.length < 1 || hashes.length > 64 || !hashes.every(isHash))
    refuse("event.field", "_sd is not an object of names and digests");
}

/** @type {(digests: Record<string, string>, row: Kind) => void} */
function checkRestricted(digests, row) {
  const names = Object.keys(row.fields).filter((name) => isRestricted(row, name));
  const required = names.filter((name) => row.fields[name].required);
  if (!hasMembers(digests, required, names))
    refuse("event.field", "_sd does not contain the fields of the kind");
}

// Whether the catalogue allows a value; see traceledger/rules/portable.py.
/** @type {(allowed: Allowed, value: unknown, catalogue: Catalogue) => boolean} */
function allows(allowed, value, catalogue) {
  /** @type {(values: unknown[], inner: Allowed) => boolean} */
  const every = (values, inner) => values.every((one) => allows(inner, one, catalogue));
  /** @type {(size: number, bounds: Bounds) => boolean} */
  const bounded = (size, { min = 0, max = Infinity }) => size >= min && size <= max;
  if ("text" in allowed) {
    const { pattern, max = Infinity } = catalogue.texts[allowed.text];
    return isText(value) && codePoints(value) <= max && new RegExp(pattern, "u").test(value);
  }
  if ("integer" in allowed) {
    const [least, most] = allowed.integer;
    return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  }
  if ("boolean" in allowed) return typeof value === "boolean";
  if ("one" in allowed) return allowed.one.includes(value);
  if ("list" in allowed)
    return Array.isArray(value) && bounded(value.length, allowed) && every(value, allowed.list);
  if ("map" in allowed)
    return (
      isObject(value) &&
      bounded(Object.keys(value).length, allowed) &&
      every(Object.keys(value), allowed.names) &&
      every(Object.values(value), allowed.map)
    );
  if ("object" in allowed)
    return (
      hasMembers(value, allowed.required, Object.keys(allowed.object)) &&
      Object.entries(value).every(([name, one]) => allows(allowed.object[name], one, catalogue))
    );
  return "any" in allowed;
}

const DISCLOSURE = /^(\["[A-Za-z0-9_-]{22,64}","([a-z_][a-z0-9_]{0,63})",)[^ \t\n\v\f\r][^]*\]$/;

// Check 10 for one event: the restricted fields that are shown.
/** @type {(event: Event, disclosures: string[], catalogue: Catalogue) => Promise<JsonObject>} */
async function openDisclosures(event, disclosures, catalogue) {
  /** @type {() => never} */
  const refused = () => refuse("disclosure.form", "a disclosure is not [salt, name, value]");
  /** @type {JsonObject} */
  const shown = {};
  let before = "";
  for (const disclosure of disclosures) {
    const bytes = fromBase64url(disclosure) ?? refused();
    const [, start, name] = DISCLOSURE.exec(toBinary(bytes)) ?? refused();
    const digest = toBase64url(await sha256(encode(disclosure)));
    if (!has(event.digests, name) || event.digests[name] !== digest)
      refuse("disclosure.digest", `the disclosure of ${name} does not match the signed digest`);
    if (name <= before) refuse("disclosure.order", `${name} follows ${before}`);
    const value = parseJson(bytes.slice(start.length, -1), 2);
    if (event.row && !allows(event.row.fields[name].allowed, value, catalogue))
      refuse("event.field", `${name} has a value that is not allowed`);
    shown[name] = value;
    before = name;
  }
  return shown;
}

// --------------------------------------------------------------- check 1: the file and its chains

const MAX_PASSPORT = 1 << 20;
/** @type {(item: string, catalogue: Catalogue) => boolean} */
const isThing = (item, { authority }) => !authority.includes(formOf(item) ?? "");

/** @type {(bytes: Uint8Array, catalogue: Catalogue) => Promise<Passport>} */
async function parsePassport(bytes, catalogue) {
  /** @type {(holds: unknown, message: string) => asserts holds} */
  function check(holds, message) {
    if (!holds) refuse("passport.form", message);
  }
  check(bytes.length <= MAX_PASSPORT, "the passport is larger than 1 MiB");
  const passport = await recoded("passport.form", ["encoding."], () => parseJson(bytes));
  check(
    hasMembers(passport, ["chains", "checkpoint", "format", "item", "order", "seal"]),
    "members",
  );
  const { chains, checkpoint, format, item, order, seal } = passport;
  check(format === "traceledger/passport/v1", "format");
  check(
    isText(item) && isText(checkpoint) && Array.isArray(chains) && Array.isArray(order),
    "members",
  );
  check(hasMembers(seal, ["proof", "text"]) && isText(seal.text), "seal");
  check(isProof(seal.proof, 63) && chains.length >= 2, "members");
  const histories = chains.map((chain) => {
    check(hasMembers(chain, ["events", "item", "map_proof"]) && isText(chain.item), "a chain");
    const { events, map_proof: mapProof } = chain;
    check(Array.isArray(events) && events.length && events.every(isText), "events");
    check(isProof(mapProof, 256), "a map proof");
    return { item: chain.item, events, mapProof };
  });
  const positions = order.map((entry) => {
    check(hasMembers(entry, ["event", "index", "proof"]), "an entry of order");
    const { event, index, proof } = entry;
    check(isHash(event) && isCount(index) && isProof(proof, 63), "an entry of order");
    return { event, index, proof };
  });
  parseItem(item);
  check(isThing(item, catalogue), "item");
  const [first, second, ...others] = histories.map((chain) => parseItem(chain.item));
  check(first === item && second === "ledger", "the first chains");
  check(
    ascends(others) && !others.includes(item) && !others.includes("ledger"),
    "the order of chains",
  );
  check(ascends(positions.map((entry) => entry.index)), "the order of positions");
  /** @type {(proof: string[]) => Bytes[]} */
  const hashes = (proof) =>
    proof.map((hash) => parseHash(hash) ?? refuse("passport.form", "a hash"));
  return {
    item,
    checkpoint,
    seal: { text: seal.text, proof: hashes(seal.proof) },
    chains: histories.map((chain) => ({ ...chain, mapProof: hashes(chain.mapProof) })),
    order: positions.map((entry) => ({ ...entry, proof: hashes(entry.proof) })),
  };
}

/** @type {(hashes: unknown, most: number) => hashes is string[]} */
const isProof = (hashes, most) =>
  Array.isArray(hashes) && hashes.length <= most && hashes.every(isText);

/** @type {(list: string[] | number[]) => boolean} */
const ascends = (list) => list.every((one, at) => at === 0 || list[at - 1] < one);

/** @type {(passport: Passport, catalogue: Catalogue) => Promise<Shown>} */
async function readChains(passport, catalogue) {
  /** @type {Shown} */
  const shown = new Map();
  for (const { item, events: wires, mapProof } of passport.chains) {
    /** @type {Event[]} */
    const events = [];
    for (const wire of wires) {
      const id = toBase64url(await sha256([0], encode(wire.split("~", 1)[0])));
      events.push(
        await placed(item, id, async () => {
          const { token, disclosures } = splitWire(wire);
          return /** @type {Event} */ ({ ...(await parseToken(token, catalogue)), disclosures });
        }),
      );
    }
    for (const event of events) event.newKid = await newKidOf(event);
    shown.set(item, { item, events, mapProof, isThing: isThing(item, catalogue) });
  }
  const needed = await placed(passport.item, "", () =>
    neededChains(passport.item, shown, catalogue),
  );
  const odd = [...new Set([...shown.keys(), ...needed])]
    .sort()
    .find((item) => !shown.has(item) || !needed.has(item));
  if (odd !== undefined) {
    const message = shown.has(odd) ? "is not needed" : "is missing";
    await placed(odd, "", () => refuse("passport.chain", `the history of ${odd} ${message}`));
  }
  return shown;
}

// The field that holds the key, by kind.
/** @type {Record<string, "root_jwk" | "admin_jwk" | "jwk">} */
const NEW_KEYS = { found: "root_jwk", rotate_root: "root_jwk", admit: "admin_jwk", add_key: "jwk" };

// The thumbprint of the key that an event registers, if it registers one.
/** @type {(event: Event) => Promise<string | undefined>} */
async function newKidOf({ kind, row, data }) {
  const name = has(NEW_KEYS, kind) ? NEW_KEYS[kind] : undefined;
  return row && name ? thumbprint(data[name]) : undefined;
}

/** @type {(item: string, shown: Shown, catalogue: Catalogue) => Set<string>} */
function neededChains(item, shown, { max_depth: maxDepth, sources }) {
  /** @type {(name: string) => Event[]} */
  const eventsOf = (name) => shown.get(name)?.events ?? [];
  /** @type {Set<string>} */
  const needed = new Set();
  let level = new Set([item]);
  for (let depth = 0; level.size; depth++) {
    if (depth > maxDepth) refuse("ref.depth", `parts are nested more than ${maxDepth} deep`);
    /** @type {Set<string>} */
    const next = new Set();
    for (const name of level) {
      needed.add(name);
      for (const link of eventsOf(name)[0]?.links ?? [])
        if (sources.includes(link.as)) next.add(link.item);
    }
    level = new Set([...next].filter((name) => !needed.has(name)));
  }
  needed.add("ledger");
  // The iteration also visits elements added during the loop.
  for (const name of needed)
    for (const { issuer, kid } of eventsOf(name)) {
      if (issuer === "ledger") continue;
      needed.add(issuer);
      const admins = eventsOf(issuer).filter((event) => event.kind === "admit");
      if (!admins.some((event) => event.newKid === kid)) needed.add(`key/${kid}`);
    }
  return needed;
}

// ------------------------------------------------------ checks 2 to 7: checkpoint, seal and places

/** @type {(passport: Passport, trust: Trust) => Promise<Opened>} */
async function openNote(passport, trust) {
  const { text, signatures } = parseNote(passport.checkpoint);
  const keys = [...trust.policy.logs, ...trust.policy.witnesses.values()];
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("note.signature", message);
  const signers = signatures.map((line) =>
    keys.find((key) => key.name === line.name && equal(key.id, line.id)),
  );
  const known = signers.filter((key) => key !== undefined);
  if (new Set(known).size !== known.length) refuse("note.form", "two lines are by the same key");
  /** @type {Map<Vkey, bigint>} */
  const times = new Map();
  for (const [at, key] of signers.entries()) {
    if (!key) continue;
    let [message, { signature }] = [encode(text), signatures[at]];
    if (key.type === TYPE_WITNESS) {
      const time = signature.length === 72 ? bigint(signature.slice(0, 8)) : 0n;
      if (time < 1n || time >= 1n << 63n)
        refuse("cosignature.form", "a cosignature is a time and 64 bytes");
      times.set(key, time);
      [message, signature] = [encode(`cosignature/v1\ntime ${time}\n${text}`), signature.slice(8)];
    }
    if (!(await key.verify(signature, message)))
      refused(`the signature line of ${key.name} does not verify`);
  }
  const logs = known.filter((key) => key.type === TYPE_LOG && key.name === trust.origin);
  if (!logs.length) refused("the log did not sign");
  const checkpoint = await parseCheckpoint(text);
  if (checkpoint.origin !== trust.origin) refused("the checkpoint is from another log");
  if (checkpoint.size > Number.MAX_SAFE_INTEGER)
    refuse("checkpoint.form", "the size exceeds 2^53 - 1");
  if (logs.every((key) => trust.retired.has(key.text)))
    refused("the log signed only with a replaced key");
  return { checkpoint, times };
}

/** @type {(passport: Passport, checkpoint: Checkpoint) => Promise<Bytes>} */
async function checkSeal({ seal }, checkpoint) {
  const { index, mapRoot } = parseSeal(seal.text);
  if (index !== checkpoint.size - 1n)
    refuse("seal.last", "the seal is not the checkpoint's last leaf");
  const leaf = await sha256([0], encode(seal.text));
  await checkInclusion(leaf, index, checkpoint.size, seal.proof, checkpoint.root);
  return mapRoot;
}

// Check 6: each event extends its chain in this ledger.
/** @type {(chain: Chain, seq: number, event: Event, origin: string, founding: string) => void} */
function checkPlace(chain, seq, event, origin, founding) {
  const opensLedger = chain.item === "ledger" && seq === 0;
  const before = seq ? chain.events[seq - 1].id : opensLedger ? "" : founding;
  if (event.item !== chain.item) refuse("chain.item", "the event belongs to another item");
  if (opensLedger && event.kind !== "found") refuse("chain.prev", "a ledger begins with found");
  if (event.origin !== origin) refuse("chain.ledger", "the event was signed for another ledger");
  if (event.seq !== seq) refuse("chain.seq", `seq ${event.seq} given, ${seq} comes next`);
  if (event.prev !== before) refuse("chain.prev", "prev is not the preceding event");
}

// ---------------------------------------------------------------- what is newer than this version

const RULES = 1;

// Tolerates failed rules about chains that contain events this version cannot judge.
class Doubts {
  /** @param {Shown} shown */
  constructor(shown) {
    const newer = [...shown.values()].flatMap((chain) => chain.events).filter(isNewer);
    this.chains = new Set(newer.map((event) => event.item));
    this.unchecked = new Set(newer.map((event) => event.id));
    /** @type {string[]} */
    const codes = newer.map(({ row }) => (row ? "rules.newer" : "event.kind"));
    this.codes = ["event.kind", "rules.newer"].filter((code) => codes.includes(code));
  }

  /** @type {(...items: string[]) => boolean} */
  covers(...items) {
    return ["ledger", ...items].some((item) => this.chains.has(item));
  }

  // The outcome of `work`, or undefined if a rule failed that newer events may explain.
  /**
   * @template T
   * @param {Event} event
   * @param {string[]} items
   * @param {Work<T>} work
   * @returns {Promise<T | undefined>}
   */
  async tolerate(event, items, work) {
    try {
      return await placed(event.item, event.id, work);
    } catch (error) {
      if (!(error instanceof Refusal) || !this.covers(...items)) throw error;
      this.unchecked.add(event.id);
      this.chains.add(event.item);
      return undefined;
    }
  }
}

/** @type {(event: Event) => boolean} */
function isNewer({ item, kind, row, data }) {
  /** @type {Record<string, number>} */
  const asked = { found: data.rules, rules: data.version };
  return !row || (item === "ledger" && asked[kind] > RULES);
}

// ------------------------------------------------------------------ check 8: positions and rights

// The events that the authority of an event's key rests on: [chain, seq].
/** @type {(event: Event, shown: Shown) => [chain: string, seq: number][]} */
function restsOn(event, shown) {
  /** @type {(item: string, id: string) => [chain: string, seq: number][]} */
  const find = (item, id) => {
    const seq = shown.get(item)?.events.findIndex((one) => one.id === id) ?? -1;
    return seq < 0 ? [] : [[item, seq]];
  };
  if (event.issuer === "ledger") return find("ledger", event.auth || event.id);
  const added = find(`key/${event.kid}`, event.auth);
  if (!added.length) return find(event.issuer, event.auth);
  const [[key, seq]] = added;
  return [...added, ...find(event.issuer, lookUp(shown, key).events[seq].auth)];
}

/** @type {(base: [chain: string, seq: number], shown: Shown) => Event[]} */
function changesAfter([item, seq], shown) {
  const later = lookUp(shown, item).events.slice(seq + 1);
  return later.filter(({ kind }) =>
    item === "ledger" ? kind === "rotate_root" : kind !== "profile");
}

/**
 * @param {Shown} shown
 * @param {Position[]} entries
 * @param {Checkpoint} checkpoint
 * @returns {Promise<Map<string, number>>}
 */
async function checkOrder(shown, entries, checkpoint) {
  /** @type {Set<string>} */
  const needed = new Set();
  for (const chain of shown.values())
    for (const event of chain.events) {
      const changes = restsOn(event, shown).flatMap((base) => changesAfter(base, shown));
      if (changes.length) [event, ...changes].forEach((one) => needed.add(one.id));
    }
  const given = new Map(entries.map((entry) => [entry.event, entry]));
  if (given.size !== entries.length || [...given.keys()].some((id) => !needed.has(id)))
    refuse("passport.order", "a position is given that is not required");
  /** @type {Map<string, number>} */
  const indices = new Map();
  for (const chain of shown.values()) {
    let last = -1;
    for (const event of chain.events.filter((one) => needed.has(one.id))) {
      const before = last;
      last = await placed(chain.item, event.id, async () => {
        const entry = given.get(event.id) ?? refuse("passport.order", "the position is not proven");
        if (entry.index <= before)
          refuse("passport.order", "the position precedes that of an earlier event");
        await checkInclusion(
          event.leaf,
          BigInt(entry.index),
          checkpoint.size,
          entry.proof,
          checkpoint.root,
        );
        return entry.index;
      });
      indices.set(event.id, last);
    }
  }
  return indices;
}

// The states of ledger, parties and keys after each of their events.
class Roster {
  /**
   * @param {Shown} shown
   * @param {Map<string, number>} indices
   */
  constructor(shown, indices) {
    this.shown = shown;
    this.indices = indices;
    /** @type {Map<string, (AnyStanding | undefined)[]>} */
    this.states = new Map();
    /** @type {Set<string>} */
    this.granted = new Set();
    /** @type {AnyStanding | undefined} */
    this.pending = undefined;
  }

  /** @type {(item: string) => AnyStanding | undefined} */
  last(item) {
    return lastOf(this.states.get(item) ?? []);
  }

  // The state of a chain at the moment of an event that rests on it.
  /** @type {(item: string, event: Event) => AnyStanding | undefined} */
  at(item, event) {
    const base = restsOn(event, this.shown).find(([chain]) => chain === item);
    const index = this.indices.get(event.id);
    const next =
      base &&
      index !== undefined &&
      changesAfter(base, this.shown).find((one) => Number(this.indices.get(one.id)) > index);
    return next ? this.states.get(item)?.[next.seq - 1] : this.last(item);
  }

  // The states by which an event is judged.
  /** @type {(event: Event) => Rights} */
  rightsOf(event) {
    /** @type {(item: string) => AnyStanding | undefined} */
    const known = (item) => (item === event.item ? this.last(item) : this.at(item, event));
    return {
      ledger: /** @type {LedgerStanding | undefined} */ (known("ledger")),
      party: /** @type {PartyStanding | undefined} */ (known(event.issuer)),
      key: /** @type {KeyStanding | undefined} */ (known(`key/${event.kid}`)),
    };
  }

  // Judges one event and records its effect: who signed it and by what right.
  /** @type {(chain: Chain, event: Event, doubts: Doubts) => Promise<Judgement>} */
  async judge(chain, event, doubts) {
    const chains = [event.issuer, `key/${event.kid}`];
    const rights = this.rightsOf(event);
    let signer;
    if (event.row)
      signer = await doubts.tolerate(event, chains, async () => {
        if (!chain.isThing) checkPosition(event);
        const found = findSigner(event, rights, chain);
        checkRole(event, found);
        if (chain.isThing) checkMaker(event, found, chain);
        else await this.register(event, rights);
        return found;
      });
    if (!chain.isThing) this.remember(chain.item);
    const jwk = findKey(event, rights);
    if (!jwk && !doubts.covers(...chains))
      refuse("key.unknown", `key ${event.kid} was never granted`);
    return { signer, jwk, admit: rights.party?.authority };
  }

  // Applies an event to the chain of the ledger, a party or a key.
  /** @type {(event: KnownEvent, rights: Rights) => Promise<void>} */
  async register(event, rights) {
    checkLinksForm(event);
    openedBy(event);
    const kind = /** @type {keyof Registrations} */ (event.kind);
    const step = /** @type {AnyRegistration} */ (REGISTRATIONS[kind]);
    const state = await step(event, rights, this.last(event.item), this.granted);
    if (event.newKid) this.granted.add(event.newKid);
    this.pending = state;
  }

  // Records the state after an event, unchanged where the event has no known effect.
  /** @type {(item: string) => void} */
  remember(item) {
    const states = this.states.get(item) ?? [];
    states.push(this.pending ?? this.last(item));
    this.states.set(item, states);
    this.pending = undefined;
  }
}

/** @type {(event: KnownEvent) => void} */
function checkPosition({ seq, row, kind }) {
  if ((row.position === "first" && seq > 0) || (row.position === "later" && seq === 0))
    refuse("life.transition", `${kind} is not possible at position ${seq} of a chain`);
}

/** @type {(event: Event, rights: Rights, chain: Chain) => Signer} */
function findSigner(event, { ledger, party, key }, chain) {
  /** @type {(authority: string) => unknown} */
  const check = (authority) =>
    event.auth === authority || refuse("key.auth", "auth does not name the key's authority");
  /** @type {(roles: string[]) => Signer} */
  const signer = (roles) => ({
    party: event.issuer,
    roles: new Set(roles),
    prefixes: party?.prefixes ?? [],
  });
  if (event.issuer === "ledger") {
    if (isFound(event, chain)) {
      if (event.newKid !== event.kid || event.auth)
        refuse("key.auth", "found must be signed by the root key that it names");
    } else {
      if (ledger?.kid !== event.kid) refuse("key.unknown", `key ${event.kid} is not the root key`);
      check(ledger.authority);
    }
    return signer(["root"]);
  }
  if (!party) refuse("key.unknown", `${event.issuer} is not admitted`);
  if (party.ended) refuse("key.ended", `${event.issuer} was dismissed`);
  if (party.kid === event.kid) {
    check(party.authority);
    return signer(["admin"]);
  }
  if (key?.party !== event.issuer)
    refuse("key.unknown", `key ${event.kid} does not belong to ${event.issuer}`);
  if (key.ended) refuse("key.ended", `key ${event.kid} was revoked`);
  check(key.authority);
  return signer(key.roles.filter((role) => party.roles.includes(role)));
}

/** @type {(event: Event, chain: Chain) => boolean} */
const isFound = (event, chain) =>
  event.kind === "found" && chain.events[0] === event && chain.item === "ledger";

/** @type {(event: KnownEvent, signer: Signer) => void} */
function checkRole({ row, kind, catalogue }, { roles }) {
  const station = [...roles].some((role) => !catalogue.managers.includes(role));
  if (!(row.by.includes("*") ? station : row.by.some((role) => roles.has(role))))
    refuse("key.role", `the key has no role that may sign ${kind}`);
}

/** @type {(event: Event, signer: Signer, chain: Chain) => void} */
function checkMaker({ seq, item, kind, issuer, catalogue }, { prefixes }, chain) {
  if (seq === 0) {
    if (!prefixes.some((prefix) => item.startsWith(prefix)))
      refuse("key.prefix", `${issuer} is not admitted for ${item}`);
  } else if (catalogue.maker_kinds.includes(kind) && chain.events[0].issuer !== issuer) {
    refuse("key.maker", `only the party that assembled the unit may ${kind} it`);
  }
}

// The key that an event's kid identifies.
/** @type {(event: Event, rights: Rights) => Jwk | undefined} */
function findKey(event, { ledger, party, key }) {
  return (
    [key, ledger, party].find((state) => state?.kid === event.kid)?.jwk ??
    (event.kind === "found" && event.item === "ledger" && !ledger
      ? event.data?.root_jwk
      : undefined)
  );
}

/**
 * @type {(event: RegisteringEvent, jwk: Jwk, granted: Set<string>) => Promise<void>}
 */
async function checkNewKey(event, jwk, granted) {
  if (granted.has(event.newKid)) refuse("key.reused", `key ${event.newKid} was already granted`);
  const { verify } = await loadJwk(jwk);
  const message = `traceledger/key/v1\n${event.origin}\n${event.item}\n${event.newKid}\n`;
  if (!(await verify(bytesOf(event.data.possession), encode(message))))
    refuse("key.possession", "the new key did not sign its own registration");
}

// The state after each kind on the chains ledger, party and key, from the state before.
/** @type {Registrations} */
const REGISTRATIONS = {
  found: async (event, rights, before, granted) => {
    await checkNewKey(event, event.data.root_jwk, granted);
    return {
      kid: event.newKid,
      jwk: event.data.root_jwk,
      authority: event.id,
      rules: event.data.rules,
    };
  },
  rotate_root: async (event, rights, before, granted) => {
    await checkNewKey(event, event.data.root_jwk, granted);
    return { ...before, kid: event.newKid, jwk: event.data.root_jwk, authority: event.id };
  },
  rules: async (event, rights, before) => {
    if (event.data.version <= before.rules) refuse("life.rules", "the version is not higher than that in force");
    return { ...before, rules: event.data.version };
  },
  admit: async (event, rights, before, granted) => {
    if (before?.ended) refuse("key.ended", "the party was dismissed");
    const { admin_jwk: jwk, name, roles, prefixes } = event.data;
    await checkNewKey(event, jwk, granted);
    return { kid: event.newKid, jwk, name, roles, prefixes, authority: event.id };
  },
  profile: async (event, rights, before) => {
    if (!before) refuse("key.unknown", "the party was never admitted");
    if (event.issuer !== event.item) refuse("key.role", "only the party itself signs its profile");
    return before;
  },
  dismiss: async (event, rights, before) => {
    if (!before) refuse("key.unknown", "the party was never admitted");
    if (before.ended) refuse("key.ended", "the party was dismissed");
    return { ...before, ended: true };
  },
  add_key: async (event, { party }, before, granted) => {
    const { jwk, roles } = event.data;
    if (event.item !== `key/${event.newKid}`)
      refuse("key.auth", "the chain is not the one of the key");
    await checkNewKey(event, jwk, granted);
    if (!roles.every((role) => party?.roles.includes(role)))
      refuse("key.role", "the party is not admitted for every role of the key");
    const separate = event.catalogue.separate_roles;
    if (separate.every((role) => roles.includes(role)))
      refuse("key.role", `no key has the roles ${separate.join(" and ")} together`);
    return { kid: event.newKid, jwk, roles, party: event.issuer, authority: event.id };
  },
  revoke_key: async (event, rights, before) => {
    if (!before) refuse("key.unknown", "the key was never added");
    if (event.issuer !== "ledger" && event.issuer !== before.party)
      refuse("key.role", "only its party or the root key may revoke a key");
    if (before.ended) refuse("key.ended", "the key was already revoked");
    return { ...before, ended: true, since: event.data.compromised_since };
  },
};

// Ledger, parties, keys, then things: rights before their use.
/** @type {(shown: Shown, catalogue: Catalogue) => Chain[]} */
function inOrderOfRights(shown, { authority }) {
  const chains = [...shown.values()];
  return [
    ...authority.flatMap((form) => chains.filter(({ item }) => formOf(item) === form)),
    ...chains.filter((chain) => chain.isThing),
  ];
}

/** @type {(chains: Chain[]) => [Chain, Event][]} */
const eventsOf = (chains) =>
  chains.flatMap((chain) =>
    chain.events.map((event) => /** @type {[Chain, Event]} */ ([chain, event])),
  );

// Check 9
/** @type {(shown: Shown, signers: Map<string, Judgement>) => Promise<void>} */
async function checkSignatures(shown, signers) {
  /** @type {Map<string, Key>} */
  const keys = new Map();
  for (const [chain, event] of eventsOf([...shown.values()])) {
    const { jwk } = lookUp(signers, event.id);
    if (!jwk) continue;
    await placed(chain.item, event.id, async () => {
      if (!keys.has(event.kid)) keys.set(event.kid, await loadJwk(jwk));
      const { algorithms, verify } = lookUp(keys, event.kid);
      if (!algorithms.includes(event.alg) || !(await verify(event.signature, event.signed)))
        refuse("signature.false", "the signature does not verify under the key that it names");
    });
  }
}

// --------------------------------------------------------------------------- check 11: the joins

/** @type {(event: KnownEvent) => void} */
function checkLinksForm({ kind, links, row, data, digests, catalogue }) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("ref.form", message);
  /** @type {Set<string>} */
  const seen = new Set();
  for (const link of links) {
    const rule =
      row.links.find((one) => one.as === link.as) ?? refused(`link ${link.as} is unknown`);
    const forms = rule.chains.flatMap((chain) => catalogue.chains[chain]);
    if (forms.length && !forms.includes(formOf(link.item) ?? ""))
      refuse("ref.unknown", `${link.item} is not the id of a ${rule.chains.join(" or ")}`);
    if (seen.has(`${link.as} ${link.item}`)) refused(`${link.item} is named twice`);
    seen.add(`${link.as} ${link.item}`);
    if (has(link, "event") === (rule.at === "none"))
      refused(`link ${link.as} must ${rule.at === "none" ? "not " : ""}name an event`);
  }
  /** @type {(name: string) => string[]} */
  const linked = (name) => links.filter((link) => link.as === name).map((link) => link.item);
  for (const { as, count } of row.links) {
    const given = linked(as).length;
    if (given < (count === "?" ? 0 : 1) || (count !== "+" && given > 1))
      refused(`${given} links ${as} given`);
  }
  const [inputs, primary] = [linked("input"), linked("primary")];
  if (has(data, "output_count") && data.output_count !== linked("output").length)
    refused("output_count is not the number of outputs");
  if (has(data, "input_count")) {
    if (data.input_count !== inputs.length) refused("input_count is not the number of inputs");
    if ((inputs.length > 1 && !primary.length) || primary.some((item) => !inputs.includes(item)))
      refused("one of several inputs must be named as primary");
  }
  if (has(catalogue.weighed, kind) && linked("lot").length && !has(digests, catalogue.weighed[kind]))
    refused(`what goes into a lot is weighed: ${catalogue.weighed[kind]} is missing`);
  if (kind !== "draw_lot") return;
  for (const [name, reason] of Object.entries(catalogue.drawn))
    if (linked(name).length !== Number(data.reason === reason))
      refused(`new parts that are ${data.reason} have another link than ${name}`);
}

/** @type {(shown: Shown, doubts: Doubts) => Promise<void>} */
async function checkJoins(shown, doubts) {
  const things = [...shown.values()].filter((chain) => chain.isThing);
  for (const [chain, event] of eventsOf(things))
    if (event.row) await doubts.tolerate(event, [chain.item], () => checkLinksForm(event));
  /** @type {Map<string, string>} */
  const successors = new Map();
  for (const {
    item,
    events: [opening],
  } of things)
    for (const link of opening.links.filter(({ as }) => opening.catalogue.sources.includes(as)))
      await doubts.tolerate(opening, [item, link.item], () =>
        checkSource(lookUp(shown, link.item), link, opening, successors),
      );
  for (const [chain, event] of eventsOf(things))
    if (event.kind === "void")
      for (const user of things.filter((other) => other !== chain && names(other, event.links)))
        await doubts.tolerate(event, [chain.item, user.item], () =>
          refuse("life.void", `${user.item} names the event that is voided`),
        );
}

/** @type {(chain: Chain, targets: Link[]) => boolean} */
const names = ({ events }, targets) =>
  events.some(({ links }) =>
    links.some((link) =>
      targets.some((target) => has(link, "event") && link.event === target.event),
    ),
  );

// A source of an item names the item in turn.
/** @type {(source: Chain, link: Link, opening: Event, successors: Map<string, string>) => void} */
function checkSource({ events }, link, opening, successors) {
  const named = events.find((event) => event.id === link.event);
  if (!named) refuse("ref.event", `${link.item} has no event ${link.event}`);
  /** @type {(kind: string) => Event[]} */
  const all = (kind) => events.filter((event) => event.kind === kind);
  if (link.as === "input") {
    const uses = all("consume").flatMap((use) =>
      use.links.map((back) => ({ ...back, seq: use.seq })),
    );
    if (uses.length !== 1 || uses[0].item !== opening.item || uses[0].event !== opening.id)
      refuse("ref.join", `${link.item} is not consumed once, by this event`);
    if (uses[0].seq <= named.seq) refuse("ref.event", "the event named comes after the use");
  } else if (opening.kind === "harvest") {
    const [taken, ...more] = all("disassemble");
    const outputs =
      taken?.links.filter((back) => back.as === "output").map((back) => back.item) ?? [];
    if (taken !== named || more.length || !outputs.includes(opening.item))
      refuse("ref.join", `${link.item} was not taken apart into this part`);
  } else if (opening.kind === "import") {
    const undone = all("void").flatMap((event) => event.links.map((back) => back.event));
    if (!all("reimport").some(({ id, seq }) => seq <= named.seq && !undone.includes(id)))
      refuse("ref.parent", `${link.item} was not reimported`);
    if (successors.has(link.item)) refuse("ref.used", `${link.item} was already reimported as another core`);
    successors.set(link.item, opening.item);
  }
}

// ----------------------------------------------------------------------- check 12: the life cycle

const UNKNOWN = "UNKNOWN";

// The sort of chain that an event opens.
/** @type {(event: KnownEvent) => string} */
function openedBy({ item, kind, row, catalogue }) {
  const form = formOf(item) ?? "";
  return (
    row.chains.find((sort) => catalogue.chains[sort].includes(form)) ??
    refuse("life.chain", `${kind} does not apply to ids of the form ${form}`)
  );
}

/**
 * @param {Shown} shown
 * @param {Map<string, Judgement>} signers
 * @param {Doubts} doubts
 * @param {Catalogue} catalogue
 * @returns {Promise<Map<string, Life>>}
 */
async function replayLives(shown, signers, doubts, catalogue) {
  /** @type {Map<string, Life>} */
  const lives = new Map();
  for (const chain of shown.values()) {
    if (!chain.isThing) continue;
    /** @type {Life | undefined} */
    let state;
    /** @type {Map<string, KnownEvent>} */
    const judged = new Map(); // only these can be the target of a later event
    for (const event of chain.events) {
      const before = state;
      const { signer } = lookUp(signers, event.id);
      let after;
      if (event.row && signer && !doubts.unchecked.has(event.id))
        after = await doubts.tolerate(event, [chain.item], () =>
          step(before, event, signer, judged, catalogue),
        );
      if (after && event.row) judged.set(event.id, event);
      state = after ?? before ?? { ...NEW, sort: "", life: UNKNOWN };
    }
    if (state) lives.set(chain.item, state);
  }
  return lives;
}

/** @type {Open} */
const NEW = {
  life: "",
  holds: [],
  recalls: [],
  testers: [],
  pending: undefined,
  periods: { end: 0, opened: false, waiting: [] },
};

// The state of a thing after an event; refuses with life.* or key.role.
/**
 * @param {Life | undefined} before
 * @param {KnownEvent} event
 * @param {Signer} signer
 * @param {Map<string, KnownEvent>} judged
 * @param {Catalogue} catalogue
 * @returns {Life}
 */
function step(before, event, signer, judged, catalogue) {
  if (!before) {
    const sort = openedBy(event);
    const life = nextLife(sort, "", event, catalogue);
    const state = { ...NEW, sort, life, head: event.id, undone: { ...NEW, life: "VOIDED" } };
    return {
      ...state,
      byCustoms: signer.roles.has("customs"),
      lotClass: event.kind === "open_lot" ? event.data.class : "",
    };
  }
  if (before.life !== UNKNOWN && !event.row.chains.includes(before.sort))
    refuse("life.chain", `${event.kind} does not apply to a ${before.sort}`);
  for (const link of event.links)
    if (event.row.links.some((rule) => rule.as === link.as && rule.at === "target"))
      checkTarget(event, link, signer, judged, before);
  checkOpen(before, event, catalogue);
  let life = nextLife(before.sort, before.life, event, catalogue);
  let { pending } = before;
  if (isPendingKind(event.kind, before.sort, catalogue))
    [pending, life] = [{ event: event.id, kind: event.kind, to: life }, before.life];
  const { holds, recalls, testers, periods } = before;
  const undone = { life: before.life, holds, recalls, testers, pending: before.pending, periods };
  const after = {
    ...before,
    life,
    pending,
    undone,
    head: event.id,
    byCustoms: signer.roles.has("customs"),
  };
  return (EFFECTS[event.kind] ?? ((state) => state))(after, event, signer, before);
}

// Whether a kind takes effect only once it is confirmed.
/** @type {(kind: string, sort: string, catalogue: Catalogue) => boolean} */
const isPendingKind = (kind, sort, { pending }) =>
  pending.some(([one, chain]) => one === kind && chain === sort);

/** @type {(sort: string, life: string, event: KnownEvent, catalogue: Catalogue) => string} */
function nextLife(sort, life, event, catalogue) {
  if (life !== "" && catalogue.anytime.includes(event.kind)) return life;
  const row = catalogue.life.find(
    ({ chain, before, kind, field, values }) =>
      chain === sort &&
      kind === event.kind &&
      before.includes(life) &&
      (!field || values.includes(event.data[field])),
  );
  return row
    ? row.to
    : refuse("life.transition", `${event.kind} is not possible: ${life || "new"}`);
}

// What forbids an event regardless of the table of the life cycle.
/** @type {(before: Life, event: KnownEvent, catalogue: Catalogue) => void} */
function checkOpen(
  { holds, pending, recalls, testers, lotClass = "", life, sort, periods },
  event,
  catalogue,
) {
  const { kind, kid, digests } = event;
  if (!catalogue.anytime.includes(kind)) {
    if (holds.length) refuse("life.held", "a hold is in force");
    if (pending) refuse("life.pending", `a ${pending.kind} is waiting for confirmation`);
  }
  const reworked = recalls.every((recall) => recall.reworked);
  const stopped = catalogue.stopped_by_recall.includes(kind) || (kind === "approve" && !reworked);
  if (recalls.length && stopped) refuse("life.recalled", "a recall is in force");
  if (kind === "approve" && testers.includes(kid)) refuse("life.tester", "the key that tested a unit may not approve it");
  const wanted = catalogue.lot_classes[kind] ?? lotClass;
  if (wanted !== lotClass) refuse("life.lot", `${kind} applies to lots of class ${wanted}`);
  const closed = sort === "declaration" && life === "CLOSED";
  if (kind === "correct" && closed && has(digests, "set_customs") && !has(digests, "amendment"))
    refuse("life.amendment", "the line is closed; a customs correction requires an amendment");
  if (kind === "writeoff") checkReport(periods, event.data);
}

// A report begins where the last confirmed one ended, or where the book begins.
/** @type {(periods: Periods, data: Data) => void} */
function checkReport({ end, opened }, data) {
  const [from, to] = [Number(data.from_size), Number(data.to_size)];
  const start = end || (opened ? from : 1);
  if (from !== start) refuse("life.period", `the period begins at ${start}`);
  if (to <= from) refuse("life.period", "to_size is not above from_size");
}

// The event of the same chain that another event acts on.
/**
 * @param {KnownEvent} event
 * @param {Link} link
 * @param {Signer} signer
 * @param {Map<string, KnownEvent>} judged
 * @param {Life} before
 */
function checkTarget(event, link, { roles }, judged, before) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("life.target", message);
  const { kind, issuer, seq, data, catalogue } = event;
  const { confirmers, lasting, about_others: aboutOthers } = catalogue;
  if (link.item !== event.item) refused("the target belongs to another chain");
  if (kind === "release") return; // the holds and recalls in force decide
  const target = judged.get(link.event ?? "") ?? refused("this chain has no such event");
  if (kind === "confirm") {
    const who = has(confirmers, target.kind)
      ? confirmers[target.kind]
      : refused(`${target.kind} cannot be confirmed`);
    if (target.issuer === issuer) refused("a party cannot confirm its own event");
    const waiting = before.periods.waiting.some((report) => report.event === target.id);
    if (target.kind === "writeoff" && !waiting) refused("this writeoff is not pending");
    if (isPendingKind(target.kind, before.sort, catalogue) && before.pending?.event !== target.id)
      refused(`this ${target.kind} is not pending`);
    if (!who.some((role) => roles.has(role)))
      refuse("key.role", `the key may not confirm ${target.kind}`);
    return;
  }
  if (target.issuer !== issuer) refused("only the signing party may act on this event");
  if (kind === "void") {
    if (target.seq !== seq - 1 || target.id !== before.head)
      refuse("life.void", "only the latest event can be voided");
    if (lasting.includes(target.kind)) refuse("life.void", `${target.kind} can never be voided`);
    const required = rolesFor(target, before);
    if (!required.includes("*") && !required.some((role) => roles.has(role)))
      refuse("key.role", `voiding this ${target.kind} requires ${required.join(" or ")}`);
    return;
  }
  if (kind === "correct" && aboutOthers.includes(target.kind))
    refused(`${target.kind} cannot be corrected`);
  if (kind === "correct") checkCorrection(target, data.set_public ?? {}, catalogue);
  if (kind === "erase" && !data.fields.every((name) => isRestricted(target.row, name)))
    refused("a field is not restricted");
}

// The roles of which the chain's latest event required one.
/** @type {(event: KnownEvent, state: Life) => string[]} */
function rolesFor({ kind, row }, { holds, undone = NEW }) {
  const [more, fewer] = kind === "release" ? [undone.holds, holds] : [holds, undone.holds];
  const changed = more.filter(({ event }) => !fewer.some((hold) => hold.event === event));
  if (/^(?:hold|release)$/.test(kind) && changed.length)
    return changed.map(({ authority }) => authority);
  return row.by;
}

/** @type {(row: Kind, name: string) => Field | undefined} */
const fieldOf = (row, name) => (has(row.fields, name) ? row.fields[name] : undefined);
/** @type {(row: Kind, name: string) => boolean} */
const isRestricted = (row, name) => /^(?:customs|internal)$/.test(fieldOf(row, name)?.reader ?? "");

/** @type {(target: KnownEvent, values: JsonObject, catalogue: Catalogue) => void} */
function checkCorrection({ row }, values, catalogue) {
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(row, name);
    if (field?.reader !== "public") refuse("life.target", `there is no public field ${name}`);
    if (field.fixed) refuse("life.fixed", `the rules depend on ${name}`);
    if (!allows(field.allowed, value, catalogue))
      refuse("life.target", `${name} has a value that is not allowed`);
  }
}

/** @type {(state: Life) => Life} */
function reworked(state) {
  return { ...state, recalls: state.recalls.map((recall) => ({ ...recall, reworked: true })) };
}

// The effects of kinds beyond the table of the life cycle.
/** @type {Record<string, Effect>} */
const EFFECTS = {
  test: (state, { kid }) => ({ ...state, testers: [...state.testers, kid] }),
  repair: reworked,
  update: reworked,
  hold: (state, { id, data }, { roles }) => {
    if (!roles.has(data.authority)) refuse("key.role", "a hold requires a key with the role of its authority");
    return { ...state, holds: [...state.holds, { event: id, authority: data.authority }] };
  },
  recall: (state, { id, issuer, data }) => ({
    ...state,
    recalls: [...state.recalls, { event: id, party: issuer, data, reworked: false }],
  }),
  release: (state, { links: [link], issuer }, { roles }) => {
    const hold = state.holds.find((mark) => mark.event === link.event);
    const recall = state.recalls.find((mark) => mark.event === link.event);
    if (!hold && !recall) refuse("life.target", "no such hold or recall is in force");
    if (hold && !roles.has(hold.authority)) refuse("key.role", "the hold belongs to another authority");
    if (recall && recall.party !== issuer) refuse("key.role", "only the recalling party may end its recall");
    /**
     * @template {{ event: string }} T
     * @param {T[]} marks
     */
    const others = (marks) => marks.filter((mark) => mark.event !== link.event);
    return { ...state, holds: others(state.holds), recalls: others(state.recalls) };
  },
  stocktake: (state, { data }) =>
    data.opening ? { ...state, periods: { ...state.periods, opened: true } } : state,
  writeoff: (state, { id, data }) => {
    const waiting = [...state.periods.waiting, { event: id, end: Number(data.to_size) }];
    return { ...state, periods: { ...state.periods, waiting } };
  },
  confirm: (state, { links: [link], data, digests }, { roles }) => {
    const { pending, periods } = state;
    const report = periods.waiting.find(({ event }) => event === link.event);
    if (report) {
      const others = periods.waiting.filter((one) => one !== report);
      const closed = { ...periods, end: report.end, waiting: [] };
      const confirmed = data.result === "confirmed";
      return { ...state, periods: confirmed ? closed : { ...periods, waiting: others } };
    }
    if (!pending || pending.event !== link.event) return state;
    const asserted =
      pending.kind === "destroy" && roles.has("importer") && has(digests, "receipt_sha256");
    if (!roles.has("customs") && !asserted) refuse("key.role", "it takes effect only if customs confirm it");
    return {
      ...state,
      pending: undefined,
      life: data.result === "confirmed" ? pending.to : state.life,
    };
  },
  void: (state, event, signer, before) => {
    if (!before.undone) refuse("life.void", "the state before the latest event is not known");
    if (before.byCustoms) refuse("life.void", "customs signed the latest event");
    const answered = before.pending ? undefined : before.undone.pending;
    if (answered && before.life !== before.undone.life)
      refuse("life.void", `the latest event gave effect to a ${answered.kind}`);
    return { ...state, ...before.undone, undone: undefined };
  },
};

// ----------------------------------------------------------------------- check 13 and the findings

const MAX_AHEAD = 300n;

// The time as of which the result holds, the cosigners, and the codes of what is missing.
/**
 * @param {Opened} opened
 * @param {Trust} trust
 * @param {number} now
 */
function judgeFinality({ times }, trust, now) {
  const { policy, replayer, retired } = trust;
  /** @type {Map<string, bigint>} */
  const byName = new Map();
  for (const [name, key] of policy.witnesses) {
    const time = times.get(key);
    if (time !== undefined && !retired.has(key.text) && time <= BigInt(now) + MAX_AHEAD)
      byName.set(name, time);
  }
  const quorum = policy.quorum === "none" ? undefined : timeOf(policy, policy.quorum, byName);
  const replay = replayer === undefined ? undefined : timeOf(policy, replayer, byName);
  const codes = [];
  if (policy.quorum === "none") codes.push("quorum.none");
  else if (quorum === undefined) codes.push("quorum.missing");
  if (replay === undefined) codes.push("replay.missing");
  let asOf;
  if (quorum !== undefined && replay !== undefined) asOf = quorum < replay ? quorum : replay;
  if (asOf !== undefined && BigInt(now) - asOf > BigInt(trust.max_age)) codes.push("age.stale");
  const cosigners = [...byName].map(([name, time]) => ({ name, time: Number(time) }));
  return { codes, cosigners, asOf: asOf === undefined ? {} : { as_of: Number(asOf) } };
}

/** @type {(chain: Chain, event: Event) => Mention} */
const mention = (chain, { id, kind }) => ({ chain: chain.item, event: id, kind });

/** @type {(state: Life, disputed: boolean) => string[]} */
function overlaysOf({ holds, recalls }, disputed) {
  /** @type {(authority: string) => boolean} */
  const held = (authority) => holds.some((hold) => hold.authority === authority);
  const marks = {
    hold_customs: held("customs"),
    hold_quality: held("quality"),
    recalled: recalls.length > 0,
    disputed,
  };
  return Object.entries(marks).flatMap(([name, on]) => (on ? [name] : []));
}

// The events that trusted customs signed or confirmed and that were not voided, by id.
/**
 * @param {Chain[]} things
 * @param {Map<string, Judgement>} signers
 * @param {Doubts} doubts
 * @param {string[]} customs
 * @returns {Set<string>}
 */
function attestedBy(things, signers, doubts, customs) {
  const judged = eventsOf(things)
    .map(([, event]) => event)
    .filter(({ id }) => !doubts.unchecked.has(id));
  const voided = new Set(
    judged.filter(({ kind }) => kind === "void").map(({ links: [link] }) => link.event),
  );
  /** @type {Set<string>} */
  const signed = new Set();
  /** @type {Set<string>} */
  const confirmed = new Set();
  for (const event of judged) {
    const { admit = "" } = lookUp(signers, event.id);
    if (voided.has(event.id) || !customs.includes(admit)) continue;
    signed.add(event.id);
    if (event.kind !== "confirm") continue;
    const [{ event: target = "" }] = event.links;
    if (event.data.result === "confirmed" && !voided.has(target)) confirmed.add(target);
    else confirmed.delete(target);
  }
  return new Set([...signed, ...confirmed]);
}

// The public fields of an event that later events of its chain corrected; the last one wins.
/** @type {(chain: Chain, target: string, doubts: Doubts) => Data} */
function correctionsOf({ events }, target, doubts) {
  const judged = events.filter(({ id }) => !doubts.unchecked.has(id));
  const voided = new Set(
    judged.filter(({ kind }) => kind === "void").map(({ links: [link] }) => link.event),
  );
  const corrections = judged.filter(
    ({ id, kind, links: [link] }) => kind === "correct" && link.event === target && !voided.has(id),
  );
  return Object.assign({}, ...corrections.map(({ data }) => data.set_public));
}

// The fields that `erase` events of a chain name: event id and field, joined by a space.
/** @type {(chain: Chain, doubts: Doubts) => Set<string>} */
function erasedIn({ events }, doubts) {
  const erasures = events.filter(
    ({ id, kind, row }) => kind === "erase" && row && !doubts.unchecked.has(id),
  );
  return new Set(
    erasures.flatMap(({ links: [link], data }) =>
      data.fields.map((name) => `${link.event} ${name}`),
    ),
  );
}

/** @type {(event: Event) => boolean} */
const isAboutCustoms = ({ row }) =>
  row !== undefined &&
  (has(row.fields, "receipt_sha256") ||
    row.links.some((link) => link.chains.includes("declaration")));

/**
 * @param {object} found
 * @param {Passport} found.passport
 * @param {Trust} found.trust
 * @param {Shown} found.shown
 * @param {Roster} found.roster
 * @param {Map<string, Judgement>} found.signers
 * @param {Doubts} found.doubts
 * @param {Map<string, Life>} found.lives
 * @param {Map<string, JsonObject>} found.disclosed
 * @param {Opened} found.opened
 * @param {number} found.now
 * @param {boolean | undefined} found.firstUse
 * @returns {Verified}
 */
function describe({
  passport,
  trust,
  shown,
  roster,
  signers,
  doubts,
  lives,
  disclosed,
  opened,
  now,
  firstUse,
}) {
  const chains = [...shown.values()];
  const things = chains.filter((chain) => chain.isThing);
  const finality = judgeFinality(opened, trust, now);
  const codes = [...(firstUse ? ["trust.first-use"] : []), ...finality.codes, ...doubts.codes];
  /** @type {(from: Chain[], test: (event: Event) => boolean) => Mention[]} */
  const list = (from, test) =>
    eventsOf(from)
      .filter(([, event]) => test(event))
      .map((one) => mention(...one));
  /** @type {(event: Event) => boolean} */
  const isDisputed = ({ id, kid }) => {
    const key = roster.last(`key/${kid}`);
    const since = key && "since" in key ? key.since : undefined;
    return since !== undefined && Number(roster.indices.get(id)) >= since;
  };
  const described = things.map(({ item, events }) => {
    const state = lookUp(lives, item);
    return { item, state: state.life, overlays: overlaysOf(state, events.some(isDisputed)) };
  });
  const [{ state, overlays }, ...parts] = described;
  const erased = new Set(things.flatMap((chain) => [...erasedIn(chain, doubts)]));
  /** @type {(test: (erased: boolean) => boolean) => MentionOfFields[]} */
  const hidden = (test) =>
    eventsOf(things).flatMap(([chain, event]) => {
      const fields = Object.keys(event.digests)
        .sort()
        .filter(
          (name) => !has(lookUp(disclosed, event.id), name) && test(erased.has(`${event.id} ${name}`)),
        );
      return fields.length ? [{ ...mention(chain, event), fields }] : [];
    });
  const attested = attestedBy(things, signers, doubts, trust.customs);
  return {
    result: codes.length ? "incomplete" : "verified",
    codes,
    item: passport.item,
    state,
    overlays,
    origin: trust.origin,
    size: Number(opened.checkpoint.size),
    ...finality.asOf,
    cosigners: finality.cosigners,
    parties: chains.flatMap(({ item, events }) => {
      const party = roster.last(item);
      const profile = lastOf(events.filter(({ kind }) => kind === "profile"))?.data ?? {};
      const described = Object.keys(profile).length ? { profile } : {};
      return party && "name" in party ? [{ party: item, name: party.name, ...described }] : [];
    }),
    parts,
    holds: things.flatMap(({ item: chain }) =>
      lookUp(lives, chain).holds.map(({ event, authority }) => ({ chain, event, authority })),
    ),
    recalls: things.flatMap((chain) =>
      lookUp(lives, chain.item).recalls.map(({ event, party, data }) => {
        const { campaign, severity, action, contact } = { ...data, ...correctionsOf(chain, event, doubts) };
        return { chain: chain.item, event, party, campaign, severity, action, contact };
      }),
    ),
    disputed: list(things, isDisputed),
    attested: list(things, ({ id }) => attested.has(id)),
    asserted: list(things, (event) => isAboutCustoms(event) && !attested.has(event.id)),
    withheld: hidden((erased) => !erased),
    erased: hidden((erased) => erased),
    unchecked: list(chains, ({ id }) => doubts.unchecked.has(id)),
    not_followed: eventsOf(things).flatMap(([chain, event]) =>
      event.links
        .filter((link) => !shown.has(link.item))
        .map((link) => ({ chain: chain.item, event: event.id, as: link.as, item: link.item })),
    ),
  };
}

// The events of a passport in the order of the file, for showing what was verified. Checks nothing.
/** @type {(passport: Uint8Array) => ShownEvent[]} */
export function listEvents(passport) {
  /** @type {{ chains: { item: string; events: string[] }[] }} */
  const { chains } = JSON.parse(new TextDecoder().decode(passport));
  /** @type {(part: string) => unknown} */
  const decode = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));
  return chains.flatMap(({ item, events }) =>
    events.map((wire) => {
      const { token, disclosures } = splitWire(wire);
      const claims = /** @type {Claims} */ (decode(token.split(".")[1]));
      const { kind, occurred, iss: party } = claims;
      const { _sd, ...data } = claims.data;
      const restricted = disclosures.map((disclosure) => {
        const [, name, value] = /** @type {[string, string, Json]} */ (decode(disclosure));
        return [name, value];
      });
      return { item, kind, occurred, party, data: { ...data, ...Object.fromEntries(restricted) } };
    }),
  );
}

// The events of a passport with their ids and keys, in the order of the file. Checks nothing.
/** @type {(passport: Uint8Array) => Promise<RecordedEvent[]>} */
export async function readEvents(passport) {
  /** @type {{ chains: { item: string; events: string[] }[] }} */
  const { chains } = JSON.parse(new TextDecoder().decode(passport));
  const wires = chains.flatMap(({ item, events }) => events.map((wire) => ({ item, wire })));
  return Promise.all(
    wires.map(async ({ item, wire }) => {
      const { token } = splitWire(wire);
      const [header, payload] = token
        .split(".", 2)
        .map((part) => JSON.parse(new TextDecoder().decode(fromBase64url(part))));
      return { id: toBase64url(await sha256([0], encode(token))), item, kid: header.kid, payload };
    }),
  );
}

// The fingerprint of a trust file, for comparing by eye (docs/spec/trust.md).
/** @type {(trust: Uint8Array) => Promise<string>} */
export async function fingerprintOf(trust) {
  return toHex((await sha256(trust)).slice(0, 16)).replaceAll(/....(?=.)/g, "$& ");
}

// The SHA-256 of a file in hex, by which an import names the passport of an earlier life.
/** @type {(file: Uint8Array) => Promise<string>} */
export const digestOf = async (file) => toHex(await sha256(file));

// ------------------------------------------------------------------------ check 14: former lives

/** @type {(checkpoint: string) => Promise<[size: number, root: string]>} */
async function stateOf(checkpoint) {
  const { size, root } = await parseCheckpoint(parseNote(checkpoint).text);
  return [Number(size), toBase64url(root)];
}

// Verifies the passports of lives in other ledgers that are at hand, found by their SHA-256.
/**
 * @param {Chain[]} things
 * @param {Doubts} doubts
 * @param {Options} options
 * @returns {Promise<FormerLife[]>}
 */
async function followFormer(things, doubts, { companions = [], ...options }) {
  /** @type {Map<string, Companion>} */
  const known = new Map();
  for (const one of companions) known.set(await digestOf(one.passport), one);
  /** @type {FormerLife[]} */
  const lives = [];
  for (const { item: chain, events: [{ id: event, kind, row, data }] } of things) {
    if (kind !== "import" || !row || !has(data, "former") || doubts.unchecked.has(event)) continue;
    const { origin, item, size, root, passport_sha256: digest } = /** @type {Former} */ (data.former);
    const companion = known.get(digest);
    const trust = companion && (await parseTrust(companion.trust));
    if (!companion || trust?.origin !== origin) {
      lives.push({ chain, event, origin, item, result: "missing", codes: [] });
      continue;
    }
    const report = await verifyPassport(companion.passport, companion.trust, item, {
      ...options,
      firstUse: false,
    });
    await placed(chain, event, async () => {
      if (report.result === "refused" || report.result === "unchecked")
        return refuse("former.refused", `the record of ${item} in ${origin}: ${report.message}`);
      const { checkpoint } = JSON.parse(decodeUtf8(companion.passport, "passport.form"));
      const [itsSize, itsRoot] = await stateOf(checkpoint);
      if (itsSize !== size || itsRoot !== root)
        return refuse("former.checkpoint", `the record of ${item} is as of another checkpoint`);
      // It was written when the part left that ledger, so its age says nothing.
      const codes = report.codes.filter((code) => code !== "age.stale");
      const asOf = report.as_of === undefined ? {} : { as_of: report.as_of };
      lives.push({ chain, event, origin, item, result: codes.length ? "incomplete" : "verified", codes, ...asOf });
      return undefined;
    });
  }
  return lives;
}

// ------------------------------------------------------------------------------------- all checks

/**
 * @param {Uint8Array} passportBytes
 * @param {Trust} trust
 * @param {string} item
 * @param {Options} options
 * @returns {Promise<Verified>}
 */
async function verify(passportBytes, trust, item, options) {
  const { now, catalogue, firstUse } = options;
  const passport = await parsePassport(passportBytes, catalogue); // check 1
  const shown = await readChains(passport, catalogue);
  await placed(passport.item, "", () => {
    // check 2
    if (passport.item !== item) refuse("passport.item", `the passport is about ${passport.item}`);
    if (!trust.items.some((prefix) => item.startsWith(prefix)))
      refuse("trust.item", "the trust file does not authorize this ledger for the item");
  });
  const opened = await openNote(passport, trust); // check 3
  const mapRoot = await checkSeal(passport, opened.checkpoint); // check 4
  for (const { item: name, events, mapProof } of shown.values()) {
    // check 5
    const last = events[events.length - 1];
    await placed(name, last.id, () =>
      checkHead(name, events.length - 1, last.leaf, mapProof, mapRoot),
    );
  }
  const found = lookUp(shown, "ledger").events[0];
  for (const chain of shown.values())
    // check 6
    for (const [seq, event] of chain.events.entries())
      await placed(chain.item, event.id, () =>
        checkPlace(chain, seq, event, trust.origin, found.id),
      );
  await placed(
    "ledger",
    found.id,
    () =>
      // check 7
      found.id === trust.founding || refuse("trust.founding", "the ledger is not the one that the trust file names"),
  );
  const doubts = new Doubts(shown);
  const indices = await checkOrder(shown, passport.order, opened.checkpoint); // check 8
  const roster = new Roster(shown, indices);
  /** @type {Map<string, Judgement>} */
  const signers = new Map();
  for (const [chain, event] of eventsOf(inOrderOfRights(shown, catalogue)))
    signers.set(
      event.id,
      await placed(chain.item, event.id, () => roster.judge(chain, event, doubts)),
    );
  await checkSignatures(shown, signers); // check 9
  /** @type {Map<string, JsonObject>} */
  const disclosed = new Map();
  for (const [chain, event] of eventsOf([...shown.values()]))
    // check 10
    disclosed.set(
      event.id,
      await placed(chain.item, event.id, () =>
        openDisclosures(event, event.disclosures, catalogue),
      ),
    );
  await checkJoins(shown, doubts); // check 11
  const lives = await replayLives(shown, signers, doubts, catalogue); // check 12
  const things = [...shown.values()].filter((chain) => chain.isThing);
  const former = await followFormer(things, doubts, options); // check 14
  const described = describe({
    passport,
    trust,
    shown,
    roster,
    signers,
    doubts,
    lives,
    disclosed,
    opened,
    now,
    firstUse,
  });
  return former.length ? { ...described, former } : described;
}

// Whether the bytes claim to be a passport at all; a login page or half an answer does not.
/** @type {(bytes: Uint8Array) => boolean} */
export function isPassport(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)).format === "traceledger/passport/v1";
  } catch {
    return false;
  }
}

/**
 * @param {Uint8Array} passport
 * @param {Uint8Array} trust
 * @param {string} item
 * @param {Options} options
 * @returns {Promise<Report>}
 */
export async function verifyPassport(passport, trust, item, options) {
  let trusted;
  try {
    trusted = await parseTrust(trust);
    for (const companion of options.companions ?? []) await parseTrust(companion.trust);
    parseItem(item);
  } catch (error) {
    return failed("unchecked", "Correct the trust file or the id of the part.", error);
  }
  try {
    return await verify(passport, trusted, item, options);
  } catch (error) {
    const hint = "Do not rely on the record. Fetch it again; if it fails again, report it.";
    return failed("refused", hint, error);
  }
}

/**
 * @template {"refused" | "unchecked"} Result
 * @param {Result} result
 * @param {string} hint
 * @param {unknown} error
 * @returns {Failed<Result>}
 */
function failed(result, hint, error) {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, chain, event } = error;
  return { result, codes: [code], ...(chain && { chain }), ...(event && { event }), message, hint };
}
