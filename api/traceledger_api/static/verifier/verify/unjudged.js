// @ts-check
// Events that this version cannot judge, because their kind or their rules are newer.

import { Refusal } from "../errors.js";
import { RULES } from "../rules/lifecycle.js";
import { refusing } from "./refusal.js";

/** @import { Event, Shown, Work } from "../types.d.ts" */

// Tolerates failed rules about chains that contain events this version cannot judge.
export class Unjudged {
  /** @param {Shown} shown */
  constructor(shown) {
    const newer = [...shown.values()].flatMap((chain) => chain.events).filter(isNewer);
    this.chains = new Set(newer.map((event) => event.item));
    this.unchecked = new Set(newer.map((event) => event.id));
    /** @type {string[]} */
    const codes = newer.map(({ row }) => (row ? "rules.newer" : "event.kind"));
    this.codes = ["event.kind", "rules.newer"].filter((code) => codes.includes(code));
  }

  /** @type {(...items: string[]) => boolean} */
  covers(...items) {
    return ["ledger", ...items].some((item) => this.chains.has(item));
  }

  // The outcome of `work`, or undefined if a rule failed that newer events may explain.
  /**
   * @template T
   * @param {Event} event
   * @param {string[]} items
   * @param {Work<T>} work
   * @returns {Promise<T | undefined>}
   */
  async tolerate(event, items, work) {
    try {
      return await refusing(event.item, event.id, work);
    } catch (error) {
      if (!(error instanceof Refusal) || !this.covers(...items)) throw error;
      this.unchecked.add(event.id);
      this.chains.add(event.item);
      return undefined;
    }
  }
}

/** @type {(event: Event) => boolean} */
function isNewer({ item, kind, row, data }) {
  /** @type {Record<string, number>} */
  const asked = { found: data.rules, rules: data.version };
  return !row || (item === "ledger" && asked[kind] > RULES);
}
