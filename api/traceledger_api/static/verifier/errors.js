// @ts-check
// What stops a verification: a refusal with its code, or a browser that cannot check signatures.

/** @import { Work } from "./types.d.ts" */

export class UnsupportedError extends Error {}

export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
    this.chain = "";
    this.event = "";
  }
}

/** @type {(code: string, message: string) => never} */
export function refuse(code, message) {
  throw new Refusal(code, message);
}

// Replaces the code of refusals whose code has one of the prefixes.
/**
 * @template T
 * @param {string} code
 * @param {string[]} beginnings
 * @param {Work<T>} work
 * @returns {Promise<T>}
 */
export async function recoded(code, beginnings, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && beginnings.some((one) => error.code.startsWith(one)))
      error.code = code;
    throw error;
  }
}
