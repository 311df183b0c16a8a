// @ts-check
// Hashes of the log's tree (docs/spec/log.md, Tree).

import { encode, sha256 } from "../bytes.js";

/** @import { Bytes } from "../types.d.ts" */

/** @type {(entry: string) => Promise<Bytes>} */
export const leafHash = (entry) => sha256([0], encode(entry));
/** @type {(left: Bytes, right: Bytes) => Promise<Bytes>} */
export const nodeHash = (left, right) => sha256([1], left, right);
