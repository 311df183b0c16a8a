// @ts-check
// The trust list of an authority (docs/spec/trust-list.md).

import { encode, equal, sha256 } from "../bytes.js";
import { recoded, refuse } from "../errors.js";
import { formatCanonical, isUnique, parseCanonical } from "../events/encoding.js";
import { hasMembers, isObject, isText } from "../values.js";
import { decodeHash, isOrigin, parseDecimal } from "./encoding.js";
import { parseNote } from "./note.js";
import { fingerprintOf } from "./trust.js";
import { TYPE_LOG, parseVkey } from "./vkey.js";

/** @import { ListedLedger, SignedTrustList, TrustList } from "../types.d.ts" */

const MAX_LIST = 1 << 22;
const MAX_LEDGERS = 4096;
const LIST_FORMAT = "traceledger/trust-list/v1";
const END_OF_TIME = 253_402_300_799n; // the last second of the year 9999

/** @type {(bytes: Uint8Array) => Promise<SignedTrustList>} */
export async function parseTrustList(bytes) {
  /** @type {(holds: unknown, message: string) => asserts holds} */
  function check(holds, message) {
    if (!holds) refuse("trust-list.form", message);
  }
  check(bytes.length <= MAX_LIST, "the trust list is larger than 4 MiB");
  const list = await recoded("trust-list.form", ["encoding."], () => parseCanonical(bytes));
  check(hasMembers(list, ["format", "key", "ledgers", "note"]), "a member is missing or unknown");
  check(list.format === LIST_FORMAT && isText(list.key) && isText(list.note), "members");
  check(Array.isArray(list.ledgers), "ledgers");
  check(list.ledgers.length >= 1 && list.ledgers.length <= MAX_LEDGERS, "ledgers");
  const ledgers = list.ledgers.map((file) => {
    check(isObject(file) && isText(file.origin), "ledgers");
    const { origin, items } = file;
    check(Array.isArray(items) && items.every(isText), "ledgers");
    return { file: encode(formatCanonical(file)), origin, items };
  });
  check(isUnique(ledgers.map(({ origin }) => origin)), "a ledger is listed twice");
  const key = await parseVkey(list.key);
  if (key.type !== TYPE_LOG) refuse("note.key", "the key is of the wrong type");
  check(isOrigin(key.name), "key");
  const note = parseNote(list.note);
  const [format, name, ...rest] = note.text.split("\n");
  check(format === LIST_FORMAT && name === key.name && rest.length === 5, "note");
  const [sequence, issued, expires] = rest.slice(0, 3).map(parseDecimal);
  const digest = decodeHash(rest[3]);
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
export async function verifyTrustList(bytes, { key: fingerprint, since = 0, now }) {
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

export const MAX_AHEAD = 300n;
