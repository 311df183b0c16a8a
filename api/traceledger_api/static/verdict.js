// @ts-check
// The first screen: what the part is, what its record proves, and what to look at on the object.

import { contactOf } from "./contact.js";
import { code, icon, make, pair, written } from "./dom.js";
import { reservationsOf, recordOf } from "./standing.js";

/** @import { Judged, Verified } from "./verifier/types.d.ts" */
/** @import { Claim, Content, LabelVerdict, Part, Recalled, Setting, Tone, Words } from "./types.d.ts" */

// Standings in which the part must neither be installed nor passed on.
const STOPPED = new Set([
  "recalled", "held_customs", "held_quality", "unreleased", "failed", "apart", "scrapped",
]);

/** @type {(id: string, tone: Tone, says: Content, ...more: Content[]) => HTMLElement} */
export function row(id, tone, says, ...more) {
  return make("div", { class: "row", id, "data-tone": tone }, icon(tone),
    make("div", {}, make("p", { class: "says" }, says), ...more));
}

/** @type {(...content: Content[]) => HTMLElement} */
const note = (...content) => make("p", { class: "note" }, ...content);

// What passed is green only by a list of keys that did not come with the record.
/** @type {(setting: Setting) => Tone} */
export const passed = ({ isFirstUse }) => (isFirstUse ? "seen" : "good");

// Text with an element in place of a placeholder: "by the keys that {host} names".
/** @type {(text: string, elements: Record<string, Content>) => Content[]} */
export function weave(text, elements) {
  return text.split(/\{([a-z_]+)\}/).map((piece, at) => (at % 2 ? elements[piece] : piece));
}

/** @type {(part: Part, words: Words) => string} */
export function titleOf({ category, partNo, item }, { has, say }) {
  if (has(`category.${category}`)) return say(`category.${category}`);
  return category || partNo || item.slice(item.lastIndexOf("/") + 1);
}

/** @type {(part: Part, words: Words) => HTMLElement[]} */
export function drawIdentity(part, words) {
  const { say } = words;
  const life = part.life > 1 ? ` · ${say("page.life", { number: words.number(part.life) })}` : "";
  const replaced = part.replaces[0];
  return [
    make("p", { class: "eyebrow" }, say("page.remanufactured"), life),
    make("h1", {}, written(titleOf(part, words))),
    make("p", { class: "numbers" }, written(part.partNo),
      replaced && make("span", { class: "for" }, " ", weave(say("page.replaces"), { value: written(replaced) }))),
  ];
}

// ----------------------------------------------------------------------------------- the part

/** @type {(part: Part, setting: Setting) => HTMLElement} */
export function drawPartRow(part, setting) {
  const { say, day, country } = setting.words;
  const { standing, exported } = part;
  const fact = standing === "released" && exported
    ? say("fact.exported", { country: country(exported.country), date: day(exported.day) })
    : say(`standing.${standing}.note`);
  const recalled = standing === "recalled";
  return row("part", part.tone === "good" ? passed(setting) : part.tone, say(`standing.${standing}`),
    recalled ? part.recalls.map((recall) => drawRecall(recall, setting)) : note(fact),
    STOPPED.has(standing) && drawSteps(part, setting));
}

/** @type {(recall: Recalled, setting: Setting) => HTMLElement} */
function drawRecall({ criteria, severity, campaign }, { words: { say } }) {
  return make("dl", { class: "recall" },
    pair(say("recall.reason"), written(criteria)),
    pair(say("recall.severity"), say(`severity.${severity}`)),
    pair(say("recall.campaign"), code(campaign)));
}

// What to do: stop, keep, call.
/** @type {(part: Part, setting: Setting) => HTMLElement} */
function drawSteps({ item, standing, recalls, profile }, { words: { gap, say }, contact }) {
  const number = item.slice(item.lastIndexOf("/") + 1);
  const recalled = standing === "recalled";
  const actions = new Set(recalled ? recalls.map(({ action }) => action) : []);
  const more = ["return", "reflash"].filter((action) => actions.has(action)).map((action) => [gap, say(`action.${action}`)]);
  const contacts = recalled
    ? recalls.map((recall) => contactOf(recall.contact, `${number} · ${recall.campaign}`))
    : [profile?.phone, profile?.email, contact].map((text) => text && contactOf(text, number));
  return make("ol", { class: "steps" },
    make("li", {}, say("steps.stop")),
    make("li", {}, say("steps.keep"), more),
    make("li", {}, contacts.some(Boolean)
      ? weave(say("steps.call"), { value: contacts.filter(Boolean).map((one, at) => [at ? " · " : "", one]) })
      : say("steps.ask")));
}

// --------------------------------------------------------------------------------- the record

/** @type {Record<string, Tone>} */
const RECORD_TONES = { reserved: "warn", refused: "stop" };

/** @type {(report: Judged, setting: Setting) => HTMLElement} */
export function drawRecordRow(report, setting) {
  const { words: { gap, say, date }, isFirstUse, host } = setting;
  const record = recordOf(report);
  const tone = RECORD_TONES[record] ?? passed(setting);
  if (report.result === "refused") {
    const isFormer = report.codes[0].startsWith("former.");
    return row("record", tone, say("record.refused"), note(say(isFormer ? "former.refused" : "record.refused.note")));
  }
  const until = report.as_of === undefined ? say("record.undated") : say("record.until", { date: date(report.as_of) });
  /** @type {(key: string) => Content} */
  const by = (key) => weave(say(key), { host: hostOf(host) });
  const [heading, more] = record === "reserved"
    ? [say("record.reserved"), [by(isFirstUse ? "record.by_site" : "record.by_own"), gap]]
    : [by(isFirstUse ? "record.first_use" : "record.own_trust"), ""];
  return row("record", tone, heading,
    note(more, until),
    drawReservations(report, setting.words),
    isFirstUse && setting.isSite && drawAddress(setting));
}

/** @type {(host: string) => HTMLElement} */
const hostOf = (host) => make("bdi", { dir: "ltr", lang: "" }, host);

/** @type {(report: Verified, words: Words) => HTMLElement | undefined} */
function drawReservations(report, { has, say, date }) {
  const reservations = reservationsOf(report);
  if (!reservations.length) return undefined;
  const values = { date: report.as_of === undefined ? "" : date(report.as_of) };
  return make("ul", { class: "reservations" }, reservations.map((found) =>
    make("li", {}, has(`reserve.${found}`) ? say(`reserve.${found}`, values) : say("reserve.other", { code: found }))));
}

/** @type {(setting: Setting) => HTMLElement} */
function drawAddress({ words: { say }, host }) {
  return make("p", { class: "address" }, say("question.address"), make("b", {}, hostOf(host)),
    make("a", { href: "#independent" }, say("record.elsewhere")));
}

// ---------------------------------------------------------------- the label, and what the site claimed

// The statement of the label in the address: a false one is as bad as a refused record.
/** @type {(label: LabelVerdict, setting: Setting) => HTMLElement} */
export function drawLabelRow(label, setting) {
  const { words: { say } } = setting;
  if (label.isFalse) return row("label", "stop", say("label.false"), note(say("label.false.note")));
  return row("label", passed(setting), say("label.signed"),
    note(written(label.party), " · ", setting.words.month(label.month)));
}

// What the site showed before the record was verified, where the record states something else.
/** @type {(claims: Claim[], words: Words) => HTMLElement} */
export function drawClaimsRow(claims, { say }) {
  return row("claims", "stop", say("claims.title"),
    make("ul", { class: "reservations" }, claims.map(({ shown, verified }) =>
      make("li", {}, make("s", {}, written(shown || "–")), " → ", written(verified || "–")))),
    note(say("claims.note")));
}

// --------------------------------------------------------------------------------- the object

// First what a copier of the label lacks: the seal. Then the number, on the part itself. Below, what the
// record does not prove, if it proves something.
/** @type {(part: Pick<Part, "number" | "seal">, words: Words, limit?: string) => HTMLElement} */
export function drawQuestion({ number, seal }, words, limit) {
  const { say } = words;
  const box = make("section", { class: "question" });
  const asked = make("div", { class: "ask", "data-ask": "number" },
    make("h2", {}, say("question.number")),
    make("p", { class: "plate", dir: "ltr", lang: "" }, number.rest && make("span", { class: "rest" }, number.rest), " ",
      make("b", {}, number.tail)),
    answers(words, { no: say("question.number.no"), yes: say("question.number.yes") }));
  if (!seal) box.append(asked);
  else {
    asked.hidden = true;
    const first = make("div", { class: "ask", "data-ask": "seal" },
      make("h2", {}, weave(say("question.seal"), { seal: code(seal) })),
      answers(words, { no: say("question.seal.no") }, () => { asked.hidden = false; }));
    box.append(first, asked);
  }
  if (limit) box.append(make("p", { class: "limit" }, limit));
  return box;
}

// Yes and no, and what follows from each.
/** @type {(words: Words, outcomes: { yes?: string; no: string }, proceed?: () => void) => HTMLElement[]} */
function answers({ say }, { yes, no }, proceed) {
  const outcome = make("p", { class: "outcome", role: "status" });
  const buttons = /** @type {const} */ (["yes", "no"]).map((answer) =>
    make("button", { class: "button quiet", type: "button", "aria-pressed": "false", "data-answer": answer }, say(`answer.${answer}`)));
  for (const button of buttons)
    button.addEventListener("click", () => {
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
      const isYes = button.dataset.answer === "yes";
      outcome.textContent = (isYes ? yes : no) ?? "";
      outcome.dataset.tone = isYes ? "plain" : "stop";
      if (isYes) proceed?.();
    });
  return [make("p", { class: "buttons" }, buttons), outcome];
}

/** @type {(part: Part, words: Words) => HTMLElement} */
export function drawSigned({ released, made, signedBy }, { say, day }) {
  const when = released ?? made;
  return make("p", { class: "signed" },
    when && [make("time", { datetime: when }, day(when)), " · "],
    weave(say("page.signed_by"), { value: written(signedBy) }));
}
