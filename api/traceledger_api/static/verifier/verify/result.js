// @ts-check
// The report of a verified record (docs/spec/results.md).

import { has, lastOf, lookUp } from "../values.js";
import { eventsOf, goodsOf } from "./chains.js";
import { judgeFinality } from "./checkpoint.js";
import { correctionsOf, erasedIn, isAboutCustoms, listAttested, mention, overlaysOf } from "./summary.js";

/** @import { Roster } from "./signers.js" */
/** @import { Unjudged } from "./unjudged.js" */
/**
 * @import {
 *   Chain, Event, JsonObject, Judgement, Life, Mention, MentionOfFields, Opened, Passport, Shown,
 *   Trust, Verified
 * } from "../types.d.ts"
 */

/**
 * @param {object} found
 * @param {Passport} found.passport
 * @param {Trust} found.trust
 * @param {Shown} found.shown
 * @param {Roster} found.roster
 * @param {Map<string, Judgement>} found.signers
 * @param {Unjudged} found.doubts
 * @param {Map<string, Life>} found.lives
 * @param {Map<string, JsonObject>} found.disclosed
 * @param {Opened} found.opened
 * @param {number} found.now
 * @param {boolean | undefined} found.firstUse
 * @returns {Verified}
 */
export function describe({
  passport,
  trust,
  shown,
  roster,
  signers,
  doubts,
  lives,
  disclosed,
  opened,
  now,
  firstUse,
}) {
  const chains = [...shown.values()];
  const things = goodsOf(shown);
  const finality = judgeFinality(opened, trust, now);
  const codes = [...(firstUse ? ["trust.first-use"] : []), ...finality.codes, ...doubts.codes];
  /** @type {(from: Chain[], test: (event: Event) => boolean) => Mention[]} */
  const list = (from, test) =>
    eventsOf(from)
      .filter(([, event]) => test(event))
      .map(([chain, event]) => mention(chain, event));
  /** @type {(event: Event) => boolean} */
  const isDisputed = ({ id, kid }) => {
    const key = roster.last(`key/${kid}`);
    const since = key && "since" in key ? key.since : undefined;
    return since !== undefined && Number(roster.indices.get(id)) >= since;
  };
  const described = things.map(({ item, events }) => {
    const state = lookUp(lives, item);
    return { item, state: state.life, overlays: overlaysOf(state, events.some(isDisputed)) };
  });
  const [{ state, overlays }, ...parts] = described;
  const erased = new Set(things.flatMap((chain) => [...erasedIn(chain, doubts)]));
  /** @type {(test: (erased: boolean) => boolean) => MentionOfFields[]} */
  const hidden = (test) =>
    eventsOf(things).flatMap(([chain, event]) => {
      const fields = Object.keys(event.digests)
        .sort()
        .filter(
          (name) => !has(lookUp(disclosed, event.id), name) && test(erased.has(`${event.id} ${name}`)),
        );
      return fields.length ? [{ ...mention(chain, event), fields }] : [];
    });
  const attested = listAttested(things, signers, doubts, trust.customs);
  return {
    result: codes.length ? "incomplete" : "verified",
    codes,
    item: passport.item,
    state,
    overlays,
    origin: trust.origin,
    size: Number(opened.checkpoint.size),
    ...finality.asOf,
    cosigners: finality.cosigners,
    parties: chains.flatMap(({ item, events }) => {
      const party = roster.last(item);
      const profile = lastOf(events.filter(({ kind }) => kind === "profile"))?.data ?? {};
      const described = Object.keys(profile).length ? { profile } : {};
      return party && "name" in party ? [{ party: item, name: party.name, ...described }] : [];
    }),
    parts,
    holds: things.flatMap(({ item: chain }) =>
      lookUp(lives, chain).holds.map(({ event, authority }) => ({ chain, event, authority })),
    ),
    recalls: things.flatMap((chain) =>
      lookUp(lives, chain.item).recalls.map(({ event, party, data }) => {
        const { campaign, severity, action, contact } = { ...data, ...correctionsOf(chain, event, doubts) };
        return { chain: chain.item, event, party, campaign, severity, action, contact };
      }),
    ),
    disputed: list(things, isDisputed),
    attested: list(things, ({ id }) => attested.has(id)),
    asserted: list(things, (event) => isAboutCustoms(event) && !attested.has(event.id)),
    withheld: hidden((erased) => !erased),
    erased: hidden((erased) => erased),
    unchecked: list(chains, ({ id }) => doubts.unchecked.has(id)),
    not_followed: eventsOf(things).flatMap(([chain, event]) =>
      event.links
        .filter((link) => !shown.has(link.item))
        .map((link) => ({ chain: chain.item, event: event.id, as: link.as, item: link.item })),
    ),
  };
}
