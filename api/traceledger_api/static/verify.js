// Verifies passports of traceledger by docs/spec/ of the repository, in browsers and in Node.
//
//   const report = await verifyPassport(passport, trust, item, { now, catalogue });
//
// `passport` and `trust` are the bytes of the two files, `item` is the item wanted, `now` seconds
// since 1970, `catalogue` the content of catalogue.json, made from the same table as
// docs/spec/catalogue.md. `firstUse: true` says that the trust file came from the ledger itself.
// The report is the object of docs/spec/results.md; what is false is reported, not thrown.
// UnsupportedError says that this browser cannot check Ed25519 signatures, so nothing was checked.
//
// One module without dependencies; cryptography is WebCrypto's. It shares no code with the library
// in Python: two implementations that agree are the point.

export class UnsupportedError extends Error {}

class Refusal extends Error {
  constructor(code, message, chain = "", event = "") {
    super(message);
    Object.assign(this, { code, chain, event });
  }
}

function refuse(code, message) {
  throw new Refusal(code, message);
}

// Refusals in `work` that name no place get this one.
async function placed(chain, event, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && !error.chain) Object.assign(error, { chain, event });
    throw error;
  }
}

// ---------------------------------------------------------------------------------------- bytes

const LF = 0x0a;
const encoder = new TextEncoder();
const encode = (text) => encoder.encode(text);

function decodeUtf8(bytes, code) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(code, "the bytes are not UTF-8");
  }
}

function join(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

function u64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

const bigint = (bytes) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

function fromBinary(binary) {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

function toBase64url(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The bytes, or nothing if the text is not the one canonical form.
function fromBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return undefined;
  const binary = atob(text);
  return btoa(binary) === text ? fromBinary(binary) : undefined;
}

function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(standard.padEnd(Math.ceil(text.length / 4) * 4, "="));
}

// ------------------------------------------------------------------------------- canonical JSON

const MAX_DEPTH = 8;
const MEMBER = /^[a-z_][a-z0-9_]{0,63}$/;
const ESCAPES = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\" };

// Decodes canonical JSON of the profile in docs/spec/events.md and nothing else.
function parseJson(bytes) {
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
  if (formatJson(value) !== text) refuse("encoding.canonical", "JSON is not in its canonical form");
  return value;
}

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
  const members = Object.keys(value).sort().map((name) => {
    if (!MEMBER.test(name) || name === "__proto__")
      refuse("encoding.json", "the name of a member is not allowed");
    return `"${name}":${formatJson(value[name], depth + 1)}`;
  });
  return `{${members.join(",")}}`;
}

function formatString(text) {
  if (/\0|\p{Surrogate}/u.test(text)) refuse("encoding.json", "a text holds U+0000 or a surrogate");
  const escaped = text.replace(/["\\\u0001-\u001f]/g, (character) =>
    ESCAPES[character] ?? `\\u00${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const has = (object, name) => Object.hasOwn(object, name);

// True if an object has the required members, maybe the optional ones, and no others.
function hasMembers(value, required, optional = []) {
  return isObject(value) && required.every((name) => has(value, name)) &&
    Object.keys(value).every((name) => required.includes(name) || optional.includes(name));
}

const codePoints = (text) => [...text].length;

// ------------------------------------------------------------------------------------- item ids

const ID = "[A-Za-z0-9-]{1,40}";
const RANDOM_ID = "[A-Za-z0-9-]{16,40}";
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

const formOf = (item) => ITEM_FORMS.find(([, pattern]) => pattern.test(item))?.[0];

// GS1's check digit, modulo 10: weights 3 and 1 from the right.
function checkDigitHolds(digits) {
  const sum = [...digits].reduceRight(
    (total, digit, at) => total + Number(digit) * ((digits.length - at) % 2 ? 1 : 3), 0);
  return sum % 10 === 0;
}

function parseItem(item) {
  if (!isText(item) || !formOf(item)) refuse("item.form", `${item} is not an item id`);
  if (item.startsWith("01/") && !checkDigitHolds(item.slice(3, 17)))
    refuse("item.check-digit", `the check digit of ${item} is wrong`);
  return item;
}

// An item id, or the item of an address as it stands behind a QR code.
export function itemOf(text) {
  const found = /^https?:\/\/[^?#\s]+?\/((?:01|8004|x)\/[^?#\s]*)(?:#.*)?$/.exec(text.trim());
  return found ? found[1] : text.trim();
}

// Beginnings of ids that are not whole ids, a character short of the longest.
const PREFIX = new RegExp(`^(?:${[
  "0", "01", "01/[0-9]{0,14}", "01/[0-9]{14}/", "01/[0-9]{14}/2", "01/[0-9]{14}/21",
  "01/[0-9]{14}/21/[A-Z0-9-]{0,19}", "8", "80", "800", "8004", "8004/[A-Z0-9-]{0,29}",
  "x", "x/", "x/u", "x/un", "x/uni", "x/unit", "x/c", "x/co", "x/cor", "x/core", "x/com",
  "x/comp", "x/compo", "x/compon", "x/compone", "x/componen", "x/component",
  "x/(?:unit|core|component)/[A-Za-z0-9-]{0,39}", "l", "lo", "lot", "d", "de", "dec", "decl",
  "b", "bo", "boo", "book", "(?:lot|decl|book)/[A-Za-z0-9-]{0,39}",
].join("|")})$`);

function isPrefix(text) {
  return PREFIX.test(text) && (!/^01\/[0-9]{14}/.test(text) || checkDigitHolds(text.slice(3, 17)));
}

// ----------------------------------------------------------------------------------------- keys

const P_ED25519 = (1n << 255n) - 19n;
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

function checkEd25519(bytes) {
  const y = bigint(bytes.slice().reverse()) & ((1n << 255n) - 1n);
  if (y >= P_ED25519 || SMALL_ORDER.has(y))
    refuse("key.weak", "the Ed25519 key is not canonical or of small order");
}

async function importEd25519(bytes) {
  checkEd25519(bytes);
  let key;
  try {
    key = await crypto.subtle.importKey("raw", bytes, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError")
      throw new UnsupportedError("this browser has no Ed25519", { cause: error });
    return async () => false;
  }
  return (signature, message) => crypto.subtle.verify("Ed25519", key, signature, message);
}

async function importP256(x, y) {
  const [left, right] = [bigint(x), bigint(y)];
  const onCurve = (right * right - (left ** 3n - 3n * left + B_256)) % P_256 === 0n;
  if (left >= P_256 || right >= P_256 || !onCurve)
    refuse("key.form", "the P-256 key is not a point on the curve");
  const kind = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", join([4], x, y), kind, false, ["verify"]);
  const way = { name: "ECDSA", hash: "SHA-256" };
  return (signature, message) => crypto.subtle.verify(way, key, signature, message);
}

// A registered key: its thumbprint, the algorithms it accepts, and verify(signature, message).
async function loadJwk(jwk) {
  const [x, y] = [fromBase64url(jwk.x), has(jwk, "y") ? fromBase64url(jwk.y) : undefined];
  const kind = `${jwk.kty} ${jwk.crv}`;
  if (kind === "OKP Ed25519" && !y)
    return { algorithms: ["Ed25519", "EdDSA"], verify: await importEd25519(x) };
  if (kind === "EC P-256" && y) return { algorithms: ["ES256"], verify: await importP256(x, y) };
  return refuse("key.form", "the key is neither Ed25519 nor P-256");
}

const thumbprint = async (jwk) => toBase64url(await sha256(encode(formatJson(jwk))));

// ---------------------------------------------------------------------------------- signed notes

const MAX_NOTE = 1 << 20;
const MAX_LINES = 100;
const TYPE_LOG = 1;
const TYPE_WITNESS = 4;
const ORIGIN = /^[\x21-\x2a\x2c-\x7e]{1,255}$/;
// Unicode's White_Space and the separators U+001C to U+001F, which no key name may hold.
const SPACE = /[\p{White_Space}\x1c-\x1f]/u;

const isOrigin = (text) =>
  isText(text) && ORIGIN.test(text) && !/^(?:traceledger|cosignature)\//.test(text);
const isKeyName = (text) => text !== "" && !SPACE.test(text) && !text.includes("+");

function parseNote(text) {
  const refused = (message) => refuse("note.form", message);
  const bytes = encode(text);
  if (bytes.length > MAX_NOTE) refused("the note is larger than 1 MiB");
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) refused("the note holds a control character");
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || !text.endsWith("\n")) refused("the note has no blank line before its signatures");
  const lines = text.slice(end + 2).split("\n").slice(0, -1);
  if (lines.length < 1 || lines.length > MAX_LINES) refused("a note has 1 to 100 signature lines");
  const signatures = lines.map((line) => {
    const [dash, name, blob, ...rest] = line.split(" ");
    const raw = blob === undefined ? undefined : fromBase64(blob);
    if (dash !== "\u2014" || rest.length || !isKeyName(name) || !raw || raw.length < 5)
      refused("a signature line has another form");
    return { name, id: raw.slice(0, 4), signature: raw.slice(4) };
  });
  const pairs = signatures.map(({ name, id }) => `${name} ${toBase64(id)}`);
  if (new Set(pairs).size !== pairs.length) refused("two lines have the same key name and id");
  return { text: text.slice(0, end + 1), signatures };
}

// key name "+" key id in hexadecimal "+" base64 of type and public key
async function parseVkey(text, type) {
  const refused = () => refuse("note.key", `${text} is not a verifier key of type ${type}`);
  const [name, id, ...rest] = text.split("+");
  const raw = fromBase64(rest.join("+"));
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id ?? "") || raw?.length !== 33 || raw[0] !== type)
    refused();
  const keyId = (await sha256(encode(`${name}\n`), raw)).slice(0, 4);
  if (Array.from(keyId, (byte) => byte.toString(16).padStart(2, "0")).join("") !== id) refused();
  return { text, name, id: keyId, type, raw, verify: await importEd25519(raw.slice(1)) };
}

function parseDecimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 1n << 63n ? value : undefined;
}

function parseHash(text) {
  const bytes = isText(text) ? fromBase64(text) : undefined;
  return bytes?.length === 32 ? bytes : undefined;
}

async function parseCheckpoint(text) {
  const [origin, sizeText, rootText, ...rest] = text.split("\n");
  const [size, root] = [parseDecimal(sizeText ?? ""), parseHash(rootText ?? "")];
  if (rest.length !== 1 || rest[0] !== "" || !isOrigin(origin) || size === undefined || !root)
    refuse("checkpoint.form", "the checkpoint is not three lines of origin, size and root");
  if (size === 0n && !equal(root, await sha256()))
    refuse("checkpoint.form", "size 0 goes with the empty root only");
  return { origin, size, root };
}

function parseSeal(text) {
  const [format, indexText, rootText, countText, beforeText, ...rest] = text.split("\n");
  const [index, count] = [parseDecimal(indexText ?? ""), parseDecimal(countText ?? "")];
  const mapRoot = parseHash(rootText ?? "");
  const before = beforeText === "-" ? undefined : parseDecimal(beforeText ?? "");
  const fits = format === "traceledger/seal/v1" && rest.length === 1 && rest[0] === "" &&
    index > 0n && count > 0n && count <= index && mapRoot &&
    (beforeText === "-" || (before > 0n && before < index));
  if (!fits) refuse("seal.form", "the seal is not five lines in their form");
  return { index, mapRoot };
}

// ---------------------------------------------------------------------------- policy, trust file

// C2SP tlog-policy: the logs, the witnesses and groups by name, and the quorum.
async function parsePolicy(text) {
  const refused = (message) => refuse("policy.form", message);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!text.endsWith("\n") || /[\x00-\x08\x0b-\x1f\x7f]/.test(text))
    refused("the policy holds a control character or does not end its last line");
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined };
  const members = new Set();
  const define = (name) => {
    if (name === "none" || policy.witnesses.has(name) || policy.groups.has(name))
      refused(`the name ${name} is taken`);
    return name;
  };
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const keys = [];
  const newKey = async (vkey, type) => {
    const key = await parseVkey(vkey, type);
    if (keys.some((other) => equal(other.raw.slice(1), key.raw.slice(1))))
      refused("a public key stands there twice");
    keys.push(key);
    return key;
  };
  const statements = {
    log: async (vkey, ...url) => {
      if (vkey === undefined || url.length > 1) refused("log VKEY [URL]");
      const key = await newKey(vkey, TYPE_LOG);
      if (!isOrigin(key.name)) refused(`${key.name} is no origin`);
      policy.logs.push(key);
    },
    witness: async (name, vkey, ...url) => {
      if (vkey === undefined || url.length > 1) refused("witness NAME VKEY [URL]");
      policy.witnesses.set(define(name), await newKey(vkey, TYPE_WITNESS));
    },
    group: async (name, threshold, ...names) => {
      if (!names.length) refused("group NAME all|any|K MEMBER...");
      for (const member of names) {
        if (!known(member) || members.has(member)) refused(`${member} cannot be a member`);
        members.add(member);
      }
      const words = { all: names.length, any: 1 };
      const needed = has(words, threshold) ? words[threshold] : Number(threshold);
      if (!/^(?:all|any|[1-9][0-9]*)$/.test(threshold) || needed > names.length)
        refused(`${threshold} of ${names.length} members cannot be asked for`);
      policy.groups.set(define(name), { needed, members: names });
    },
    quorum: async (name, ...rest) => {
      if (name === undefined || rest.length || policy.quorum !== undefined) refused("quorum NAME, once");
      if (name !== "none" && !known(name)) refused(`${name} is neither witness nor group`);
      policy.quorum = name;
    },
  };
  for (const line of text.split("\n").slice(0, -1)) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === undefined || word.startsWith("#")) continue;
    if (!has(statements, word)) refused(`${word} is no statement of a policy`);
    await statements[word](...rest);
  }
  if (policy.quorum === undefined) refused("the policy has no quorum");
  return policy;
}

// The latest time for which the cosignatures with that time or a later one meet a name.
function timeOf(policy, name, times) {
  if (!policy.groups.has(name)) return times.get(name);
  const { needed, members } = policy.groups.get(name);
  const met = members.map((member) => timeOf(policy, member, times)).filter((time) => time !== undefined);
  return met.sort((one, other) => (one < other ? 1 : -1))[needed - 1];
}

const MAX_TRUST = 1 << 16;
const TRUST = ["customs", "format", "founding", "items", "max_age", "origin", "policy"];
const isHash = (value) => isText(value) && value.length === 43 && fromBase64url(value) !== undefined;
const isUnique = (list) => new Set(list.map((one) => formatJson(one))).size === list.length;

async function parseTrust(bytes) {
  const check = (holds, message) => holds || refuse("trust.form", message);
  check(bytes.length <= MAX_TRUST, "the trust file is larger than 64 KiB");
  const trust = await recoded("trust.form", ["encoding."], () => parseJson(bytes));
  check(hasMembers(trust, TRUST, ["replayed_by", "until", "label_keys"]), "a member is missing or unknown");
  check(trust.format === "traceledger/trust/v1", "format");
  check(isOrigin(trust.origin), "origin");
  check(isHash(trust.founding), "founding");
  check(Array.isArray(trust.customs) && trust.customs.every(isHash), "customs");
  check(Array.isArray(trust.items) && trust.items.length >= 1 && trust.items.length <= 64, "items");
  check(trust.items.every((prefix) => isText(prefix) && isPrefix(prefix)), "items");
  check(Number.isSafeInteger(trust.max_age) && trust.max_age >= 1, "max_age");
  check(isText(trust.policy), "policy");
  const { until = [], label_keys: labels = [], replayed_by: replayer } = trust;
  check(Array.isArray(until) && (!has(trust, "until") || until.length), "until");
  check(until.every((one) => hasMembers(one, ["key", "root", "size"]) && isText(one.key) &&
    parseHash(one.root) && Number.isSafeInteger(one.size) && one.size >= 1), "until");
  check(Array.isArray(labels) && (!has(trust, "label_keys") || labels.length), "label_keys");
  check(labels.every((one) => hasMembers(one, ["jwk", "party"]) && isJwk(one.jwk) &&
    isText(one.party) && formOf(one.party) === "party"), "label_keys");
  check([trust.customs, trust.items, until.map((one) => one.key), labels].every(isUnique), "twice");
  const policy = await parsePolicy(trust.policy);
  check(policy.logs.some((log) => log.name === trust.origin), "no log of the policy is the origin");
  check(replayer === undefined || policy.witnesses.has(replayer) || policy.groups.has(replayer), "replayed_by");
  const vkeys = [...policy.logs, ...policy.witnesses.values()].map((key) => key.text);
  check(until.every((one) => vkeys.includes(one.key)), "until");
  for (const one of labels) await loadJwk(one.jwk);
  return { ...trust, policy, replayer, retired: new Set(until.map((one) => one.key)) };
}

function isJwk(value) {
  return hasMembers(value, ["crv", "kty", "x"], ["y"]) && Object.entries(value).every(
    ([name, text]) => isText(text) && (name === "crv" || name === "kty" || isHash(text)));
}

// Gives refusals of some codes, by their beginnings, another code.
async function recoded(code, beginnings, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && beginnings.some((one) => error.code.startsWith(one)))
      error.code = code;
    throw error;
  }
}

// ---------------------------------------------------------------------------------- Merkle proofs

// RFC 9162 section 2.1.3.2; `index` and `size` are BigInts.
async function checkInclusion(leaf, index, size, proof, root) {
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
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
const CLAIMS = ["aud", "data", "iat", "iss", "kind", "occurred", "seq", "sub"];

// The token and the disclosures of `token~disclosure~...~`.
function splitWire(wire) {
  if (encode(wire).length > MAX_WIRE) refuse("wire.size", "the event is larger than 128 KiB");
  if (!wire.endsWith("~")) refuse("wire.form", "an event ends in ~");
  const [token, ...disclosures] = wire.slice(0, -1).split("~");
  return { token, disclosures };
}

// Everything that the bytes of a token say; `row` is its kind in the catalogue, if that is known.
async function parseToken(token, catalogue) {
  const refused = (message) => refuse("token.form", message);
  if (token.length > MAX_TOKEN) refuse("token.size", "the token is larger than 32 KiB");
  const parts = token.split(".");
  const [header, claims, signature] = parts.map(fromBase64url);
  if (parts.length !== 3 || !header || !claims || signature?.length !== 64)
    refused("a token is header.payload.signature in canonical base64url");
  const { alg, kid } = parseHeader(header);
  const payload = parseJson(claims);
  const row = has(catalogue.kinds, String(payload.kind)) ? catalogue.kinds[payload.kind] : undefined;
  checkClaims(payload);
  if (row) checkData(payload.data, row, catalogue);
  const leaf = await sha256([0], encode(token));
  return {
    id: toBase64url(leaf), leaf, alg, kid, row, signature,
    signed: encode(token.slice(0, token.lastIndexOf("."))),
    kind: payload.kind, item: payload.sub, issuer: payload.iss, auth: payload.auth ?? "",
    seq: payload.seq, prev: payload.prev ?? "", origin: payload.aud,
    links: payload.refs ?? [], data: payload.data, digests: digestsOf(payload.data),
  };
}

function parseHeader(bytes) {
  const header = parseJson(bytes);
  const fits = hasMembers(header, ["alg", "kid", "typ"]) && header.typ === "tl-event+jwt" &&
    ["Ed25519", "EdDSA", "ES256"].includes(header.alg) && isHash(header.kid);
  if (!fits) refuse("token.form", "the header is not that of an event");
  return header;
}

function checkClaims(payload) {
  const check = (holds, name) => holds || refuse("event.field", `${name} has no allowed value`);
  check(hasMembers(payload, CLAIMS, ["auth", "prev", "refs", "site"]), "the payload");
  const { aud, auth, iat, iss, kind, occurred, prev, refs, seq, site, sub } = payload;
  check(isText(aud) && ORIGIN.test(aud), "aud");
  check(isText(kind) && /^[a-z_]{1,40}$/.test(kind), "kind");
  check(isCount(iat), "iat");
  check(isCount(seq), "seq");
  check(isText(occurred) && TIME.test(occurred), "occurred");
  check(site === undefined || (isText(site) && /^[A-Za-z0-9-]{1,40}$/.test(site)), "site");
  check((auth === undefined) === (kind === "found") && (auth === undefined || isHash(auth)), "auth");
  check((prev === undefined) === (kind === "found") && (prev === undefined || isHash(prev)), "prev");
  check(isObject(payload.data), "data");
  check(refs === undefined || (Array.isArray(refs) && refs.length >= 1 && refs.length <= 129), "refs");
  for (const link of refs ?? []) {
    check(hasMembers(link, ["as", "item"], ["event"]), "refs");
    check(isText(link.as) && /^[a-z_]{1,20}$/.test(link.as), "refs.as");
    check(!has(link, "event") || isHash(link.event), "refs.event");
    check(isText(link.item), "refs.item");
  }
  check(isText(iss) && (iss === "ledger" || formOf(iss) === "party"), "iss");
  check(isText(sub), "sub");
  for (const item of [sub, ...(refs ?? []).map((link) => link.item)]) parseItem(item);
}

// Public fields in clear, restricted ones as digests in `_sd`.
function checkData(data, row, catalogue) {
  const check = (holds, name) => holds || refuse("event.field", `${name} has no allowed value`);
  const fields = Object.entries(row.fields);
  const restricted = fields.filter(([, field]) => field.reader !== "public");
  for (const name of Object.keys(data))
    check(name === "_sd" ? restricted.length : row.fields[name]?.reader === "public", name);
  for (const [name, field] of fields) {
    if (field.reader !== "public") continue;
    if (has(data, name)) check(allows(field.allowed, data[name], catalogue), name);
    else check(!field.required, name);
  }
  const required = restricted.filter(([, field]) => field.required).map(([name]) => name);
  if (!has(data, "_sd")) return check(!required.length, "_sd");
  const optional = restricted.map(([name]) => name);
  check(hasMembers(data._sd, required, optional) && Object.keys(data._sd).length, "_sd");
  return check(Object.values(data._sd).every(isHash), "_sd");
}

// True if a value is one that the catalogue allows there; see traceledger/rules/portable.py.
function allows(allowed, value, catalogue) {
  const every = (values, inner) => values.every((one) => allows(inner, one, catalogue));
  const bounded = (size) => size >= (allowed.min ?? 0) && size <= (allowed.max ?? Infinity);
  if (has(allowed, "text")) {
    const { pattern, max = Infinity } = catalogue.texts[allowed.text];
    return isText(value) && codePoints(value) <= max && new RegExp(pattern, "u").test(value);
  }
  if (has(allowed, "integer")) {
    const [least, most] = allowed.integer;
    return Number.isSafeInteger(value) && value >= least && value <= most;
  }
  if (has(allowed, "boolean")) return typeof value === "boolean";
  if (has(allowed, "one")) return allowed.one.includes(value);
  if (has(allowed, "list"))
    return Array.isArray(value) && bounded(value.length) && every(value, allowed.list);
  if (has(allowed, "map"))
    return isObject(value) && bounded(Object.keys(value).length) &&
      every(Object.keys(value), allowed.names) && every(Object.values(value), allowed.map);
  if (has(allowed, "object"))
    return hasMembers(value, allowed.required, Object.keys(allowed.object)) &&
      Object.entries(value).every(([name, one]) => allows(allowed.object[name], one, catalogue));
  return has(allowed, "any");
}

// The digests by field name; of an unknown kind those that have the form.
function digestsOf(data) {
  const digests = isObject(data._sd) ? Object.entries(data._sd) : [];
  return Object.fromEntries(digests.filter(([, digest]) => isText(digest)));
}

// Check 10 for one event: the restricted fields that are shown.
async function openDisclosures(event, disclosures, catalogue) {
  const shown = {};
  let before = "";
  for (const disclosure of disclosures) {
    const bytes = fromBase64url(disclosure);
    const content = bytes && await recoded("disclosure.form", ["encoding."], () => parseJson(bytes));
    const fits = Array.isArray(content) && content.length === 3 && isText(content[0]) &&
      /^[A-Za-z0-9_-]{22,64}$/.test(content[0]) && isText(content[1]) && MEMBER.test(content[1]);
    if (!fits) refuse("disclosure.form", "a disclosure is not [salt, name, value]");
    const [, name, value] = content;
    if (name <= before) refuse("disclosure.order", `${name} does not come after ${before}`);
    if (event.digests[name] !== toBase64url(await sha256(encode(disclosure))))
      refuse("disclosure.digest", `${name} is not the field that was signed`);
    if (event.row && !allows(event.row.fields[name].allowed, value, catalogue))
      refuse("event.field", `${name} has no allowed value`);
    shown[name] = value;
    before = name;
  }
  return shown;
}

// --------------------------------------------------------------- check 1: the file and its chains

const MAX_PASSPORT = 1 << 20;
const MAX_LEVELS = 8;
const isOfThing = (item) => item !== "ledger" && !/^(?:party|key)\//.test(item);

async function parsePassport(bytes) {
  const check = (holds, message) => holds || refuse("passport.form", message);
  check(bytes.length <= MAX_PASSPORT, "the passport is larger than 1 MiB");
  const passport = await recoded("passport.form", ["encoding."], () => parseJson(bytes));
  check(hasMembers(passport, ["chains", "checkpoint", "format", "item", "order", "seal"]), "members");
  const { chains, checkpoint, format, item, order, seal } = passport;
  check(format === "traceledger/passport/v1", "format");
  check(isText(item) && isText(checkpoint) && Array.isArray(chains) && Array.isArray(order), "members");
  check(hasMembers(seal, ["proof", "text"]) && isText(seal.text), "seal");
  const proof = (hashes, most) => {
    check(Array.isArray(hashes) && hashes.length <= most, "a proof");
    return hashes.map((hash) => parseHash(hash) ?? refuse("passport.form", "a hash"));
  };
  const read = {
    item, checkpoint,
    seal: { text: seal.text, proof: proof(seal.proof, 63) },
    chains: chains.map((chain) => {
      check(hasMembers(chain, ["events", "item", "map_proof"]) && isText(chain.item), "a chain");
      check(Array.isArray(chain.events) && chain.events.length && chain.events.every(isText), "events");
      return { item: chain.item, wires: chain.events, mapProof: proof(chain.map_proof, 256) };
    }),
    order: order.map((entry) => {
      check(hasMembers(entry, ["event", "index", "proof"]), "an entry of order");
      check(isHash(entry.event) && isCount(entry.index), "an entry of order");
      return { event: entry.event, index: entry.index, proof: proof(entry.proof, 63) };
    }),
  };
  for (const one of [item, ...read.chains.map((chain) => chain.item)]) parseItem(one);
  check(isOfThing(item) && item !== "policy", "item");
  const names = read.chains.map((chain) => chain.item);
  check(names[0] === item && names[1] === "ledger", "the first chains");
  check(ascends(names.slice(2)) && !names.slice(2).some((name) => name === item || name === "ledger"),
    "the order of chains");
  check(ascends(read.order.map((entry) => entry.index)), "the order of positions");
  return read;
}

const ascends = (list) => list.every((one, at) => at === 0 || list[at - 1] < one);

async function readChains(passport, catalogue) {
  const shown = new Map();
  for (const { item, wires, mapProof } of passport.chains) {
    const events = [];
    for (const wire of wires) {
      const id = toBase64url(await sha256([0], encode(wire.split("~", 1)[0])));
      events.push(await placed(item, id, async () => {
        const { token, disclosures } = splitWire(wire);
        return { ...await parseToken(token, catalogue), disclosures };
      }));
    }
    for (const event of events) event.newKid = await newKidOf(event);
    shown.set(item, { item, events, mapProof });
  }
  const needed = await placed(passport.item, "", () => neededChains(passport.item, shown));
  const odd = [...new Set([...shown.keys(), ...needed])].sort()
    .find((item) => !shown.has(item) || !needed.has(item));
  if (odd !== undefined) {
    const message = shown.has(odd) ? "is not needed" : "is missing";
    await placed(odd, "", () => refuse("passport.chain", `the history of ${odd} ${message}`));
  }
  return shown;
}

// The thumbprint of the key that an event registers, if it registers one.
async function newKidOf({ kind, row, data }) {
  const name = { found: "root_jwk", rotate_root: "root_jwk", admit: "admin_jwk", add_key: "jwk" }[kind];
  return row && name ? thumbprint(data[name]) : undefined;
}

function neededChains(item, shown) {
  const eventsOf = (name) => shown.get(name)?.events ?? [];
  const needed = new Set();
  let level = new Set([item]);
  for (let depth = 0; level.size; depth++) {
    if (depth > MAX_LEVELS) refuse("ref.depth", "parts lie more than 8 links deep");
    const next = new Set();
    for (const name of level) {
      needed.add(name);
      for (const link of eventsOf(name)[0]?.links ?? [])
        if (link.as === "input" || link.as === "parent") next.add(link.item);
    }
    level = new Set([...next].filter((name) => !needed.has(name)));
  }
  needed.add("ledger");
  // A set's loop also reaches what is added to it meanwhile.
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

async function openNote(passport, trust) {
  const { text, signatures } = parseNote(passport.checkpoint);
  const named = (line) => [...trust.policy.logs, ...trust.policy.witnesses.values()]
    .find((key) => key.name === line.name && equal(key.id, line.id));
  const refused = (message) => refuse("note.signature", message);
  const times = new Map();
  const signers = [];
  for (const line of signatures) {
    const key = named(line) ?? refused(`the policy does not name the key of ${line.name}`);
    signers.push(key);
    if (key.type === TYPE_LOG) {
      if (!(await key.verify(line.signature, encode(text)))) refused(`the signature of ${line.name} is false`);
      continue;
    }
    if (line.signature.length !== 72) refuse("cosignature.form", "a cosignature has 72 bytes");
    const time = bigint(line.signature.slice(0, 8));
    if (time < 1n || time >= 1n << 63n) refuse("cosignature.form", "the time is out of range");
    const message = encode(`cosignature/v1\ntime ${time}\n${text}`);
    if (!(await key.verify(line.signature.slice(8), message))) refused(`the signature of ${line.name} is false`);
    times.set(key, time);
  }
  const spoke = signers.some((key) => key.type === TYPE_LOG && key.name === trust.origin &&
    !trust.retired.has(key.text));
  if (!spoke) refused("no key of the log that counts has signed");
  const checkpoint = await parseCheckpoint(text);
  if (checkpoint.origin !== trust.origin) refuse("checkpoint.form", "the checkpoint is of another log");
  return { checkpoint, times };
}

async function checkSeal({ seal }, checkpoint) {
  const { index, mapRoot } = parseSeal(seal.text);
  if (index !== checkpoint.size - 1n) refuse("seal.last", "the seal is not the checkpoint's last leaf");
  const leaf = await sha256([0], encode(seal.text));
  await checkInclusion(leaf, index, checkpoint.size, seal.proof, checkpoint.root);
  return mapRoot;
}

// Check 6: each event extends its chain in this ledger.
function checkPlace(chain, seq, event, origin, founding) {
  const opensLedger = chain.item === "ledger" && seq === 0;
  const before = seq ? chain.events[seq - 1].id : opensLedger ? "" : founding;
  if (event.item !== chain.item) refuse("chain.item", "the event is of another item");
  if (opensLedger && event.kind !== "found") refuse("chain.prev", "a ledger begins with found");
  if (event.origin !== origin) refuse("chain.ledger", "the event is of another ledger");
  if (event.seq !== seq) refuse("chain.seq", `seq ${event.seq} given, ${seq} comes next`);
  if (event.prev !== before) refuse("chain.prev", "the event does not name the one before it");
}
