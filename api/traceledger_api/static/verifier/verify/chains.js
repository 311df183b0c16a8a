// @ts-check
// Checks 1 and 5 to 7: the chains that a passport shows, the place of each event, and each head in the map.

import { encodeBase64url } from "../bytes.js";
import { refuse } from "../errors.js";
import { splitWire } from "../events/disclosure.js";
import { parseToken } from "../events/token.js";
import { isThing } from "../identifiers/items.js";
import { leafHash } from "../merkle/hashing.js";
import { checkHead } from "../merkle/headproof.js";
import { newKidOf } from "../rules/grants.js";
import { checkPlace } from "../rules/place.js";
import { lookUp } from "../values.js";
import { neededChains } from "./completeness.js";
import { refusing } from "./refusal.js";

/** @import { Bytes, Catalogue, Chain, Event, Passport, Shown } from "../types.d.ts" */

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

// Each chain's last event is its head in the sealed map.
/** @type {(shown: Shown, mapRoot: Bytes) => Promise<void>} */
export async function checkHeads(shown, mapRoot) {
  for (const { item, events, mapProof } of shown.values()) {
    const last = events[events.length - 1];
    await refusing(item, last.id, () =>
      checkHead(item, events.length - 1, last.leaf, mapProof, mapRoot),
    );
  }
}

// Each event extends its chain in this ledger.
/** @type {(shown: Shown, origin: string) => Promise<void>} */
export async function checkPlaces(shown, origin) {
  const founding = lookUp(shown, "ledger").events[0].id;
  for (const [chain, event, seq] of eventsOf([...shown.values()]))
    await refusing(chain.item, event.id, () => checkPlace(chain, seq, event, origin, founding));
}

// The ledger is the one that the trust file names.
/** @type {(shown: Shown, founding: string) => Promise<void>} */
export async function checkFounding(shown, founding) {
  const { id } = lookUp(shown, "ledger").events[0];
  await refusing("ledger", id, () => {
    if (id !== founding) refuse("trust.founding", "the ledger is not the one that the trust file names");
  });
}

// The chains of goods, the passport's own item first.
/** @type {(shown: Shown) => Chain[]} */
export const goodsOf = (shown) => [...shown.values()].filter((chain) => chain.isThing);

// The events of chains, each with its chain before it and its place in the chain after it.
/** @type {(chains: Chain[]) => [Chain, Event, seq: number][]} */
export const eventsOf = (chains) =>
  chains.flatMap((chain) =>
    chain.events.map((event, seq) => /** @type {[Chain, Event, number]} */ ([chain, event, seq])),
  );
