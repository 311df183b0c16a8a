// @ts-check
// The findings of a verified record: overlays, attestation by customs, corrected and erased fields.

import { openDisclosures } from "../events/disclosure.js";
import { has, lookUp } from "../values.js";
import { eventsOf } from "./chains.js";
import { refusing } from "./refusal.js";

/** @import { Unjudged } from "./unjudged.js" */
/** @import { Catalogue, Chain, Data, Event, JsonObject, Judgement, Life, Mention, Shown } from "../types.d.ts" */

// The restricted fields that are shown, by event id.
/** @type {(shown: Shown, catalogue: Catalogue) => Promise<Map<string, JsonObject>>} */
export async function openFields(shown, catalogue) {
  /** @type {Map<string, JsonObject>} */
  const disclosed = new Map();
  for (const [chain, event] of eventsOf([...shown.values()])) {
    const fields = await refusing(chain.item, event.id, () =>
      openDisclosures(event, event.disclosures, catalogue),
    );
    disclosed.set(event.id, fields);
  }
  return disclosed;
}

/** @type {(chain: Chain, event: Event) => Mention} */
export const mention = (chain, { id, kind }) => ({ chain: chain.item, event: id, kind });

/** @type {(state: Life, disputed: boolean) => string[]} */
export function overlaysOf({ holds, recalls }, disputed) {
  /** @type {(authority: string) => boolean} */
  const held = (authority) => holds.some((hold) => hold.authority === authority);
  const marks = {
    hold_customs: held("customs"),
    hold_quality: held("quality"),
    recalled: recalls.length > 0,
    disputed,
  };
  return Object.entries(marks).flatMap(([name, on]) => (on ? [name] : []));
}

// The ids of the events that others void.
/** @type {(events: Event[]) => Set<string | undefined>} */
const voidedIn = (events) =>
  new Set(events.filter(({ kind }) => kind === "void").map(({ links: [link] }) => link.event));

// The events that trusted customs signed or confirmed and that were not voided, by id.
/**
 * @param {Chain[]} things
 * @param {Map<string, Judgement>} signers
 * @param {Unjudged} doubts
 * @param {string[]} customs
 * @returns {Set<string>}
 */
export function listAttested(things, signers, doubts, customs) {
  const judged = eventsOf(things)
    .map(([, event]) => event)
    .filter(({ id }) => !doubts.unchecked.has(id));
  const voided = voidedIn(judged);
  /** @type {Set<string>} */
  const signed = new Set();
  /** @type {Set<string>} */
  const confirmed = new Set();
  for (const event of judged) {
    const { admit = "" } = lookUp(signers, event.id);
    if (voided.has(event.id) || !customs.includes(admit)) continue;
    signed.add(event.id);
    if (event.kind !== "confirm") continue;
    const [{ event: target = "" }] = event.links;
    if (event.data.result === "confirmed" && !voided.has(target)) confirmed.add(target);
    else confirmed.delete(target);
  }
  return new Set([...signed, ...confirmed]);
}

// The public fields of an event that later events of its chain corrected; the last one wins.
/** @type {(chain: Chain, target: string, doubts: Unjudged) => Data} */
export function correctionsOf({ events }, target, doubts) {
  const judged = events.filter(({ id }) => !doubts.unchecked.has(id));
  const voided = voidedIn(judged);
  const corrections = judged.filter(
    ({ id, kind, links: [link] }) => kind === "correct" && link.event === target && !voided.has(id),
  );
  return Object.assign({}, ...corrections.map(({ data }) => data.set_public));
}

// The fields that `erase` events of a chain name: event id and field, joined by a space.
/** @type {(chain: Chain, doubts: Unjudged) => Set<string>} */
export function erasedIn({ events }, doubts) {
  const erasures = events.filter(
    ({ id, kind, row }) => kind === "erase" && row && !doubts.unchecked.has(id),
  );
  return new Set(
    erasures.flatMap(({ links: [link], data }) =>
      data.fields.map((name) => `${link.event} ${name}`),
    ),
  );
}

/** @type {(event: Event) => boolean} */
export const isAboutCustoms = ({ row }) =>
  row !== undefined &&
  (has(row.fields, "receipt_sha256") ||
    row.links.some((link) => link.chains.includes("declaration")));
