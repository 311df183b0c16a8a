// @ts-check
// A trust list as a reader relies on it; this browser keeps the number and hash of the newest one.

import { digestOf } from "./verifier/bytes.js";
import { fingerprintOf } from "./verifier/formats/trust.js";
import { chooseLedger, isTrustList } from "./verifier/formats/trust-list.js";
import { claimedOrigin } from "./verifier/verify/record.js";
import { openTrustList, readTrustList } from "./verifier/verify/trust-list.js";

/** @import { Bytes, TrustList } from "./verifier/types.d.ts" */

const NEWEST = "traceledger.list."; // and the fingerprint of the authority's key

/** @type {(key: string) => { since: number; digest: string | undefined }} */
function readNewest(key) {
  try {
    const [since, digest] = (localStorage.getItem(NEWEST + key) ?? "0").split(" ");
    return { since: Number(since), digest };
  } catch {
    return { since: 0, digest: undefined }; // the browser stores nothing
  }
}

/** @type {(key: string, sequence: number, digest: string) => void} */
function keepNewest(key, sequence, digest) {
  try {
    localStorage.setItem(NEWEST + key, `${sequence} ${digest}`);
  } catch {
    // It applies to this visit only.
  }
}

// Opens a list by the fingerprint of its authority's key. Otherwise `fault` is the key of the words
// that say why it does not count, and `expires` its time.
/** @type {(bytes: Uint8Array, key: string) => Promise<{ list: TrustList } | { fault: string; expires: number }>} */
export async function relyOn(bytes, key) {
  const now = Math.floor(Date.now() / 1000);
  const { since, digest: known } = readNewest(key);
  const [opened, digest] = [await openTrustList(bytes, { key, since, now }), await digestOf(bytes)];
  const isOpen = opened.result === "opened";
  // Two lists of one number: the authority tells readers different things (trust-list.fork).
  if (isOpen && !(opened.list.sequence === since && known && known !== digest)) {
    keepNewest(key, opened.list.sequence, digest);
    return { list: opened.list };
  }
  const isExpired = !isOpen && opened.codes[0] === "trust-list.expired";
  const claimed = await readTrustList(bytes);
  return { fault: isExpired ? "list.expired" : "list.refused", expires: claimed?.list.expires ?? 0 };
}

// A reader's own file: a trust file, or the one that a trust list has for the part. Otherwise `fault`
// is the key of the words that say why the list does not count.
/** @type {(bytes: Bytes, passport: Uint8Array, item: string) => Promise<{ trust: Bytes } | { fault: string; expires: number }>} */
export async function trustFor(bytes, passport, item) {
  if (!isTrustList(bytes)) return { trust: bytes };
  const claimed = await readTrustList(bytes);
  if (!claimed) return { fault: "own_trust.bad", expires: 0 };
  const opened = await relyOn(bytes, claimed.key);
  if ("fault" in opened) return opened;
  const ledger = chooseLedger(opened.list, item, claimedOrigin(passport));
  return ledger ? { trust: ledger.file } : { fault: "list.no_ledger", expires: 0 };
}

// The keys for the record of an earlier life; those of another ledger do not count for it.
/** @type {(bytes: Bytes, passport: Uint8Array, item: string) => Promise<Bytes | undefined>} */
export async function trustForFormer(bytes, passport, item) {
  const found = await trustFor(bytes, passport, item);
  return "trust" in found ? found.trust : undefined;
}

// That of a trust file, or of the key of a trust list.
/** @type {(bytes: Uint8Array) => Promise<string>} */
export async function fingerprintOfTrust(bytes) {
  const claimed = isTrustList(bytes) ? await readTrustList(bytes) : undefined;
  return claimed?.key ?? fingerprintOf(bytes);
}
