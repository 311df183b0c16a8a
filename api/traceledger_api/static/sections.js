// @ts-check
// Everything below the first screen, from a verified record.

import { describeClaim, describeMaker, describeProduct } from "./details.js";
import { code, draw, icon, make, pair, termOf, written } from "./dom.js";
import { passed, weave } from "./verdict.js";

/** @import { FormerLife, Judged, RecordedEvent, Verified } from "./verifier/types.d.ts" */
/**
 * @import {
 *   Chart, Content, Fact, Line, Measured, Part, Row, Scene, Setting, TestRun, Tone, Words
 * } from "./types.d.ts"
 */

/** @type {(id: string, title: string, ...content: Content[]) => HTMLElement} */
const section = (id, title, ...content) => make("section", { id }, make("h2", {}, title), ...content);

// A section that is folded at first, with the number of its entries.
/** @type {(id: string, title: string, count: string, ...content: Content[]) => HTMLElement} */
export function fold(id, title, count, ...content) {
  return make("section", { id }, make("details", { class: "fold" },
    make("summary", {}, make("h2", {}, title), count && make("span", { class: "count" }, count)), ...content));
}

/** @type {(...content: Content[]) => HTMLElement} */
const faint = (...content) => make("span", { class: "faint" }, ...content);
/** @type {(members: Content[], words: Words) => Content} */
const list = (members, { comma }) => members.map((one, at) => [at ? comma : "", one]);
/** @type {(texts: string[], words: Words) => Content} */
const texts = (all, words) => list(all.map((text) => written(text)), words);
/** @type {(words: Words, when: string) => HTMLElement} */
const day = (words, when) => make("time", { datetime: when }, words.day(when));

// ---------------------------------------------------------------------------- part and warranty

/** @type {(part: Part, words: Words) => HTMLElement} */
export function drawAbout(part, words) {
  const { say } = words;
  const { exported } = part;
  return section("about", say("about.title"), make("dl", { class: "facts" },
    part.maker && pair(say("about.maker"), written(part.maker)),
    part.made && pair(say("about.made"), day(words, part.made),
      part.batch && [" ", faint(weave(say("story.batch"), { value: written(part.batch) }))]),
    drawReplaced(part, words),
    exported && pair(say("about.exported"), words.country(exported.country), " · ", day(words, exported.day),
      make("br"), faint(say("about.elsewhere"))),
    !exported && part.isAtHome && pair(say("about.sold"), say("about.at_home"), make("br"), faint(say("about.elsewhere")))));
}

// All part numbers that the part replaces: those that the maker names, else those of its used parts.
/** @type {(part: Part, words: Words) => HTMLElement | false} */
function drawReplaced({ approval: { fits = [] }, replaces }, words) {
  const { say } = words;
  if (fits.length) return pair(say("fits.numbers"), texts(fits, words));
  return replaces.length > 1 && pair(say("about.replaces"), texts(replaces, words));
}

/** @type {(all: string[], words: Words, translate?: Words["term"]) => Content} */
const terms = (all, words, translate = words.term) => list(all.map((text) => termOf(translate(text))), words);

/** @type {(rows: Row[], words: Words) => HTMLElement} */
const drawRows = (rows, words) => make("dl", { class: "facts" }, pairs(rows, words));

/** @type {(rows: Row[], words: Words) => Content} */
const pairs = (rows, { say }) => rows.map(({ caption, lines, note, digest }) =>
  pair(say(caption),
    lines.map(({ text, lang, href }) => make("p", {}, href
      ? make("a", { href, rel: "noreferrer" }, written(text))
      : written(text, lang ? { lang } : {}))),
    note && make("p", { class: "faint" }, say(note)), digest && code(digest)));

// What a workshop needs beyond the part numbers: coding and installing, and the work on the part.
/** @type {(part: Part, words: Words) => HTMLElement | undefined} */
export function drawWorkshop({ approval, work, standards }, words) {
  const { say } = words;
  const { title, rows } = describeProduct(approval, words.language);
  const facts = [
    pairs(rows.filter(({ caption }) => caption !== "fits.numbers"), words),
    work.software && pair(say("about.software"), written(work.software), " ",
      faint(weave(say("about.software_before"), { value: written(work.softwareBefore) })),
      work.isErased && [make("br"), faint(say("story.data_erased"))]),
    work.calibration && pair(say("about.calibration"), written(work.calibration)),
    work.faults.length > 0 && pair(say("about.mended"), terms(work.faults, words)),
    work.replaced.length > 0 && pair(say("about.replaced"), list(work.replaced.map(({ part: name, quantity }) =>
      [termOf(words.term(name)), ` × ${words.number(quantity)}`]), words)),
    standards.length > 0 && pair(say("about.standards"), texts(standards, words)),
  ].flat().filter(Boolean);
  return facts.length ? fold("workshop", say(title), words.number(facts.length), make("dl", { class: "facts" }, facts)) : undefined;
}

/** @type {(part: Part, words: Words) => HTMLElement | undefined} */
export function drawMaker({ profile }, words) {
  const { title, rows } = describeMaker(profile);
  return rows.length ? fold("maker", words.say(title), "", drawRows(rows, words)) : undefined;
}

const KM_IN_A_MILE = 1.609344;

/** @type {(part: Part, words: Words) => HTMLElement | undefined} */
export function drawWarranty({ warranty }, words) {
  if (!warranty) return undefined;
  const { say, amount } = words;
  const { months, km } = warranty;
  const claim = describeClaim(warranty);
  const began = make("p", { class: "faint" }, say("about.warranty_note"));
  const distance = km === undefined ? [] : [amount(km, "kilometer"), amount(Math.floor(km / KM_IN_A_MILE), "mile")];
  return section("warranty", say("about.warranty"),
    make("p", {}, make("strong", {}, [amount(months, "month"), ...distance].join(" · "))),
    claim.length === 0 && began,
    claim.length > 0 && make("details", { class: "more" }, make("summary", {}, say("warranty.claim")), began, drawRows(claim, words)));
}

// ----------------------------------------------------------------------------------------- tests

/** @type {(part: Part, setting: Setting) => HTMLElement | undefined} */
export function drawTests({ tests: [latest, ...earlier] }, setting) {
  if (!latest) return undefined;
  const { say, number } = setting.words;
  return section("tests", say("tests.title"), drawRun(latest, setting),
    earlier.length > 0 && make("details", { class: "more" },
      make("summary", {}, `${say("tests.earlier")} (${number(earlier.length)})`),
      earlier.map((run) => drawRun(run, setting))));
}

/** @type {(run: TestRun, setting: Setting) => Content} */
function drawRun(run, setting) {
  const { words } = setting;
  const { say } = words;
  return [
    make("p", { class: "run" },
      chip(run.passed ? passed(setting) : "stop", say(run.passed ? "tests.passed" : "tests.failed")), " ",
      day(words, run.day), " · ", written(run.by), " · ", written(run.equipment)),
    make("ul", { class: "results" }, run.results.map((one) => drawResult(one, words))),
  ];
}

/** @type {(tone: Tone, text: string) => HTMLElement} */
const chip = (tone, text) => make("span", { class: "chip", "data-tone": tone }, text);

/** @type {(measured: Measured, words: Words) => HTMLElement} */
function drawResult(measured, words) {
  const { name, value, unit, low, high, passed: isPassed, chart } = measured;
  const { say, number } = words;
  /** @type {(text: string) => string} */
  const withUnit = (text) => [text, words.unit(unit)].filter(Boolean).join(" ");
  const limits = limitsOf(low, high, number);
  return make("li", isPassed ? {} : { class: "failed" },
    make("span", { class: "name" }, termOf(words.term(name))),
    make("bdi", { class: "value", lang: "" }, withUnit(number(value))),
    chart && make("span", { class: "chart", dir: "ltr", "aria-hidden": "true" },
      make("span", {}, number(low ?? "")), drawChart(chart), make("span", {}, number(high ?? ""))),
    make("span", { class: chart ? "limits charted" : "limits" },
      !isPassed && [say("tests.outside"), limits && " · "],
      limits && weave(say("tests.allowed"), { value: make("bdi", { lang: "" }, withUnit(limits)) })));
}

/** @type {(low: string | undefined, high: string | undefined, number: Words["number"]) => string} */
function limitsOf(low, high, number) {
  if (low === undefined) return high === undefined ? "" : `≤ ${number(high)}`;
  if (high === undefined) return `≥ ${number(low)}`;
  return Number(low) === Number(high) ? number(low) : `${number(low)} – ${number(high)}`;
}

const WIDTH = 300; // of a chart, in user units

/** @type {(chart: Chart) => Element} */
function drawChart({ low, high, value }) {
  /** @type {(share: number) => string} */
  const at = (share) => String(6 + Math.round(share * (WIDTH - 12)));
  return draw("svg", { viewBox: `0 0 ${WIDTH} 14` },
    draw("rect", { class: "track", x: "0", y: "5", width: String(WIDTH), height: "4", rx: "2" }),
    draw("rect", { class: "range", x: at(low), y: "4", width: String(Number(at(high)) - Number(at(low))), height: "6" }),
    draw("circle", { class: "mark", cx: at(value), cy: "7", r: "5" }));
}

// ----------------------------------------------------------------------------------------- story

/** @type {(part: Part, words: Words) => HTMLElement} */
export function drawStory({ scenes }, words) {
  const count = scenes.reduce((sum, { lines }) => sum + lines.length, 0);
  return fold("story", words.say("story.title"), words.number(count), scenes.map((scene) => drawScene(scene, words)));
}

/** @type {(key: string, words: Words) => string} */
const heading = (key, { has, say }) => say(has(key) ? key : "scene.other");

/** @type {(scene: Scene, words: Words) => HTMLElement} */
function drawScene({ heading: key, item, lines, open }, words) {
  return make("details", { class: "scene", open: open ? "" : undefined },
    make("summary", {}, make("span", { class: "heading" }, heading(key, words)), " ", code(item)),
    make("ol", {}, lines.map((line, at) => drawLine(line, lines[at - 1]?.by, words))));
}

/** @type {(line: Line, before: string | undefined, words: Words) => HTMLElement} */
function drawLine(line, before, words) {
  const { has, say } = words;
  const title = say(has(line.title) ? line.title : "story.unknown");
  /** @type {(key: string) => (name: string) => HTMLElement} */
  const by = (key) => (name) => make("span", {}, weave(say(key), { value: written(name) }));
  const shown = line.void ? make("s", {}, title) : title;
  const facts = line.facts.filter((fact) => Object.values(fact).some((value) => value.length > 0));
  return make("li", { class: [line.stop ? "stop" : line.minor ? "minor" : "", line.void ? "void" : ""].join(" ").trim() || undefined },
    make("p", { class: "when" }, day(words, line.day)),
    make("div", {},
      make("p", { class: "what" }, facts.length
        ? weave(say("story.line"), { title: shown, facts: facts.map((fact, at) => [at ? " · " : "", drawFact(fact, words)]) })
        : shown),
      make("p", { class: "who" }, written(line.by, line.by === before ? { class: "unseen" } : {}),
        line.confirmedBy.map(by("story.confirmed_by")), line.refusedBy.map(by("story.refused_by")),
        !line.isJudged && make("span", {}, say("story.unjudged")),
        line.void && make("span", {}, say("story.was_void")), line.corrected && make("span", {}, say("story.was_corrected"))),
      line.attested && make("p", { class: "chip" }, say("story.attested")),
      !line.attested && line.asserted && make("p", { class: "chip" }, say("story.asserted"))));
}

/** @type {(fact: Fact, words: Words) => Content} */
function drawFact({ label, text, country, terms: known = [], reasons = [] }, words) {
  const value = [text && written(text), country && words.country(country), terms(known, words), terms(reasons, words, words.reason)];
  return label ? weave(words.say(label), { value }) : value;
}

// ---------------------------------------------------------------------------- signers and family

/** @type {(part: Part, words: Words) => HTMLElement} */
export function drawSignatories({ signatories, attested, asserted }, words) {
  const { has, say, number } = words;
  return fold("signers", say("signers.title"), number(signatories.length),
    make("ul", { class: "signers" }, signatories.map(({ name, titles }) =>
      make("li", {}, make("strong", {}, written(name)), faint(titles.map((key) =>
        say(has(key) ? key : "story.unknown")).join(" · ") || say("signers.confirmed"))))),
    (attested || asserted) > 0 &&
      make("p", { class: "faint" }, say("signers.customs", { attested: number(attested), asserted: number(asserted) })));
}

const MAX_INDENT = 6; // deeper relatives are not indented further

/** @type {(part: Part, words: Words) => HTMLElement} */
export function drawFamily({ family }, words) {
  return fold("family", words.say("family.title"), words.number(family.length),
    make("ul", { class: "family" }, family.map(({ depth, heading: key, item, detail }) =>
      make("li", { "data-depth": String(Math.min(depth, MAX_INDENT)) },
        make("strong", {}, heading(key, words)), " ", code(item), detail && [" ", faint(written(detail))]))));
}

// ------------------------------------------------------------------- earlier lives in other ledgers

/** @type {(lives: FormerLife[] | undefined, setting: Setting) => HTMLElement | undefined} */
export function drawFormer(lives, setting) {
  const { say, date } = setting.words;
  return lives && section("lives", say("former.title"), make("div", { class: "verdict" },
    lives.map(({ result: found, item, origin, as_of: until }) => {
      // Keys that came with the record prove as little about the earlier life.
      const result = found === "verified" && setting.isFirstUse ? "incomplete" : found;
      const tone = result === "verified" ? "good" : "plain";
      return make("div", { class: "row", "data-tone": tone }, icon(tone),
        make("div", {}, make("p", { class: "says" }, say(`former.${result}`)),
          make("p", { class: "note" }, code(item), make("br"), code(origin)),
          until !== undefined && make("p", { class: "note" }, say("record.until", { date: date(until) }))));
    })));
}

// ------------------------------------------------------------------------------- what was checked

const CHECKS = ["complete", "signed", "unchanged", "rules", "witnessed"];
const LIMITS = ["true", "times", "object", "hidden"];

// Without a report, nothing was checked; of a refused record, nothing is known.
/** @type {(report: Judged | undefined, part: Part | undefined, setting: Setting) => HTMLElement} */
export function drawChecks(report, part, setting) {
  const { words } = setting;
  const { say, number } = words;
  const verified = report && report.result !== "refused" ? report : undefined;
  const open = openChecks(verified);
  const done = CHECKS.length - open.size;
  return fold("checks", say(verified ? "checks.title" : "checks.what"), verified ? `${number(done)} / ${number(CHECKS.length)}` : "",
    make("div", { class: "columns" },
      make("div", {}, verified && make("h3", {}, say("checks.done")),
        make("ul", { class: "checked" }, CHECKS.map((key) => {
          const tone = open.has(key) ? "plain" : passed(setting);
          return make("li", { "data-check": key, "data-tone": tone }, icon(tone),
            make("span", {}, say(open.has(key) ? `checks.what.${key}` : `checks.done.${key}`)));
        }))),
      make("div", {}, make("h3", {}, say("checks.open")),
        make("ul", { class: "open" }, LIMITS.map((key) => make("li", {}, say(`checks.open.${key}`))),
          part && part.withheld > 0 && make("li", {}, say("checks.withheld", { count: number(part.withheld) }))))),
    report && drawBasis(report, setting));
}

/** @type {(report: Verified | undefined) => Set<string>} */
function openChecks(report) {
  if (!report) return new Set(CHECKS);
  /** @type {(...codes: string[]) => boolean} */
  const has = (...codes) => codes.some((found) => report.codes.includes(found));
  return new Set([
    ...(has("quorum.none", "quorum.missing", "replay.missing") ? ["witnessed"] : []),
    ...(has("event.kind", "rules.newer") ? ["rules", "signed"] : []),
    ...(report.disputed.length ? ["signed"] : []),
  ]);
}

/** @type {(report: Judged, setting: Setting) => HTMLElement} */
function drawBasis(report, { words, isFirstUse, fingerprint }) {
  const { say } = words;
  const shown = report.result === "refused" ? undefined : report;
  return make("dl", { class: "facts", id: "basis" },
    shown && pair(say("basis.as_of"), shown.as_of === undefined ? "–" : words.moment(shown.as_of)),
    shown && pair(say(isFirstUse ? "basis.witnesses.site" : "basis.witnesses"),
      make("span", { id: "witnesses" }, shown.cosigners.length ? texts(shown.cosigners.map(({ name }) => name), words) : "–")),
    pair(say("basis.trust"), make("span", { id: "trust" }, say(isFirstUse ? "own_trust.site" : "own_trust.mine"))),
    pair(say("basis.fingerprint"), make("span", { id: "fingerprint" }, code(fingerprint))),
    report.result === "refused" && pair(say("basis.refusal"),
      make("span", { id: "refusal" }, code([report.codes[0], report.chain, report.event].filter(Boolean).join(" · ")))));
}

// ---------------------------------------------------------------------------------------- experts

/** @type {(sections: (HTMLElement | undefined)[], words: Words) => HTMLElement} */
export function drawContents(sections, { say }) {
  return make("nav", { class: "contents", "aria-label": say("page.contents") }, sections.map((one) =>
    one && make("a", { href: `#${one.id}` }, one.querySelector("h2")?.textContent)));
}

/** @type {(report: Verified, events: RecordedEvent[], words: Words) => HTMLElement} */
export function drawEvents(report, events, { say, number }) {
  const folded = fold("experts", say("events.title"), number(events.length), make("p", { class: "faint" }, say("events.file")));
  const details = /** @type {HTMLElement} */ (folded.firstElementChild);
  details.addEventListener("toggle", () => {
    details.append(
      ...events.flatMap(({ id, item, payload }) => [make("p", { class: "code", dir: "ltr" }, `${item} · ${id}`), drawJson(payload)]),
      make("p", {}, say("events.report")),
      drawJson(report, "report"),
    );
  }, { once: true });
  return folded;
}

/** @type {(value: object, id?: string) => HTMLElement} */
const drawJson = (value, id) => make("pre", { tabindex: "0", dir: "ltr", lang: "", id }, JSON.stringify(value, undefined, 2));
