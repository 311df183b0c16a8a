// @ts-check
// The payload of a token (docs/spec/events.md, The token).

import { refuse } from "../errors.js";
import { formOf } from "../identifiers/items.js";
import { codePoints, has, hasMembers, isCount, isObject, isText } from "../values.js";
import { allows, fieldOf, isRestricted } from "./constraints.js";
import { isHash } from "./encoding.js";

/** @import { Catalogue, Claims, Data, Kind } from "../types.d.ts" */

export const ORIGIN = /^[\x21-\x2a\x2c-\x7e]{1,255}$/;

const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
const LATEST = 32_503_679_999; // the end of the year 2999, in seconds since 1970
const CLAIMS = ["aud", "data", "iat", "iss", "kind", "occurred", "seq", "sub"];

/** @type {(holds: unknown, name: string) => asserts holds} */
export function checkField(holds, name) {
  if (!holds) refuse("event.field", `${name} has a value that is not allowed`);
}

/** @type {(payload: unknown) => asserts payload is Claims} */
export function checkClaims(payload) {
  checkField(hasMembers(payload, CLAIMS, ["auth", "prev", "refs", "site"]), "the payload");
  const { aud, auth, iat, iss, kind, occurred, prev, refs, seq, site, sub } = payload;
  checkField(isText(aud) && ORIGIN.test(aud), "aud");
  checkField(isText(kind) && /^[a-z_]{1,40}$/.test(kind), "kind");
  checkField(isCount(iat) && iat <= LATEST, "iat");
  checkField(isCount(seq), "seq");
  checkField(isText(occurred) && TIME.test(occurred), "occurred");
  checkField(site === undefined || (isText(site) && /^[A-Za-z0-9-]{1,40}$/.test(site)), "site");
  checkField(auth === undefined || isHash(auth), "auth");
  checkField(prev === undefined || isHash(prev), "prev");
  checkField(isObject(payload.data), "data");
  checkField(
    refs === undefined || (Array.isArray(refs) && refs.length >= 1 && refs.length <= 129),
    "refs",
  );
  for (const link of refs ?? []) {
    checkField(hasMembers(link, ["as", "item"], ["event"]), "refs");
    checkField(isText(link.as) && /^[a-z_]{1,20}$/.test(link.as), "refs.as");
    checkField(!has(link, "event") || isHash(link.event), "refs.event");
    checkField(isItemText(link.item), "refs.item");
  }
  checkField(isText(iss) && (iss === "ledger" || formOf(iss) === "party"), "iss");
  checkField(isItemText(sub), "sub");
}

/** @type {(text: unknown) => text is string} */
const isItemText = (text) => isText(text) && codePoints(text) <= 80;

// Public fields in clear, restricted ones as digests in `_sd`.
/** @type {(data: Data, row: Kind, catalogue: Catalogue) => void} */
export function checkData(data, row, catalogue) {
  const fields = Object.entries(row.fields);
  const restricted = fields.filter(([, field]) => field.reader !== "public");
  for (const name of Object.keys(data))
    checkField(name === "_sd" ? restricted.length : fieldOf(row, name)?.reader === "public", name);
  for (const [name, field] of fields) {
    if (field.reader !== "public") continue;
    if (has(data, name)) checkField(allows(field.allowed, data[name], catalogue), name);
    else checkField(!field.required, name);
  }
  if (has(data, "_sd")) checkDigests(data._sd);
}

/** @type {(digests: unknown) => void} */
export function checkDigests(digests) {
  const hashes = isObject(digests) ? Object.values(digests) : [];
  if (hashes.length < 1 || hashes.length > 64 || !hashes.every(isHash))
    refuse("event.field", "_sd is not an object of names and digests");
}

/** @type {(digests: Record<string, string>, row: Kind) => void} */
export function checkRestricted(digests, row) {
  const names = Object.keys(row.fields).filter((name) => isRestricted(row, name));
  const required = names.filter((name) => row.fields[name].required);
  if (!hasMembers(digests, required, names))
    refuse("event.field", "_sd does not contain the fields of the kind");
}
