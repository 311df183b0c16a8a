// @ts-check
// Check 1: the chains that a passport shows.

import { encodeBase64url } from "../bytes.js";
import { refuse } from "../errors.js";
import { splitWire } from "../events/disclosure.js";
import { parseToken } from "../events/token.js";
import { isThing } from "../identifiers/items.js";
import { leafHash } from "../merkle/hashing.js";
import { newKidOf } from "../rules/grants.js";
import { neededChains } from "./completeness.js";
import { refusing } from "./refusal.js";

/** @import { Catalogue, Chain, Event, Passport, Shown } from "../types.d.ts" */

/** @type {(passport: Passport, catalogue: Catalogue) => Promise<Shown>} */
export async function readChains(passport, catalogue) {
  /** @type {Shown} */
  const shown = new Map();
  for (const { item, events: wires, mapProof } of passport.chains) {
    /** @type {Event[]} */
    const events = [];
    for (const wire of wires) {
      const id = encodeBase64url(await leafHash(wire.split("~", 1)[0]));
      events.push(
        await refusing(item, id, async () => {
          const { token, disclosures } = splitWire(wire);
          return /** @type {Event} */ ({ ...(await parseToken(token, catalogue)), disclosures });
        }),
      );
    }
    for (const event of events) event.newKid = await newKidOf(event);
    shown.set(item, { item, events, mapProof, isThing: isThing(item, catalogue) });
  }
  const needed = await refusing(passport.item, "", () =>
    neededChains(passport.item, shown, catalogue),
  );
  const odd = [...new Set([...shown.keys(), ...needed])]
    .sort()
    .find((item) => !shown.has(item) || !needed.has(item));
  if (odd !== undefined) {
    const message = shown.has(odd) ? "is not needed" : "is missing";
    await refusing(odd, "", () => refuse("passport.chain", `the history of ${odd} ${message}`));
  }
  return shown;
}

/** @type {(chains: Chain[]) => [Chain, Event][]} */
export const eventsOf = (chains) =>
  chains.flatMap((chain) =>
    chain.events.map((event) => /** @type {[Chain, Event]} */ ([chain, event])),
  );
