// @ts-check
// Reports for write-off: each period begins where the last one ended.

import { refuse } from "../errors.js";

/** @import { Data, Effect, Periods } from "../types.d.ts" */

// A report begins where the last confirmed one ended, or where the book begins.
/** @type {(periods: Periods, data: Data) => void} */
export function checkReport({ end, opened }, data) {
  const [from, to] = [Number(data.from_size), Number(data.to_size)];
  const start = end || (opened ? from : 1);
  if (from !== start) refuse("life.period", `the period begins at ${start}`);
  if (to <= from) refuse("life.period", "to_size is not above from_size");
}

// The periods of a book after a stocktake or report, by kind.
/** @type {Record<string, Effect>} */
export const PERIODS = {
  stocktake: (state, { data }) =>
    data.opening ? { ...state, periods: { ...state.periods, opened: true } } : state,
  writeoff: (state, { id, data }) => {
    const waiting = [...state.periods.waiting, { event: id, end: Number(data.to_size) }];
    return { ...state, periods: { ...state.periods, waiting } };
  },
};

// The periods after customs' answer to a report; other reports of a closed period end.
/** @type {(periods: Periods, target: string | undefined, confirmed: boolean) => Periods} */
export function answerReport(periods, target, confirmed) {
  const report = periods.waiting.find(({ event }) => event === target);
  if (!report) return periods;
  if (confirmed) return { ...periods, end: report.end, waiting: [] };
  return { ...periods, waiting: periods.waiting.filter((one) => one !== report) };
}
