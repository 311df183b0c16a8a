// @ts-check
// What a verified record says about a label (docs/spec/label.md, Verification).

import { refuse } from "../errors.js";
import { openLabel, readStatement } from "../formats/label.js";

/** @import { Mention, RecordedEvent, Statement } from "../types.d.ts" */

// Checks that the key of the approval signed the label's statement; `events` are those of a verified
// record, `unchecked` those that its report lists as such. Throws a Refusal: `label.unjudged` says
// nothing against the label.
/**
 * @param {string} fragment
 * @param {{ item: string; origin: string; events: RecordedEvent[]; unchecked: Mention[] }} record
 * @returns {Promise<Statement & { party: string }>}
 */
export async function confirmLabel(fragment, { item, origin, events, unchecked }) {
  const statement = await readStatement(fragment, { item, origin });
  const unjudged = new Set(unchecked.map(({ event }) => event));
  const own = events.filter(({ item: of }) => of === item);
  const approval = own.find(({ id, payload }) => id === statement.event && payload.kind === "approve");
  const voids = own.filter(({ payload: { kind, refs = [] } }) =>
    kind === "void" && refs.some(({ event }) => event === statement.event));
  if (!approval || voids.some(({ id }) => !unjudged.has(id)))
    return refuse("label.event", "the record has no such approval");
  if (approval.kid !== statement.kid)
    refuse("label.signer", "the key that signed the label is not the one that approved");
  if (voids.length || unjudged.has(approval.id))
    refuse("label.unjudged", "the approval could not be judged");
  const keys = events.filter(({ item: of }) => of === `key/${approval.kid}`)
    .flatMap(({ payload: { kind, iss, data } }) => kind === "add_key" ? [{ jwk: data.jwk, party: iss }] : []);
  return openLabel(fragment, { item, origin, keys });
}
