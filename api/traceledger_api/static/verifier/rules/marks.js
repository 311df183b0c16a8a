// @ts-check
// Marks in addition to the life cycle: holds, recalls and pending confirmations, and their ends.

import { refuse } from "../errors.js";
import { has } from "../values.js";
import { answerReport } from "./periods.js";

/** @import { Effect, Life } from "../types.d.ts" */

/** @type {(state: Life) => Life} */
function markReworked(state) {
  return { ...state, recalls: state.recalls.map((recall) => ({ ...recall, reworked: true })) };
}

/** @type {Effect} */
function releaseMark(state, { links: [link], issuer }, { roles }) {
  const hold = state.holds.find((mark) => mark.event === link.event);
  const recall = state.recalls.find((mark) => mark.event === link.event);
  if (!hold && !recall) refuse("life.target", "no such hold or recall is in force");
  if (hold && !roles.has(hold.authority)) refuse("key.role", "the hold belongs to another authority");
  if (recall && recall.party !== issuer) refuse("key.role", "only the recalling party may end its recall");
  /**
   * @template {{ event: string }} T
   * @param {T[]} marks
   */
  const others = (marks) => marks.filter((mark) => mark.event !== link.event);
  return { ...state, holds: others(state.holds), recalls: others(state.recalls) };
}

// Customs decide; the importer may also confirm a destruction with the receipt of customs.
/** @type {Effect} */
function confirmPending(state, { links: [link], data, digests }, { roles }) {
  const { pending, periods } = state;
  const confirmed = data.result === "confirmed";
  if (state.sort === "book") return { ...state, periods: answerReport(periods, link.event, confirmed) };
  if (!pending || pending.event !== link.event) return state;
  const asserted =
    pending.kind === "destroy" && roles.has("importer") && has(digests, "receipt_sha256");
  if (!roles.has("customs") && !asserted) refuse("key.role", "it takes effect only if customs confirm it");
  return { ...state, pending: undefined, life: confirmed ? pending.to : state.life };
}

// The state with the marks that an event sets or clears, by kind.
/** @type {Record<string, Effect>} */
export const MARKS = {
  repair: markReworked,
  update: markReworked,
  hold: (state, { id, data }, { roles }) => {
    if (!roles.has(data.authority)) refuse("key.role", "a hold requires a key with the role of its authority");
    return { ...state, holds: [...state.holds, { event: id, authority: data.authority }] };
  },
  recall: (state, { id, issuer, data }) => ({
    ...state,
    recalls: [...state.recalls, { event: id, party: issuer, data, reworked: false }],
  }),
  release: releaseMark,
  confirm: confirmPending,
};
