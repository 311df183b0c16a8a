// @ts-check
// Proofs that an entry is in the log (docs/spec/log.md, Tree).

import { equal } from "../bytes.js";
import { refuse } from "../errors.js";
import { nodeHash } from "./hashing.js";

/** @import { Bytes } from "../types.d.ts" */

// RFC 9162 section 2.1.3.2; `index` and `size` are BigInts.
/**
 * @type {(leaf: Bytes, index: bigint, size: bigint, proof: Bytes[], root: Bytes) => Promise<void>}
 */
export async function checkInclusion(leaf, index, size, proof, root) {
  /** @type {() => never} */
  const refused = () => refuse("merkle.proof", "the inclusion proof does not lead to the root");
  if (index >= size) refused();
  let [fn, sn, hash] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (sn === 0n) refused();
    if (fn & 1n || fn === sn) {
      hash = await nodeHash(sibling, hash);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n || !equal(hash, root)) refused();
}
