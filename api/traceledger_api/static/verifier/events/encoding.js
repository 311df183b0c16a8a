// @ts-check
// Canonical JSON (docs/spec/events.md, Encodings).

import { decodeBase64url, decodeUtf8 } from "../bytes.js";
import { refuse } from "../errors.js";
import { isText } from "../values.js";

/** @import { Json, JsonObject } from "../types.d.ts" */

const MAX_DEPTH = 8;
const MEMBER = /^[a-z_][a-z0-9_]{0,63}$/;
/** @type {Record<string, string>} */
const ESCAPES = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

// Decodes canonical JSON of the profile in docs/spec/events.md and nothing else.
// `depth` is the level of the value, for one that is nested in others.
/** @type {(bytes: Uint8Array, depth?: number) => Json} */
export function parseCanonical(bytes, depth = 1) {
  const text = decodeUtf8(bytes, "encoding.json");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("encoding.json", "this is not JSON");
  }
  // JSON.parse reads 1.0 and 1e0 as the integer 1.
  if (/[0-9][.eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, "")))
    refuse("encoding.json", "a number is not a plain integer");
  if (formatCanonical(value, depth) !== text)
    refuse("encoding.canonical", "the JSON is valid but not in canonical form");
  return value;
}

/** @type {(value: unknown, depth?: number) => string} */
export function formatCanonical(value, depth = 1) {
  if (typeof value === "string") return formatString(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) refuse("encoding.json", `the number ${value} is not allowed`);
    return Object.is(value, -0) ? "0" : String(value);
  }
  if (value === null) refuse("encoding.json", "null is not allowed");
  if (depth > MAX_DEPTH) refuse("encoding.json", "there are more than 8 levels");
  if (Array.isArray(value)) return `[${value.map((one) => formatCanonical(one, depth + 1)).join(",")}]`;
  const object = /** @type {JsonObject} */ (value);
  const members = Object.keys(object)
    .sort()
    .map((name) => {
      if (!MEMBER.test(name) || name === "__proto__")
        refuse("encoding.json", "a member name is not allowed");
      return `"${name}":${formatCanonical(object[name], depth + 1)}`;
    });
  return `{${members.join(",")}}`;
}

/** @type {(text: string) => string} */
function formatString(text) {
  if (/\0|\p{Surrogate}/u.test(text)) refuse("encoding.json", "a string contains U+0000 or a surrogate");
  const escaped = text.replace(
    /["\\\u0001-\u001f]/g,
    (character) =>
      ESCAPES[character] ?? `\\u00${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}

/** @type {(value: unknown) => value is string} */
export const isHash = (value) =>
  isText(value) && value.length === 43 && decodeBase64url(value) !== undefined;

/** @type {(list: unknown[]) => boolean} */
export const isUnique = (list) => new Set(list.map((one) => formatCanonical(one))).size === list.length;
