// @ts-check
// Events about earlier events of the same chain: confirm, correct, void, erase.

import { refuse } from "../errors.js";
import { allows, fieldOf, isRestricted } from "../events/constraints.js";
import { has } from "../values.js";
import { isPendingKind } from "./lifecycle.js";
import { NEW } from "./state.js";

/** @import { Catalogue, JsonObject, KnownEvent, Life, Link, Signer } from "../types.d.ts" */

// The event of the same chain that another event acts on.
/**
 * @param {KnownEvent} event
 * @param {Link} link
 * @param {Signer} signer
 * @param {Map<string, KnownEvent>} judged
 * @param {Life} before
 */
export function checkTarget(event, link, { roles }, judged, before) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("life.target", message);
  const { kind, issuer, seq, data, catalogue } = event;
  const { confirmers, lasting, about_others: aboutOthers } = catalogue;
  if (link.item !== event.item) refused("the target belongs to another chain");
  if (kind === "release") return; // the holds and recalls in force decide
  const target = judged.get(link.event ?? "") ?? refused("this chain has no such event");
  if (kind === "confirm") {
    const who = has(confirmers, target.kind)
      ? confirmers[target.kind]
      : refused(`${target.kind} cannot be confirmed`);
    if (target.issuer === issuer) refused("a party cannot confirm its own event");
    const waiting = before.periods.waiting.some((report) => report.event === target.id);
    if (target.kind === "writeoff" && !waiting) refused("this writeoff is not pending");
    if (isPendingKind(target.kind, before.sort, catalogue) && before.pending?.event !== target.id)
      refused(`this ${target.kind} is not pending`);
    if (!who.some((role) => roles.has(role)))
      refuse("key.role", `the key may not confirm ${target.kind}`);
    return;
  }
  if (target.issuer !== issuer) refused("only the signing party may act on this event");
  if (kind === "void") {
    if (target.seq !== seq - 1 || target.id !== before.head)
      refuse("life.void", "only the latest event can be voided");
    if (lasting.includes(target.kind)) refuse("life.void", `${target.kind} can never be voided`);
    const required = rolesFor(target, before);
    if (!required.includes("*") && !required.some((role) => roles.has(role)))
      refuse("key.role", `voiding this ${target.kind} requires ${required.join(" or ")}`);
    return;
  }
  if (kind === "correct" && aboutOthers.includes(target.kind))
    refused(`${target.kind} cannot be corrected`);
  if (kind === "correct") checkCorrection(target, data.set_public ?? {}, catalogue);
  if (kind === "erase" && !data.fields.every((name) => isRestricted(target.row, name)))
    refused("a field is not restricted");
}

// The roles of which the chain's latest event required one.
/** @type {(event: KnownEvent, state: Life) => string[]} */
function rolesFor({ kind, row }, { holds, undone = NEW }) {
  const [more, fewer] = kind === "release" ? [undone.holds, holds] : [holds, undone.holds];
  const changed = more.filter(({ event }) => !fewer.some((hold) => hold.event === event));
  if (/^(?:hold|release)$/.test(kind) && changed.length)
    return changed.map(({ authority }) => authority);
  return row.by;
}

/** @type {(target: KnownEvent, values: JsonObject, catalogue: Catalogue) => void} */
function checkCorrection({ row }, values, catalogue) {
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(row, name);
    if (field?.reader !== "public") refuse("life.target", `there is no public field ${name}`);
    if (field.fixed) refuse("life.fixed", `the rules depend on ${name}`);
    if (!allows(field.allowed, value, catalogue))
      refuse("life.target", `${name} has a value that is not allowed`);
  }
}
