// @ts-check
// Checks the statement that a label carries in the fragment of its address (docs/spec/label.md).
//
//   const { event, kid, month, party } = await openLabel(fragment, { item, origin, keys });
//   const { event, kid, month, party } = await confirmLabel(fragment, { item, origin, events });
//
// `keys` are those of a trust file, [{ jwk, party }]. With the `events` of a verified record, it must
// contain the approval that the label names, and only the key that signed the approval counts.
// Throws LabelError with a `code`.

import { encode, fromBase64url, toBase64url } from "./verifier/bytes.js";
import { judgeSignature, thumbprint } from "./verifier/events/keys.js";

/** @import { Bytes, LabelKey, RecordedEvent, Statement } from "./types.d.ts" */

export class LabelError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const CONTEXT = "traceledger/label/v1\n";
const FRAGMENT = /^v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;
const MAX_FRAGMENT = 1500;
const HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;
/** @type {(keyof Statement)[]} */
const MEMBERS = ["aud", "event", "item", "kid", "month"];

/** @type {(fragment: string) => { statement: Statement; payload: Bytes; signature: Bytes }} */
function parseLabel(fragment) {
  const parts = fragment.length <= MAX_FRAGMENT ? FRAGMENT.exec(fragment) : null;
  if (!parts) throw new LabelError("label.form", "this is not v1.<payload>.<signature>");
  const [payload, signature] = parts.slice(1).map(fromBase64url);
  if (!payload || !signature) throw new LabelError("label.form", "a part is not canonical base64url");
  let statement;
  try {
    statement = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload));
  } catch {
    throw new LabelError("label.form", "the payload is not JSON");
  }
  const canonical = typeof statement === "object" && statement !== null &&
    JSON.stringify(Object.fromEntries(MEMBERS.map((name) => [name, statement[name]])));
  const valid = canonical && toBase64url(encode(canonical)) === parts[1] &&
    MEMBERS.every((name) => typeof statement[name] === "string") &&
    HASH.test(statement.event) && HASH.test(statement.kid) && MONTH.test(statement.month);
  if (!valid) throw new LabelError("label.form", "the payload is not in its canonical form");
  return { statement, payload, signature };
}

/** @type {(statement: Statement, wanted: { item: string; origin: string }) => void} */
function checkSubject(statement, { item, origin }) {
  if (statement.item !== item) throw new LabelError("label.item", "the statement is about another part");
  if (statement.aud !== origin) throw new LabelError("label.origin", "the statement is from another ledger");
}

/**
 * @param {string} fragment
 * @param {{ item: string; origin: string; keys: LabelKey[] }} wanted
 * @returns {Promise<Statement & { party: string }>}
 */
export async function openLabel(fragment, { item, origin, keys }) {
  const { statement, payload, signature } = parseLabel(fragment);
  checkSubject(statement, { item, origin });
  for (const { jwk, party } of keys) {
    if (await thumbprint(jwk) !== statement.kid) continue;
    const code = await judgeSignature(jwk, signature, Uint8Array.of(...encode(CONTEXT), ...payload));
    if (code) throw new LabelError(code, "the statement was not signed by this key");
    return { ...statement, party };
  }
  throw new LabelError("label.key", "the key is not trusted for labels");
}

/**
 * @param {string} fragment
 * @param {{ item: string; origin: string; events: RecordedEvent[] }} record
 * @returns {Promise<Statement & { party: string }>}
 */
export async function confirmLabel(fragment, { item, origin, events }) {
  const { statement } = parseLabel(fragment);
  checkSubject(statement, { item, origin });
  const voided = events.filter(({ payload }) => payload.kind === "void")
    .flatMap(({ payload: { refs = [] } }) => refs.map(({ event }) => event));
  const approval = events.find(({ id, item: of, payload }) =>
    id === statement.event && of === item && payload.kind === "approve" && !voided.includes(id));
  if (!approval) throw new LabelError("label.event", "the record has no such approval");
  if (approval.kid !== statement.kid)
    throw new LabelError("label.signer", "the key that signed the label is not the one that approved");
  const keys = events.filter(({ item: of }) => of === `key/${approval.kid}`)
    .flatMap(({ payload: { kind, iss, data } }) => kind === "add_key" ? [{ jwk: data.jwk, party: iss }] : []);
  return openLabel(fragment, { item, origin, keys });
}
