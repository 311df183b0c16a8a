// @ts-check
// The effects of kinds beyond the table of the life cycle.

import { refuse } from "../errors.js";
import { has } from "../values.js";

/** @import { Effect, Life } from "../../types.d.ts" */

/** @type {(state: Life) => Life} */
function reworked(state) {
  return { ...state, recalls: state.recalls.map((recall) => ({ ...recall, reworked: true })) };
}

// The effects of kinds beyond the table of the life cycle.
/** @type {Record<string, Effect>} */
export const EFFECTS = {
  test: (state, { kid }) => ({ ...state, testers: [...state.testers, kid] }),
  repair: reworked,
  update: reworked,
  hold: (state, { id, data }, { roles }) => {
    if (!roles.has(data.authority)) refuse("key.role", "a hold requires a key with the role of its authority");
    return { ...state, holds: [...state.holds, { event: id, authority: data.authority }] };
  },
  recall: (state, { id, issuer, data }) => ({
    ...state,
    recalls: [...state.recalls, { event: id, party: issuer, data, reworked: false }],
  }),
  release: (state, { links: [link], issuer }, { roles }) => {
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
  },
  stocktake: (state, { data }) =>
    data.opening ? { ...state, periods: { ...state.periods, opened: true } } : state,
  writeoff: (state, { id, data }) => {
    const waiting = [...state.periods.waiting, { event: id, end: Number(data.to_size) }];
    return { ...state, periods: { ...state.periods, waiting } };
  },
  confirm: (state, { links: [link], data, digests }, { roles }) => {
    const { pending, periods } = state;
    const report = periods.waiting.find(({ event }) => event === link.event);
    if (report) {
      const others = periods.waiting.filter((one) => one !== report);
      const closed = { ...periods, end: report.end, waiting: [] };
      const confirmed = data.result === "confirmed";
      return { ...state, periods: confirmed ? closed : { ...periods, waiting: others } };
    }
    if (!pending || pending.event !== link.event) return state;
    const asserted =
      pending.kind === "destroy" && roles.has("importer") && has(digests, "receipt_sha256");
    if (!roles.has("customs") && !asserted) refuse("key.role", "it takes effect only if customs confirm it");
    return {
      ...state,
      pending: undefined,
      life: data.result === "confirmed" ? pending.to : state.life,
    };
  },
  void: (state, event, signer, before) => {
    if (!before.undone) refuse("life.void", "the state before the latest event is not known");
    if (before.byCustoms) refuse("life.void", "customs signed the latest event");
    const answered = before.pending ? undefined : before.undone.pending;
    if (answered && before.life !== before.undone.life)
      refuse("life.void", `the latest event gave effect to a ${answered.kind}`);
    return { ...state, ...before.undone, undone: undefined };
  },
};
