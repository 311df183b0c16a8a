// @ts-check
// Verifies the part's record in the buyer's own browser and shows the result on the page.
//
// Every text comes from the page's catalogue or the verified record, and is inserted as text.

import { LabelError, confirmLabel } from "./label.js";
import { recordOf, reservationsOf, standingOf } from "./standing.js";
import {
  UnsupportedError,
  canVerifyEd25519,
  fingerprintOf,
  isPassport,
  readEvents,
  useEd25519,
  verifyPassport,
} from "./verify.js";

/**
 * @import {
 *   Bytes, Catalogue, Judged, Loaded, PageData, RecordedEvent, Report, Verified
 * } from "./types.d.ts"
 */

const OWN_TRUST = "traceledger.trust";
const TIMEOUT = 30_000; // milliseconds
const RECORD_TONES = { proven: "good", reserved: "warn", refused: "stop", unchecked: "plain" };

/** @type {(selector: string, within?: ParentNode) => HTMLElement} */
const find = (selector, within = document) =>
  /** @type {HTMLElement} */ (within.querySelector(selector));
/** @type {(selector: string) => HTMLElement[]} */
const findAll = (selector) => [
  .../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector)),
];
/** @type {PageData} */
const page = JSON.parse(find("#script").textContent);
/** @type {(key: string, values?: Record<string, string>) => string} */
const words = (key, values = {}) =>
  (page.words[key] ?? "").replace(/\{([a-z_]+)\}/g, (whole, name) => values[name] ?? whole);
/** @type {(selector: string, text: string, within?: ParentNode) => void} */
const setText = (selector, text, within = document) => { find(selector, within).textContent = text; };
/** @type {(selector: string, shown?: boolean, within?: ParentNode) => void} */
const show = (selector, shown = true, within = document) => { find(selector, within).hidden = !shown; };

/** @type {(id: string, tone: string, headline: string, notes: string[]) => void} */
function setRow(id, tone, headline, notes) {
  const row = find(`#${id}`);
  row.dataset.tone = tone;
  row.removeAttribute("aria-busy");
  find("use", row).setAttribute("href", `#${tone}`);
  setText(".says", headline, row);
  setText(".note", notes.filter(Boolean).join(" "), row);
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} text
 * @param {Partial<HTMLElement>} parts
 * @returns {HTMLElementTagNameMap[Name]}
 */
function make(name, text, parts = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...parts });
}

/** @type {(options: Intl.DateTimeFormatOptions) => (seconds: number) => string} */
const format = (options) => (seconds) =>
  new Intl.DateTimeFormat(page.language, options).format(new Date(seconds * 1000));
/** @type {Intl.DateTimeFormatOptions} */
const DAY = { year: "numeric", month: "short", day: "numeric" };
const day = format(DAY);
const moment = format({ ...DAY, hour: "2-digit", minute: "2-digit" });

// ------------------------------------------------------------------------------- the verification

// The site answered with something other than the file requested.
class AnswerError extends Error {}

/** @type {(address: string) => Promise<Bytes>} */
async function load(address) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIMEOUT);
  try {
    const answer = await fetch(address, { signal: patience.signal });
    if (!answer.ok) throw new AnswerError(`${address}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } finally {
    clearTimeout(timer);
  }
}

/** @type {(bytes: Bytes) => Catalogue} */
function parseCatalogue(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new AnswerError(`${page.catalogue} is not JSON`, { cause: error });
  }
}

// The reader's own trust file, kept in this browser for this site.
/** @type {() => Bytes | undefined} */
function readOwnTrust() {
  try {
    const kept = localStorage.getItem(OWN_TRUST);
    return kept === null ? undefined : new TextEncoder().encode(kept);
  } catch {
    return undefined; // the browser stores nothing
  }
}

/** @type {(text: string | undefined) => void} */
function keepOwnTrust(text) {
  try {
    if (text === undefined) localStorage.removeItem(OWN_TRUST);
    else localStorage.setItem(OWN_TRUST, text);
  } catch {
    // The file applies to this visit only.
  }
}

/** @type {(own: Bytes | undefined) => Promise<Loaded>} */
async function loadAll(own) {
  const [passport, trust, catalogue] = await Promise.all([
    load(page.passport), own ?? load(page.trust), load(page.catalogue),
  ]);
  if (!isPassport(passport)) throw new AnswerError(`${page.passport} is not a passport`);
  return { passport, trust, firstUse: !own, catalogue: parseCatalogue(catalogue) };
}

async function fallBack() {
  const { loadEd25519 } = await import("./ed25519.js");
  try {
    useEd25519(await loadEd25519(page.fallback));
  } catch (error) {
    throw new UnsupportedError("this browser cannot check the signatures", { cause: error });
  }
}

/** @type {(loaded: Loaded) => Promise<Report>} */
async function verify({ passport, trust, firstUse, catalogue }) {
  const now = Math.floor(Date.now() / 1000);
  const run = () => verifyPassport(passport, trust, page.item, { now, catalogue, firstUse });
  const native = await canVerifyEd25519();
  if (!native && page.fallback) await fallBack();
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UnsupportedError) || !native || !page.fallback) throw error;
    await fallBack();
    return run();
  }
}

// ---------------------------------------------------------------------------------- the result on the page

/** @type {(report: Judged) => number | undefined} */
const timeOf = (report) => (report.result === "refused" ? undefined : report.as_of);

/** @type {(reason: string) => void} */
function showUnchecked(reason) {
  setRow("record", "plain", words("record.unchecked"), [words(`unchecked.${reason}`)]);
  document.body.dataset.record = "unchecked";
}

/** @type {(report: Judged, firstUse: boolean) => void} */
function showRecord(report, firstUse) {
  const record = recordOf(report);
  const basis = words(firstUse ? "record.first_use" : "record.own_trust");
  const asOf = timeOf(report);
  const date = asOf === undefined ? "" : day(asOf);
  const state = date ? words("record.proven.note", { date }) : words("record.undated");
  const notes = record === "refused" ? [words("record.refused.note")] : [state, basis];
  setRow("record", RECORD_TONES[record], words(`record.${record}`), notes);
  const list = find("#record .reservations");
  const reservations = report.result === "refused" ? [] : reservationsOf(report);
  list.replaceChildren(...reservations.map((code) =>
    make("li", words(`reserve.${code}`, { date }) || words("reserve.other", { code }))));
  list.hidden = !reservations.length;
  document.body.dataset.record = record;
}

// The server's text about the part, shown until the record is verified.
const served = find("#part .note").textContent;

function showServedPart() {
  const tone = page.tones[page.standing] === "stop" ? "stop" : "plain";
  setRow("part", tone, words(`standing.${page.standing}`), [served]);
  show("#part .source");
}

/** @type {(report: Judged) => void} */
function showPart(report) {
  const standing = standingOf(report);
  const note = standing === page.standing ? served : words(`standing.${standing}.note`);
  setRow("part", page.tones[standing], words(`standing.${standing}`), [note]);
  show("#part .source", false);
  const recalls = find("#part .recalls");
  recalls.hidden = standing !== "recalled";
  recalls.replaceChildren(...(report.result === "refused" ? [] : report.recalls).map(({ action, contact, campaign }) => {
    const line = make("p", "");
    line.append(make("strong", words(`action.${action}`)), " ", make("bdi", contact), " ",
      make("bdi", campaign, { className: "campaign" }));
    return line;
  }));
}

/** @type {(report: Judged, trust: string, firstUse: boolean) => void} */
function showChecks(report, trust, firstUse) {
  const failed = new Set(report.codes);
  /** @type {Record<string, boolean>} */
  const doubtful = {
    witnessed: ["quorum.none", "quorum.missing", "replay.missing"].some((code) => failed.has(code)),
    rules: ["event.kind", "rules.newer"].some((code) => failed.has(code)),
  };
  for (const line of findAll(".checked li")) {
    const tone = report.result === "refused" || doubtful[line.dataset.check ?? ""] ? "plain" : "good";
    line.dataset.tone = tone;
    find("use", line).setAttribute("href", `#${tone}`);
  }
  show("#basis");
  const asOf = timeOf(report);
  setText("#as-of", asOf === undefined ? "–" : moment(asOf));
  const cosigners = report.result === "refused" ? [] : report.cosigners;
  setText("#witnesses", cosigners.map(({ name }) => name).join(", ") || "–");
  setText("#trust", words(firstUse ? "own_trust.site" : "own_trust.mine"));
  setText("#fingerprint", trust);
  show("#refusal", report.result === "refused");
  if (report.result === "refused")
    setText("#refusal dd", [report.codes[0], report.chain, report.event].filter(Boolean).join(" · "));
}

// The server rendered the story: it must list exactly the events that were verified.
/** @type {(all: RecordedEvent[], catalogue: Catalogue) => void} */
function compareStory(all, { authority }) {
  const events = all.filter(({ item }) => !authority.includes(item.split("/", 1)[0]));
  const shown = findAll("[data-events]").flatMap((line) => (line.dataset.events ?? "").split(" "));
  const same = shown.length === events.length && events.every(({ id }) => shown.includes(id));
  show(".stale", !same);
}

// The label's own statement in the address (docs/spec/label.md), by the keys of the verified record.
/** @type {(events: RecordedEvent[], report: Verified) => Promise<void>} */
async function showLabel(events, { origin, parties }) {
  const fragment = location.hash.slice(1);
  if (!fragment.startsWith("v1.")) return;
  const line = find(".own-signature");
  line.hidden = false;
  try {
    const { month, party } = await confirmLabel(fragment, { item: page.item, origin, events });
    const name = parties.find((one) => one.party === party)?.name ?? party;
    line.textContent = words("label.signed", { party: name, month });
    delete line.dataset.tone;
  } catch (error) {
    console.warn(error instanceof LabelError ? error.code : /** @type {Error} */ (error).message);
    line.textContent = words("label.false");
    line.dataset.tone = "warn";
  }
}

/** @type {(events: RecordedEvent[]) => void} */
function offerEvents(events) {
  const block = find("#experts details");
  block.hidden = false;
  block.addEventListener("toggle", () => {
    find("div", block).replaceChildren(...events.flatMap(({ id, item, payload }) => [
      make("p", `${item} · ${id}`, { className: "code" }),
      make("pre", JSON.stringify(payload, undefined, 2), { tabIndex: 0, dir: "ltr" }),
    ]));
  }, { once: true });
}

// -------------------------------------------------------------------------------------- entry point

let checks = 0;

/** @type {(own: Bytes | undefined) => Promise<void>} */
async function check(own) {
  const mine = ++checks;
  setRow("record", "plain", words("record.checking"), []);
  find("#record").setAttribute("aria-busy", "true");
  show("#record .reservations", false);
  showServedPart();
  delete document.body.dataset.record;
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return showUnchecked("insecure");
  let loaded;
  try {
    loaded = await loadAll(own);
  } catch (error) {
    console.warn(error);
    const reason = error instanceof AnswerError ? "answer" : "network";
    return mine === checks ? showUnchecked(reason) : undefined;
  }
  try {
    performance.mark("loaded");
    const report = await verify(loaded);
    performance.mark("verified");
    if (mine !== checks) return undefined; // the reader has chosen another trust file meanwhile
    if (report.result === "unchecked") return showUnchecked(own ? "trust" : "answer");
    showRecord(report, loaded.firstUse);
    showPart(report);
    performance.mark("verdict");
    const refused = report.result === "refused";
    show(".unproven", refused);
    showChecks(report, await fingerprintOf(loaded.trust), loaded.firstUse);
    if (refused) return undefined;
    const events = await readEvents(loaded.passport);
    compareStory(events, loaded.catalogue);
    offerEvents(events);
    await showLabel(events, report);
  } catch (error) {
    console.error(error);
    return showUnchecked(error instanceof UnsupportedError ? "ed25519" : "error");
  }
  return undefined;
}

// The file as text, exactly as the command reads it: with its byte order mark, in UTF-8 only.
/** @type {(file: File) => Promise<string | undefined>} */
async function readTrust(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const catalogue = /** @type {Catalogue} */ ({});
  const { result } = await verifyPassport(new Uint8Array(), bytes, page.item, { now: 0, catalogue });
  return result === "unchecked" ? undefined : new TextDecoder().decode(bytes);
}

/** @type {(file: File) => Promise<void>} */
async function useOwnTrust(file) {
  const text = await readTrust(file);
  show("#own-trust .error", text === undefined);
  setText("#own-trust .error", text === undefined ? words("own_trust.bad") : "");
  if (text === undefined) return;
  keepOwnTrust(text);
  show("#own-trust button");
  await check(new TextEncoder().encode(text));
}

function offerOwnTrust() {
  show("#own-trust");
  const input = /** @type {HTMLInputElement} */ (find("#own-trust input"));
  const forget = find("#own-trust button");
  input.addEventListener("change", () => {
    if (input.files?.length) useOwnTrust(input.files[0]);
    input.value = "";
  });
  forget.addEventListener("click", () => {
    keepOwnTrust(undefined);
    forget.hidden = true;
    check(undefined);
  });
}

const own = readOwnTrust();
offerOwnTrust();
show("#own-trust button", own !== undefined);
await check(own);
