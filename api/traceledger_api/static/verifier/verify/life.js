// @ts-check
// Check 12: the life of each item shown.

import { stepGoods } from "../rules/goods.js";
import { UNKNOWN } from "../rules/lifecycle.js";
import { NEW } from "../rules/state.js";
import { lookUp } from "../values.js";

/** @import { Unjudged } from "./unjudged.js" */
/** @import { Catalogue, Judgement, KnownEvent, Life, Shown } from "../types.d.ts" */

/**
 * @param {Shown} shown
 * @param {Map<string, Judgement>} signers
 * @param {Unjudged} doubts
 * @param {Catalogue} catalogue
 * @returns {Promise<Map<string, Life>>}
 */
export async function replayLives(shown, signers, doubts, catalogue) {
  /** @type {Map<string, Life>} */
  const lives = new Map();
  for (const chain of shown.values()) {
    if (!chain.isThing) continue;
    /** @type {Life | undefined} */
    let state;
    /** @type {Map<string, KnownEvent>} */
    const judged = new Map(); // only these can be the target of a later event
    for (const event of chain.events) {
      const before = state;
      const { signer } = lookUp(signers, event.id);
      let after;
      if (event.row && signer && !doubts.unchecked.has(event.id))
        after = await doubts.tolerate(event, [chain.item], () =>
          stepGoods(before, event, signer, judged, catalogue),
        );
      if (after && event.row) judged.set(event.id, event);
      state = after ?? before ?? { ...NEW, sort: "", life: UNKNOWN };
    }
    if (state) lives.set(chain.item, state);
  }
  return lives;
}
