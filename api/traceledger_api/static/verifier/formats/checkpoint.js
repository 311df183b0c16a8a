// @ts-check
// Checkpoints (docs/spec/log.md, Checkpoint).

import { equal, sha256 } from "../bytes.js";
import { refuse } from "../errors.js";
import { decodeHash, isOrigin, parseDecimal } from "./encoding.js";

/** @import { Checkpoint } from "../types.d.ts" */

/** @type {(text: string) => Promise<Checkpoint>} */
export async function parseCheckpoint(text) {
  const [origin, sizeText, rootText, ...rest] = text.split("\n");
  const [size, root] = [parseDecimal(sizeText ?? ""), decodeHash(rootText ?? "")];
  if (rest.length !== 1 || rest[0] !== "" || !isOrigin(origin) || size === undefined || !root)
    refuse("checkpoint.form", "the checkpoint is not three lines of origin, size and root");
  if (size === 0n && !equal(root, await sha256()))
    refuse("checkpoint.form", "size 0 requires the empty root");
  return { origin, size, root };
}
