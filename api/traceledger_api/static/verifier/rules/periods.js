// @ts-check
// Reports for write-off: each period begins where the last one ended.

import { refuse } from "../errors.js";

/** @import { Data, Periods } from "../../types.d.ts" */

// A report begins where the last confirmed one ended, or where the book begins.
/** @type {(periods: Periods, data: Data) => void} */
export function checkReport({ end, opened }, data) {
  const [from, to] = [Number(data.from_size), Number(data.to_size)];
  const start = end || (opened ? from : 1);
  if (from !== start) refuse("life.period", `the period begins at ${start}`);
  if (to <= from) refuse("life.period", "to_size is not above from_size");
}
