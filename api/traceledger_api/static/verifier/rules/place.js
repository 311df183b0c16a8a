// @ts-check
// The place of an event in its ledger and chain.

import { refuse } from "../errors.js";

/** @import { Chain, Event } from "../types.d.ts" */

// Check 6: each event extends its chain in this ledger.
/** @type {(chain: Chain, seq: number, event: Event, origin: string, founding: string) => void} */
export function checkPlace(chain, seq, event, origin, founding) {
  const opensLedger = chain.item === "ledger" && seq === 0;
  const before = seq ? chain.events[seq - 1].id : opensLedger ? "" : founding;
  if (event.item !== chain.item) refuse("chain.item", "the event belongs to another item");
  if (opensLedger && event.kind !== "found") refuse("chain.prev", "a ledger begins with found");
  if (event.origin !== origin) refuse("chain.ledger", "the event was signed for another ledger");
  if (event.seq !== seq) refuse("chain.seq", `seq ${event.seq} given, ${seq} comes next`);
  if (event.prev !== before) refuse("chain.prev", "prev is not the preceding event");
}
