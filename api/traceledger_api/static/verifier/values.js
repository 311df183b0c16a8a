// @ts-check
// What a parsed value is, and look-ups in objects, lists and maps.

/** @import { JsonObject } from "./types.d.ts" */

/** @type {(value: unknown) => value is JsonObject} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @type {(value: unknown) => value is string} */
export const isText = (value) => typeof value === "string";
/** @type {(value: unknown) => value is number} */
export const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** @type {(object: object, name: string) => boolean} */
export const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

/**
 * @template T
 * @param {T[]} list
 * @returns {T | undefined}
 */
export const lastOf = (list) => list[list.length - 1];

// The value of a key that the map contains by construction.
/**
 * @template K, V
 * @param {Map<K, V>} map
 * @param {K} key
 * @returns {V}
 */
export function lookUp(map, key) {
  const value = map.get(key);
  if (value === undefined) throw new Error(`there is nothing for ${key}`);
  return value;
}

// Whether an object has the required members, optionally the others named, and no more.
/** @type {(value: unknown, required: string[], optional?: string[]) => value is JsonObject} */
export function hasMembers(value, required, optional = []) {
  return (
    isObject(value) &&
    required.every((name) => has(value, name)) &&
    Object.keys(value).every((name) => required.includes(name) || optional.includes(name))
  );
}

/** @type {(text: string) => number} */
export const codePoints = (text) => [...text].length;

/** @type {(list: string[] | number[]) => boolean} */
export const ascends = (list) => list.every((one, at) => at === 0 || list[at - 1] < one);
