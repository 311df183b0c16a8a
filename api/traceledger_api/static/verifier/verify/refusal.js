// @ts-check
// Where a record was refused, and the report of it.

import { Refusal } from "../errors.js";

/** @import { Failed, Work } from "../types.d.ts" */

// Adds the location to refusals in `work` that have none.
/**
 * @template T
 * @param {string} chain
 * @param {string} event
 * @param {Work<T>} work
 * @returns {Promise<T>}
 */
export async function refusing(chain, event, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && !error.chain) Object.assign(error, { chain, event });
    throw error;
  }
}

/**
 * @template {"refused" | "unchecked"} Result
 * @param {Result} result
 * @param {string} hint
 * @param {unknown} error
 * @returns {Failed<Result>}
 */
export function failed(result, hint, error) {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, chain, event } = error;
  return { result, codes: [code], ...(chain && { chain }), ...(event && { event }), message, hint };
}
