// @ts-check
// What a passport must contain: which chains, and the positions of which events.

import { refuse } from "../errors.js";
import { lookUp } from "../values.js";

/** @import { Catalogue, Event, Shown } from "../types.d.ts" */

/** @type {(item: string, shown: Shown, catalogue: Catalogue) => Set<string>} */
export function neededChains(item, shown, { max_depth: maxDepth, sources }) {
  /** @type {(name: string) => Event[]} */
  const eventsOf = (name) => shown.get(name)?.events ?? [];
  /** @type {Set<string>} */
  const needed = new Set();
  let level = new Set([item]);
  for (let depth = 0; level.size; depth++) {
    if (depth > maxDepth) refuse("ref.depth", `parts are nested more than ${maxDepth} deep`);
    /** @type {Set<string>} */
    const next = new Set();
    for (const name of level) {
      needed.add(name);
      for (const link of eventsOf(name)[0]?.links ?? [])
        if (sources.includes(link.as)) next.add(link.item);
    }
    level = new Set([...next].filter((name) => !needed.has(name)));
  }
  needed.add("ledger");
  // The iteration also visits elements added during the loop.
  for (const name of needed)
    for (const { issuer, kid } of eventsOf(name)) {
      if (issuer === "ledger") continue;
      needed.add(issuer);
      const admins = eventsOf(issuer).filter((event) => event.kind === "admit");
      if (!admins.some((event) => event.newKid === kid)) needed.add(`key/${kid}`);
    }
  return needed;
}

// The events that the authority of an event's key rests on: [chain, seq].
/** @type {(event: Event, shown: Shown) => [chain: string, seq: number][]} */
export function findBases(event, shown) {
  /** @type {(item: string, id: string) => [chain: string, seq: number][]} */
  const find = (item, id) => {
    const seq = shown.get(item)?.events.findIndex((one) => one.id === id) ?? -1;
    return seq < 0 ? [] : [[item, seq]];
  };
  if (event.issuer === "ledger") return find("ledger", event.auth || event.id);
  const added = find(`key/${event.kid}`, event.auth);
  if (!added.length) return find(event.issuer, event.auth);
  const [[key, seq]] = added;
  return [...added, ...find(event.issuer, lookUp(shown, key).events[seq].auth)];
}

/** @type {(base: [chain: string, seq: number], shown: Shown) => Event[]} */
export function laterChanges([item, seq], shown) {
  const later = lookUp(shown, item).events.slice(seq + 1);
  return later.filter(({ kind }) =>
    item === "ledger" ? kind === "rotate_root" : kind !== "profile");
}
