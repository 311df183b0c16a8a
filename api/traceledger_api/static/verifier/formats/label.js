// @ts-check
// The statement that a label carries in the fragment of its address (docs/spec/label.md).

import { decodeBase64url, encode, join } from "../bytes.js";
import { recoded, refuse } from "../errors.js";
import { isHash, parseCanonical } from "../events/encoding.js";
import { judgeSignature, thumbprint } from "../events/keys.js";
import { hasMembers, isText } from "../values.js";

/** @import { Bytes, LabelKey, Statement } from "../types.d.ts" */

const CONTEXT = "traceledger/label/v1\n";
const FRAGMENT = /^v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;
const MAX_FRAGMENT = 1500;
const MAX_PAYLOAD = 1000;
const MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;

/** @type {(fragment: string) => Promise<{ statement: Statement; payload: Bytes; signature: Bytes }>} */
async function parseLabel(fragment) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("label.form", message);
  const parts = fragment.length <= MAX_FRAGMENT ? FRAGMENT.exec(fragment) : null;
  if (!parts) return refused("this is not v1.<payload>.<signature>");
  const [payload, signature] = parts.slice(1).map(decodeBase64url);
  if (!payload || !signature) return refused("a part is not canonical base64url");
  if (payload.length > MAX_PAYLOAD) refused("the payload is larger than 1,000 bytes");
  const statement = await recoded("label.form", ["encoding."], () => parseCanonical(payload));
  return isStatement(statement)
    ? { statement, payload, signature }
    : refused("the payload does not have the members of a statement");
}

/** @type {(value: unknown) => value is Statement} */
function isStatement(value) {
  return (
    hasMembers(value, ["aud", "event", "item", "kid", "month"]) &&
    isText(value.aud) &&
    isHash(value.event) &&
    isText(value.item) &&
    isHash(value.kid) &&
    isText(value.month) &&
    MONTH.test(value.month)
  );
}

// The statement about an item of a ledger, without a check of its signature.
/** @type {(fragment: string, wanted: { item: string; origin: string }) => Promise<Statement>} */
export async function readStatement(fragment, { item, origin }) {
  const { statement } = await parseLabel(fragment);
  checkSubject(statement, { item, origin });
  return statement;
}

/** @type {(statement: Statement, wanted: { item: string; origin: string }) => void} */
function checkSubject(statement, { item, origin }) {
  if (statement.item !== item) refuse("label.item", "the statement is about another part");
  if (statement.aud !== origin) refuse("label.origin", "the statement is from another ledger");
}

// Checks the statement by the keys of a trust file.
/**
 * @param {string} fragment
 * @param {{ item: string; origin: string; keys: LabelKey[] }} wanted
 * @returns {Promise<Statement & { party: string }>}
 */
export async function openLabel(fragment, { item, origin, keys }) {
  const { statement, payload, signature } = await parseLabel(fragment);
  checkSubject(statement, { item, origin });
  for (const { jwk, party } of keys) {
    if ((await thumbprint(jwk)) !== statement.kid) continue;
    const code = await judgeSignature(jwk, signature, join(encode(CONTEXT), payload));
    if (code) refuse(code, "the statement was not signed by this key");
    return { ...statement, party };
  }
  return refuse("label.key", "the key is not trusted for labels");
}
