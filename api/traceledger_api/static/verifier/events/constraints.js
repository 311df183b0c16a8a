// @ts-check
// Which values of a field the catalogue allows.

import { codePoints, has, hasMembers, isObject, isText } from "../values.js";

/** @import { Allowed, Bounds, Catalogue, Field, Kind } from "../types.d.ts" */

// Whether the catalogue allows a value; see traceledger/rules/portable.py.
/** @type {(allowed: Allowed, value: unknown, catalogue: Catalogue) => boolean} */
export function allows(allowed, value, catalogue) {
  /** @type {(values: unknown[], inner: Allowed) => boolean} */
  const every = (values, inner) => values.every((one) => allows(inner, one, catalogue));
  /** @type {(size: number, bounds: Bounds) => boolean} */
  const bounded = (size, { min = 0, max = Infinity }) => size >= min && size <= max;
  if ("text" in allowed) {
    const { pattern, max = Infinity } = catalogue.texts[allowed.text];
    return isText(value) && codePoints(value) <= max && new RegExp(pattern, "u").test(value);
  }
  if ("integer" in allowed) {
    const [least, most] = allowed.integer;
    return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  }
  if ("boolean" in allowed) return typeof value === "boolean";
  if ("one" in allowed) return allowed.one.includes(value);
  if ("list" in allowed)
    return Array.isArray(value) && bounded(value.length, allowed) && every(value, allowed.list);
  if ("map" in allowed)
    return (
      isObject(value) &&
      bounded(Object.keys(value).length, allowed) &&
      every(Object.keys(value), allowed.names) &&
      every(Object.values(value), allowed.map)
    );
  if ("object" in allowed)
    return (
      hasMembers(value, allowed.required, Object.keys(allowed.object)) &&
      Object.entries(value).every(([name, one]) => allows(allowed.object[name], one, catalogue))
    );
  return "any" in allowed;
}

/** @type {(row: Kind, name: string) => Field | undefined} */
export const fieldOf = (row, name) => (has(row.fields, name) ? row.fields[name] : undefined);
/** @type {(row: Kind, name: string) => boolean} */
export const isRestricted = (row, name) => /^(?:customs|internal)$/.test(fieldOf(row, name)?.reader ?? "");
