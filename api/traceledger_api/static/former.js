// @ts-check
// Lives in other ledgers: finds their passports, by the SHA-256 that an import names, and their keys.

import { readEvents } from "./verifier/verify/record.js";

/** @import { Bytes, Companion, Former, FormerLife } from "./verifier/types.d.ts" */
/** @import { FormerSource } from "./types.d.ts" */

// The passports at hand of the lives that a verified passport names, each with its ledger's keys.
/** @type {(lives: FormerLife[], passport: Bytes, source: FormerSource) => Promise<Companion[]>} */
export async function gatherFormer(lives, passport, { load, trustOf }) {
  const events = new Map((await readEvents(passport)).map((event) => [event.id, event.payload.data]));
  /** @type {(life: FormerLife) => Promise<Companion | undefined>} */
  const gather = async ({ event, item }) => {
    const { former } = /** @type {{ former: Former }} */ (/** @type {unknown} */ (events.get(event)));
    try {
      const found = await load(former.passport_sha256);
      const trust = found && (await trustOf(item, found));
      return trust ? { passport: found, trust } : undefined;
    } catch (error) { // An earlier life that cannot be read takes nothing from the part's own record.
      console.info(error);
      return undefined;
    }
  };
  const gathered = await Promise.all(lives.map(gather));
  return gathered.filter((one) => one !== undefined);
}
