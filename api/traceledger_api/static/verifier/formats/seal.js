// @ts-check
// Seals (docs/spec/log.md, Seal).

import { refuse } from "../errors.js";
import { decodeHash, parseDecimal } from "./encoding.js";

/** @import { Bytes } from "../types.d.ts" */

/** @type {(text: string) => { index: bigint; mapRoot: Bytes }} */
export function parseSeal(text) {
  const [format, indexText, rootText, countText, beforeText, ...rest] = text.split("\n");
  const [index, count] = [parseDecimal(indexText ?? ""), parseDecimal(countText ?? "")];
  const mapRoot = decodeHash(rootText ?? "");
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
