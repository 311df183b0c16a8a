// @ts-check
// Proofs of an item's latest event (docs/spec/log.md, Map of latest heads).

import { encode, equal, sha256, u64 } from "../bytes.js";
import { refuse } from "../errors.js";

/** @import { Bytes } from "../types.d.ts" */

// Map of latest heads, docs/spec/log.md; the root's child first.
/**
 * @type {(item: string, seq: number, head: Bytes, proof: Bytes[], root: Bytes) => Promise<void>}
 */
export async function checkHead(item, seq, head, proof, root) {
  const key = await sha256(encode(`traceledger/map-key/v1\n${item}`));
  let hash = await sha256([2], key, u64(seq), head);
  for (let depth = proof.length - 1; depth >= 0; depth--) {
    const bit = (key[depth >> 3] >> (7 - (depth & 7))) & 1;
    hash = bit ? await sha256([3], proof[depth], hash) : await sha256([3], hash, proof[depth]);
  }
  if (!equal(hash, root)) refuse("map.proof", "the map proof does not lead to the sealed map root");
}
