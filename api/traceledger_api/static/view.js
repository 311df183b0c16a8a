// @ts-check
// A page about a part, drawn from a verified record, or from nothing. The plant's page and verify.html
// show the same.

import { make } from "./dom.js";
import { splitNumber } from "./part.js";
import {
  drawAbout,
  drawChecks,
  drawContents,
  drawEvents,
  drawFamily,
  drawFormer,
  drawMaker,
  drawSignatories,
  drawStory,
  drawTests,
  drawWarranty,
  drawWorkshop,
} from "./sections.js";
import {
  drawClaimsRow,
  drawIdentity,
  drawLabelRow,
  drawPartRow,
  drawQuestion,
  drawRecordRow,
  drawSigned,
  row,
} from "./verdict.js";

/** @import { Failed, RecordedEvent, Verified } from "./verifier/types.d.ts" */
/** @import { Claim, Content, Drawn, LabelVerdict, Part, Setting } from "./types.d.ts" */

/**
 * @typedef Additions
 * @property {LabelVerdict} [label] of the statement in the address
 * @property {Claim[]} [claims] of the site, where the record states something else
 * @property {Content} [notices] below the question
 * @property {() => (HTMLElement | undefined)[]} [sections] before the entries as signed
 */

/** @type {(report: Verified, part: Part, events: RecordedEvent[], setting: Setting, additions?: Additions) => Drawn} */
export function drawVerified(report, part, events, setting, { label, claims = [], notices, sections = () => [] } = {}) {
  const { words } = setting;
  const drawAll = () => [
    drawAbout(part, words),
    drawWarranty(part, words),
    drawTests(part, setting),
    drawWorkshop(part, words),
    drawMaker(part, words),
    drawStory(part, words),
    drawSignatories(part, words),
    drawFamily(part, words),
    drawFormer(report.former, setting),
    drawChecks(report, part, setting),
    ...sections(),
    drawEvents(report, events, words),
  ];
  return {
    identity: drawIdentity(part, words),
    verdict: [
      drawPartRow(part, setting),
      drawRecordRow(report, setting),
      label && drawLabelRow(label, setting),
      claims.length > 0 && drawClaimsRow(claims, words),
    ],
    look: [drawQuestion(part, words, words.say("question.limit")), drawSigned(part, words), notices],
    rest: () => {
      const all = drawAll();
      return [drawContents(all, words), all];
    },
  };
}

// Of a refused record, nothing is shown; what a site claimed stays, as its claim.
/** @type {(report: Failed<"refused">, setting: Setting, claimed?: Element | null) => Drawn} */
export function drawRefused(report, setting, claimed = null) {
  const { say } = setting.words;
  const unproven = row("part", "plain", say("standing.unproven"), make("p", { class: "note" }, say("standing.unproven.note")));
  const record = drawRecordRow(report, setting);
  return {
    verdict: claimed ? [claimed, record] : [record, unproven], // the worst news first
    look: undefined,
    rest: () => drawChecks(report, undefined, setting),
  };
}

/** @type {(reason: string, item: string, setting: Setting, claimed?: { part: Element | null; facts: Element | null }) => Drawn} */
export function drawUnchecked(reason, item, setting, claimed = { part: null, facts: null }) {
  const { say } = setting.words;
  const note = make("p", { class: "note" }, say(`unchecked.${reason}`));
  return {
    verdict: [claimed.part, row("record", "plain", say("record.unchecked"), note)],
    look: drawQuestion({ number: splitNumber(item), seal: "" }, setting.words),
    rest: () => [claimed.facts, drawChecks(undefined, undefined, setting)],
  };
}
