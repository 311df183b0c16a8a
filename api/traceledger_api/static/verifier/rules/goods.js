// @ts-check
// The effect of an event on the state of an item.

import { refuse } from "../errors.js";
import { has } from "../values.js";
import { UNKNOWN, isPendingKind, nextLife } from "./lifecycle.js";
import { chainOf } from "./links.js";
import { MARKS } from "./marks.js";
import { PERIODS, checkReport } from "./periods.js";
import { NEW } from "./state.js";
import { checkTarget } from "./targets.js";

/** @import { Catalogue, Effect, KnownEvent, Life, Signer } from "../types.d.ts" */

// The state of a thing after an event; refuses with life.* or key.role.
/**
 * @param {Life | undefined} before
 * @param {KnownEvent} event
 * @param {Signer} signer
 * @param {Map<string, KnownEvent>} judged
 * @param {Catalogue} catalogue
 * @returns {Life}
 */
export function stepGoods(before, event, signer, judged, catalogue) {
  if (!before) {
    const sort = chainOf(event);
    const life = nextLife(sort, "", event, catalogue);
    const state = { ...NEW, sort, life, head: event.id, undone: { ...NEW, life: "VOIDED" } };
    return {
      ...state,
      byCustoms: signer.roles.has("customs"),
      lotClass: event.kind === "open_lot" ? event.data.class : "",
    };
  }
  if (before.life !== UNKNOWN && !event.row.chains.includes(before.sort))
    refuse("life.chain", `${event.kind} does not apply to a ${before.sort}`);
  for (const link of event.links)
    if (event.row.links.some((rule) => rule.as === link.as && rule.at === "target"))
      checkTarget(event, link, signer, judged, before);
  checkOpen(before, event, catalogue);
  let life = nextLife(before.sort, before.life, event, catalogue);
  let { pending } = before;
  if (isPendingKind(event.kind, before.sort, catalogue))
    [pending, life] = [{ event: event.id, kind: event.kind, to: life }, before.life];
  const { holds, recalls, testers, periods } = before;
  const undone = { life: before.life, holds, recalls, testers, pending: before.pending, periods };
  const after = {
    ...before,
    life,
    pending,
    undone,
    head: event.id,
    byCustoms: signer.roles.has("customs"),
  };
  return (EFFECTS[event.kind] ?? ((state) => state))(after, event, signer, before);
}

// Reverses the effect of the latest event; both events remain in the chain.
/** @type {Effect} */
function undo(state, event, signer, before) {
  if (!before.undone) refuse("life.void", "the state before the latest event is not known");
  if (before.byCustoms) refuse("life.void", "customs signed the latest event");
  const answered = before.pending ? undefined : before.undone.pending;
  if (answered && before.life !== before.undone.life)
    refuse("life.void", `the latest event gave effect to a ${answered.kind}`);
  return { ...state, ...before.undone, undone: undefined };
}

// The effects of kinds beyond the table of the life cycle.
/** @type {Record<string, Effect>} */
const EFFECTS = {
  ...MARKS,
  ...PERIODS,
  test: (state, { kid }) => ({ ...state, testers: [...state.testers, kid] }),
  void: undo,
};

// What forbids an event regardless of the table of the life cycle.
/** @type {(before: Life, event: KnownEvent, catalogue: Catalogue) => void} */
function checkOpen(
  { holds, pending, recalls, testers, lotClass = "", life, sort, periods },
  event,
  catalogue,
) {
  const { kind, kid, digests } = event;
  if (!catalogue.anytime.includes(kind)) {
    if (holds.length) refuse("life.held", "a hold is in force");
    if (pending) refuse("life.pending", `a ${pending.kind} is waiting for confirmation`);
  }
  const reworked = recalls.every((recall) => recall.reworked);
  const stopped = catalogue.stopped_by_recall.includes(kind) || (kind === "approve" && !reworked);
  if (recalls.length && stopped) refuse("life.recalled", "a recall is in force");
  if (kind === "approve" && testers.includes(kid)) refuse("life.tester", "the key that tested a unit may not approve it");
  const wanted = catalogue.lot_classes[kind] ?? lotClass;
  if (wanted !== lotClass) refuse("life.lot", `${kind} applies to lots of class ${wanted}`);
  const closed = sort === "declaration" && life === "CLOSED";
  if (kind === "correct" && closed && has(digests, "set_customs") && !has(digests, "amendment"))
    refuse("life.amendment", "the line is closed; a customs correction requires an amendment");
  if (kind === "writeoff") checkReport(periods, event.data);
}
