// @ts-check
// Opening a trust list, for pages.

import { encode } from "../bytes.js";
import { Refusal } from "../errors.js";
import { fingerprintOf } from "../formats/trust.js";
import { parseTrustList, verifyTrustList } from "../formats/trust-list.js";
import { failed } from "./refusal.js";

/** @import { Failed, TrustList } from "../types.d.ts" */

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
