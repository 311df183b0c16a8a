// @ts-check
// A trust list as a reader relies on it; this browser keeps the number of the newest one.

import { openTrustList, readTrustList } from "./verify.js";

/** @import { TrustList } from "./types.d.ts" */

const NEWEST = "traceledger.list."; // and the fingerprint of the authority's key

/** @type {(key: string) => number} */
function readNewest(key) {
  try {
    return Number(localStorage.getItem(NEWEST + key) ?? 0);
  } catch {
    return 0; // the browser stores nothing
  }
}

/** @type {(key: string, sequence: number) => void} */
function keepNewest(key, sequence) {
  try {
    localStorage.setItem(NEWEST + key, String(sequence));
  } catch {
    // It applies to this visit only.
  }
}

// Opens a list by the fingerprint of its authority's key. Otherwise `fault` is the key of the words
// that say why it does not count, and `expires` its time.
/** @type {(bytes: Uint8Array, key: string) => Promise<{ list: TrustList } | { fault: string; expires: number }>} */
export async function relyOn(bytes, key) {
  const now = Math.floor(Date.now() / 1000);
  const opened = await openTrustList(bytes, { key, since: readNewest(key), now });
  if (opened.result === "opened") {
    keepNewest(key, opened.list.sequence);
    return { list: opened.list };
  }
  const isExpired = opened.codes[0] === "trust-list.expired";
  const claimed = await readTrustList(bytes);
  return { fault: isExpired ? "list.expired" : "list.refused", expires: claimed?.list.expires ?? 0 };
}
