// @ts-check
// What a verified record says about a label (docs/spec/label.md, Verification).

import { refuse } from "../errors.js";
import { openLabel, readStatement } from "../formats/label.js";

/** @import { RecordedEvent, Statement } from "../types.d.ts" */

// Checks that the key of the approval signed the label's statement; `events` are those of a verified
// record. Throws a Refusal.
/**
 * @param {string} fragment
 * @param {{ item: string; origin: string; events: RecordedEvent[] }} record
 * @returns {Promise<Statement & { party: string }>}
 */
export async function confirmLabel(fragment, { item, origin, events }) {
  const statement = await readStatement(fragment, { item, origin });
  const voided = events.filter(({ payload }) => payload.kind === "void")
    .flatMap(({ payload: { refs = [] } }) => refs.map(({ event }) => event));
  const approval = events.find(({ id, item: of, payload }) =>
    id === statement.event && of === item && payload.kind === "approve" && !voided.includes(id));
  if (!approval) return refuse("label.event", "the record has no such approval");
  if (approval.kid !== statement.kid)
    refuse("label.signer", "the key that signed the label is not the one that approved");
  const keys = events.filter(({ item: of }) => of === `key/${approval.kid}`)
    .flatMap(({ payload: { kind, iss, data } }) => kind === "add_key" ? [{ jwk: data.jwk, party: iss }] : []);
  return openLabel(fragment, { item, origin, keys });
}
