// @ts-check
// Checks 8 and 9: the signer of each event and its authority at that moment.

import { refuse } from "../errors.js";
import { loadJwk } from "../events/keys.js";
import { formOf } from "../identifiers/items.js";
import { checkInclusion } from "../merkle/proofs.js";
import { checkMaker, checkPosition, checkRole, findKey, findSigner } from "../rules/authority.js";
import { GRANTS } from "../rules/grants.js";
import { chainOf, checkLinksForm } from "../rules/links.js";
import { lastOf, lookUp } from "../values.js";
import { eventsOf } from "./chains.js";
import { findBases, laterChanges } from "./completeness.js";
import { refusing } from "./refusal.js";

/** @import { Unjudged } from "./unjudged.js" */
/**
 * @import {
 *   AnyRegistration, AnyStanding, Catalogue, Chain, Checkpoint, Event, Judgement, Key, KeyStanding,
 *   KnownEvent, LedgerStanding, PartyStanding, Position, Registrations, Rights, Shown
 * } from "../types.d.ts"
 */

/**
 * @param {Shown} shown
 * @param {Position[]} entries
 * @param {Checkpoint} checkpoint
 * @returns {Promise<Map<string, number>>}
 */
export async function checkOrder(shown, entries, checkpoint) {
  /** @type {Set<string>} */
  const needed = new Set();
  for (const chain of shown.values())
    for (const event of chain.events) {
      const changes = findBases(event, shown).flatMap((base) => laterChanges(base, shown));
      if (changes.length) [event, ...changes].forEach((one) => needed.add(one.id));
    }
  const given = new Map(entries.map((entry) => [entry.event, entry]));
  if (given.size !== entries.length || [...given.keys()].some((id) => !needed.has(id)))
    refuse("passport.order", "a position is given that is not required");
  /** @type {Map<string, number>} */
  const indices = new Map();
  for (const chain of shown.values()) {
    let last = -1;
    for (const event of chain.events.filter((one) => needed.has(one.id))) {
      const before = last;
      last = await refusing(chain.item, event.id, async () => {
        const entry = given.get(event.id) ?? refuse("passport.order", "the position is not proven");
        if (entry.index <= before)
          refuse("passport.order", "the position precedes that of an earlier event");
        await checkInclusion(
          event.leaf,
          BigInt(entry.index),
          checkpoint.size,
          entry.proof,
          checkpoint.root,
        );
        return entry.index;
      });
      indices.set(event.id, last);
    }
  }
  return indices;
}

// The states of ledger, parties and keys after each of their events.
export class Roster {
  /**
   * @param {Shown} shown
   * @param {Map<string, number>} indices
   */
  constructor(shown, indices) {
    this.shown = shown;
    this.indices = indices;
    /** @type {Map<string, (AnyStanding | undefined)[]>} */
    this.states = new Map();
    /** @type {Set<string>} */
    this.granted = new Set();
    /** @type {AnyStanding | undefined} */
    this.pending = undefined;
  }

  /** @type {(item: string) => AnyStanding | undefined} */
  last(item) {
    return lastOf(this.states.get(item) ?? []);
  }

  // The state of a chain at the moment of an event that rests on it.
  /** @type {(item: string, event: Event) => AnyStanding | undefined} */
  at(item, event) {
    const base = findBases(event, this.shown).find(([chain]) => chain === item);
    const index = this.indices.get(event.id);
    const next =
      base &&
      index !== undefined &&
      laterChanges(base, this.shown).find((one) => Number(this.indices.get(one.id)) > index);
    return next ? this.states.get(item)?.[next.seq - 1] : this.last(item);
  }

  // The states by which an event is judged.
  /** @type {(event: Event) => Rights} */
  rightsOf(event) {
    /** @type {(item: string) => AnyStanding | undefined} */
    const known = (item) => (item === event.item ? this.last(item) : this.at(item, event));
    return {
      ledger: /** @type {LedgerStanding | undefined} */ (known("ledger")),
      party: /** @type {PartyStanding | undefined} */ (known(event.issuer)),
      key: /** @type {KeyStanding | undefined} */ (known(`key/${event.kid}`)),
    };
  }

  // Judges one event and records its effect: who signed it and by what right.
  /** @type {(chain: Chain, event: Event, doubts: Unjudged) => Promise<Judgement>} */
  async judge(chain, event, doubts) {
    const chains = [event.issuer, `key/${event.kid}`];
    const rights = this.rightsOf(event);
    let signer;
    if (event.row)
      signer = await doubts.tolerate(event, chains, async () => {
        if (!chain.isThing) checkPosition(event);
        const found = findSigner(event, rights, chain);
        checkRole(event, found);
        if (chain.isThing) checkMaker(event, found, chain);
        else await this.register(event, rights);
        return found;
      });
    if (!chain.isThing) this.remember(chain.item);
    const jwk = findKey(event, rights);
    if (!jwk && !doubts.covers(...chains))
      refuse("key.unknown", `key ${event.kid} was never granted`);
    return { signer, jwk, admit: rights.party?.authority };
  }

  // Applies an event to the chain of the ledger, a party or a key.
  /** @type {(event: KnownEvent, rights: Rights) => Promise<void>} */
  async register(event, rights) {
    checkLinksForm(event);
    chainOf(event);
    const kind = /** @type {keyof Registrations} */ (event.kind);
    const step = /** @type {AnyRegistration} */ (GRANTS[kind]);
    const state = await step(event, rights, this.last(event.item), this.granted);
    if (event.newKid) this.granted.add(event.newKid);
    this.pending = state;
  }

  // Records the state after an event, unchanged where the event has no known effect.
  /** @type {(item: string) => void} */
  remember(item) {
    const states = this.states.get(item) ?? [];
    states.push(this.pending ?? this.last(item));
    this.states.set(item, states);
    this.pending = undefined;
  }
}

// Ledger, parties, keys, then things: rights before their use.
/** @type {(shown: Shown, catalogue: Catalogue) => Chain[]} */
function inOrder(shown, { authority }) {
  const chains = [...shown.values()];
  return [
    ...authority.flatMap((form) => chains.filter(({ item }) => formOf(item) === form)),
    ...chains.filter((chain) => chain.isThing),
  ];
}

// Judges each event by the rights at its moment: who signed it and by what right, by event id.
/**
 * @param {Roster} roster
 * @param {Unjudged} doubts
 * @param {Catalogue} catalogue
 * @returns {Promise<Map<string, Judgement>>}
 */
export async function checkSigners(roster, doubts, catalogue) {
  /** @type {Map<string, Judgement>} */
  const signers = new Map();
  for (const [chain, event] of eventsOf(inOrder(roster.shown, catalogue))) {
    const judged = await refusing(chain.item, event.id, () => roster.judge(chain, event, doubts));
    signers.set(event.id, judged);
  }
  return signers;
}

// Check 9
/** @type {(shown: Shown, signers: Map<string, Judgement>) => Promise<void>} */
export async function checkSignatures(shown, signers) {
  /** @type {Map<string, Key>} */
  const keys = new Map();
  for (const [chain, event] of eventsOf([...shown.values()])) {
    const { jwk } = lookUp(signers, event.id);
    if (!jwk) continue;
    await refusing(chain.item, event.id, async () => {
      if (!keys.has(event.kid)) keys.set(event.kid, await loadJwk(jwk));
      const { algorithms, verify } = lookUp(keys, event.kid);
      if (!algorithms.includes(event.alg) || !(await verify(event.signature, event.signed)))
        refuse("signature.false", "the signature does not verify under the key that it names");
    });
  }
}
