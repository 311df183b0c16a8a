// @ts-check
// Verifies the part's record in the buyer's own browser and draws the page from the verified events.
//
// What the server wrote is shown as the site's claim and replaced; where the record states something
// else, the page says so.

import { AnswerError, NetworkError, loadBytes, loadJson, readLabel, verifyRecord, withEd25519 } from "./checking.js";
import { icon, make, query, written } from "./dom.js";
import { contactOf } from "./contact.js";
import { drawIndependent } from "./independent.js";
import { fingerprintOfTrust, trustFor, trustForFormer } from "./lists.js";
import { drawPaperLabel, openForPaper, printWith } from "./paper.js";
import { describePart } from "./part.js";
import { drawPhotos } from "./photos.js";
import { fold } from "./sections.js";
import { recordOf } from "./standing.js";
import { keepOwnTrust, readOwnTrust } from "./trust.js";
import { titleOf, weave } from "./verdict.js";
import { UnsupportedError } from "./verifier/errors.js";
import { isTrustList } from "./verifier/formats/trust-list.js";
import { itemOf } from "./verifier/identifiers/digital-link.js";
import { isPassport, readEvents } from "./verifier/verify/record.js";
import { drawRefused, drawUnchecked, drawVerified } from "./view.js";
import { wordsOf } from "./words.js";

/** @import { Bytes, Verified } from "./verifier/types.d.ts" */
/**
 * @import {
 *   Claim, Content, Drawn, FormerSource, Loaded, OwnTrust, PageData, Part, Setting
 * } from "./types.d.ts"
 */

/** @type {(selector: string) => HTMLElement[]} */
const findAll = (selector) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))];

/** @type {PageData} */
const page = JSON.parse(query("#script").textContent);
const words = wordsOf(page.language, page.words, page.vocabulary);
const say = words.say;
// The address says which part this is about; the page does not.
const item = itemOf(location.origin + decodeURIComponent(location.pathname).replace(/\/$/, ""));
// The label's statement (docs/spec/label.md), which every link of the page keeps.
const fragment = location.hash.startsWith("#v1.") ? location.hash : "";

// What the site claimed before anything was verified.
const claimed = new Map(findAll("[data-claim]").map((element) =>
  [element.dataset.claim ?? "", element.dataset.value ?? element.textContent.trim()]));
const claimedIdentity = [...query("#identity").childNodes];
const claimedParts = { part: document.querySelector("#part"), facts: document.querySelector("#stated") };

// ------------------------------------------------------------------------------- the verification

/** @type {(own: OwnTrust | undefined) => Promise<Loaded>} */
async function loadAll(own) {
  const [passport, trust, catalogue] = await Promise.all([
    loadBytes(page.passport), own?.file ?? loadBytes(page.trust), loadJson(page.catalogue),
  ]);
  if (!isPassport(passport)) throw new AnswerError(`${page.passport} is not a passport`);
  const fingerprint = await withEd25519(page.fallback, () => fingerprintOfTrust(trust));
  return { passport, trust, fingerprint, isFirstUse: !own, catalogue };
}

// Only a list of keys has those of other ledgers.
/** @type {(given: Bytes) => FormerSource} */
const formerSource = (given) => ({
  load: async (digest) => (isTrustList(given) ? loadBytes(page.former + digest) : undefined),
  trustOf: (other, passport) => trustForFormer(given, passport, other),
});

// ------------------------------------------------------------------------------- the page

// Times for measurements; no verdict depends on them.
/** @type {(name: string) => void} */
function mark(name) {
  globalThis.performance?.mark?.(name);
}

// The verdict first: a slow device draws it long before the rest.
/** @type {(record: string, own: OwnTrust | undefined, drawn: Drawn, verifier?: string) => Promise<void>} */
async function render(record, own, { identity, verdict, look, rest }, verifier = "") {
  const mine = checks;
  query("#identity").replaceChildren(...(identity ? nodes(identity) : claimedIdentity));
  query("#verdict").replaceChildren(...nodes(verdict));
  query("#verdict").removeAttribute("aria-busy");
  query("#look").replaceChildren(...nodes(look));
  // A new element, because one that exists would be seen to move.
  const below = make("div", { class: "rest-of-page", id: "rest" });
  query("#rest").replaceWith(below);
  mark("verdict");
  await new Promise((painted) => { setTimeout(painted); });
  if (mine !== checks) return; // the reader has chosen other keys meanwhile
  const isProven = record === "proven" || record === "reserved";
  const label = drawPaperLabel(page.label);
  below.append(...nodes([
    label, rest(), drawIndependent(page, item, words, own, use, verifier), drawProblem(isProven), drawTools(label), drawPrintedAt(record),
  ]));
  document.body.dataset.trust = own ? "own" : "site";
  document.body.dataset.record = record;
}

/** @type {(content: Content) => Node[]} */
const nodes = (content) => [...make("div", {}, content).childNodes];

// The link to this part at the verifier that the trust file names, if it names one. The file was read
// by the verification, so it has the form of a trust file.
/** @type {(trust: Bytes) => string} */
function verifierOf(trust) {
  const { verifier } = JSON.parse(new TextDecoder().decode(trust));
  return verifier ? `${verifier}#${encodeURIComponent(location.origin + location.pathname + fragment)}` : "";
}

// The record as paper or as a link.
/** @type {(label: HTMLImageElement) => HTMLElement} */
function drawTools(label) {
  const print = make("button", { class: "button quiet", type: "button" }, say("page.print"));
  print.addEventListener("click", () => printWith(label));
  const share = make("button", { class: "button quiet", type: "button" }, say("page.share"));
  share.addEventListener("click", () => navigator.share({ title: document.title, url: location.href }).catch(console.info));
  return make("p", { class: "buttons tools" }, print, "share" in navigator && share);
}

/** @type {(isFolded: boolean) => HTMLElement} */
function drawProblem(isFolded) {
  const number = item.slice(item.lastIndexOf("/") + 1);
  const isAddress = page.contact.includes("://");
  const problem = fold("problem", say("report.title"), "",
    make("p", {}, say("report.why")),
    make("p", {}, isAddress && make("a", { href: page.contact, rel: "noreferrer" }, say("report.link")),
      !isAddress && page.contact && contactOf(page.contact, number),
      !page.contact && weave(say("report.host"), { value: written(page.host, { dir: "ltr" }) })),
    isFolded && drawScans());
  if (!isFolded) problem.firstElementChild?.setAttribute("open", "");
  return problem;
}

/** @type {(text: string) => HTMLElement} */
const drawNotice = (text) => make("p", { class: "notice" }, icon("warn"), make("span", {}, text));

function drawScans() {
  const { total, first } = page.scans;
  return make("p", { id: "scans" },
    total === undefined ? say("scans.none") : say("scans.count", { count: words.number(total) }),
    first && [words.gap, say("scans.first", { value: words.day(first) })], words.gap, say("scans.note"));
}

/** @type {(report: Verified, loaded: Loaded, setting: Setting) => Promise<Drawn>} */
async function drawRecord(report, { passport, catalogue }, setting) {
  const events = await readEvents(passport);
  const part = describePart(events, report, catalogue);
  return drawVerified(report, part, events, setting, {
    label: await readLabel(fragment.slice(1), item, events, report),
    claims: compareClaims(part),
    notices: page.scans.warnings.map((warning) => drawNotice(say(`scans.warning.${warning}`))),
    sections: () => [drawPhotos(part, words)],
  });
}

/** @type {(record: string) => HTMLElement} */
function drawPrintedAt(record) {
  const address = make("bdi", { dir: "ltr", lang: "" }, location.origin + location.pathname);
  const moment = words.moment(Date.now() / 1000);
  return make("p", { class: "printed" }, address, " · ", record === "unchecked" ? moment : say("page.checked_at", { moment }));
}

/** @type {(part: Part) => Claim[]} */
function compareClaims(part) {
  const verified = new Map([
    ["title", titleOf(part, words)],
    ["part_no", part.partNo],
    ["replaces", part.replaces[0] ?? ""],
    ["life", String(part.life)],
    ["standing", say(`standing.${part.standing}`)],
    ["maker", part.maker],
    ["warranty", part.warranty ? String(part.warranty.months) : ""],
    ["country", part.exported?.country ?? ""],
    ["exported", part.exported?.day ?? ""],
  ]);
  return [...claimed].flatMap(([name, shown]) => {
    const found = verified.get(name) ?? "";
    return found === shown ? [] : [{ shown, verified: found }];
  });
}

/** @type {(own: OwnTrust | undefined, fingerprint: string) => Setting} */
function settingOf(own, fingerprint) {
  return { words, host: page.host, contact: page.contact, isSite: true, isFirstUse: !own, fingerprint };
}

// -------------------------------------------------------------------------------------- entry point

let checks = 0;

/** @type {(error: unknown) => string} */
function faultOf(error) {
  if (error instanceof AnswerError) return "answer";
  if (error instanceof NetworkError) return "network";
  return error instanceof UnsupportedError ? "ed25519" : "error";
}

// Without a verdict, the page as sent says after a while that its script did not start.
/** @type {(error: unknown) => void} */
function giveUp(error) {
  console.error(error);
  delete document.body.dataset.started;
}

// Nothing is proven: what the site claims stays, as its claim.
/** @type {(reason: string, own: OwnTrust | undefined) => Drawn} */
const drawNothing = (reason, own) => drawUnchecked(reason, item, settingOf(own, ""), claimedParts);

// What the record is, how the page shows it, and the link to another's verifier, if there is one.
/** @type {(own: OwnTrust | undefined) => Promise<[record: string, drawn: Drawn, verifier?: string]>} */
async function judge(own) {
  /** @type {(reason: string) => [string, Drawn]} */
  const unchecked = (reason) => ["unchecked", drawNothing(reason, own)];
  if (!globalThis.isSecureContext) return unchecked("insecure");
  if (!globalThis.crypto?.subtle) return unchecked("ed25519");
  try {
    const loaded = await loadAll(own);
    mark("loaded");
    if (own && !own.file && own.fingerprint !== loaded.fingerprint) return unchecked("fingerprint");
    const { trust: given, passport } = loaded;
    const found = await withEd25519(page.fallback, () => trustFor(given, passport, item));
    if ("fault" in found) return unchecked("list");
    loaded.trust = found.trust;
    const report = await verifyRecord(loaded, item, page.fallback, formerSource(given));
    mark("verified");
    if (report.result === "unchecked") return unchecked(own ? "trust" : "answer");
    const setting = settingOf(own, loaded.fingerprint);
    const drawn = report.result === "refused"
      ? drawRefused(report, setting, claimedParts.part)
      : await drawRecord(report, loaded, setting);
    return [recordOf(report), drawn, verifierOf(loaded.trust)];
  } catch (error) {
    const fault = faultOf(error);
    (fault === "error" ? console.error : console.warn)(error);
    return unchecked(fault);
  }
}

/** @type {(own: OwnTrust | undefined) => Promise<void>} */
async function check(own) {
  const mine = ++checks;
  delete document.body.dataset.record;
  const [record, drawn, verifier] = await judge(own);
  if (mine !== checks) return; // the reader has chosen other keys
  try {
    await render(record, own, drawn, verifier);
  } catch (error) {
    console.error(error);
    if (mine === checks) await render("unchecked", own, drawNothing("error", own));
  }
}

/** @type {(own: OwnTrust | undefined) => void} */
function use(own) {
  keepOwnTrust(own);
  check(own).catch(giveUp);
}

// A link inside the page opens what it leads to, and leaves the label's statement in the address.
/** @type {(event: Event) => void} */
function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.getAttribute("href")?.charAt(0) !== "#") return;
  if (fragment) event.preventDefault();
  reveal(link.hash);
}

/** @type {(hash: string) => void} */
function reveal(hash) {
  const section = /^#[a-z]+$/.test(hash) ? document.querySelector(hash) : null;
  section?.querySelector("details.fold")?.setAttribute("open", "");
  section?.scrollIntoView();
}

document.body.dataset.started = "";
for (const link of findAll(".languages a")) /** @type {HTMLAnchorElement} */ (link).hash = fragment;
document.addEventListener("click", follow);
openForPaper();
check(readOwnTrust()).then(() => reveal(location.hash)).catch(giveUp);
