// @ts-check
// A verifier that is not the ledger's: it finds the record of a part, checks it by the lists of keys
// of this site's host, and draws what the ledger's own page draws.

import { AnswerError, loadBytes, loadJson, readLabel, verifyRecord, withEd25519 } from "./checking.js";
import { icon, make, query, written } from "./dom.js";
import { canScan, drawCamera } from "./camera.js";
import { openForPaper } from "./paper.js";
import { describePart } from "./part.js";
import { drawPhotos } from "./photos.js";
import { chooseLanguage, useLanguage } from "./language.js";
import { recordOf } from "./standing.js";
import { readTyped } from "./typed.js";
import { weave } from "./verdict.js";
import { relyOn } from "./lists.js";
import { UnsupportedError } from "./verifier/errors.js";
import { chooseLedger } from "./verifier/formats/trust-list.js";
import { claimedOrigin, isPassport, readEvents } from "./verifier/verify/record.js";
import { drawRefused, drawUnchecked, drawVerified } from "./view.js";
import { wordsOf } from "./words.js";

/** @import { Bytes, Catalogue } from "./verifier/types.d.ts" */
/**
 * @import {
 *   Authority, Content, Drawn, FormerSource, Listed, Setting, SiteData, Wanted, Words
 * } from "./types.d.ts"
 */

/** @type {SiteData} */
const site = JSON.parse(query("#script").textContent);
const host = location.host;

const language = chooseLanguage(site.languages);
/** @type {Words} */
let words;
/** @type {Catalogue} */
let catalogue;
/** @type {Words["say"]} */
const say = (key, values) => words.say(key, values);

async function prepare() {
  const files = [`words.${language}.json`, `vocabulary.${language}.json`, "catalogue.json"];
  const [texts, vocabulary, known] = await Promise.all(files.map(loadJson));
  catalogue = known;
  // The keys are those of the host of this page, not of the ledger and not of the reader.
  words = wordsOf(language, {
    ...texts,
    "record.own_trust": texts["record.first_use"],
    "record.by_own": texts["record.by_site"],
    "own_trust.mine": host,
  }, vocabulary);
}

/** @type {(key: string, values?: Record<string, string>) => Content[]} */
function phrase(key, values = {}) {
  const names = Object.entries({ host, ...values });
  return weave(say(key), Object.fromEntries(names.map(([name, text]) => [name, written(text, { dir: "ltr" })])));
}
/** @type {(key: string, values?: Record<string, string>) => HTMLElement} */
const sentence = (key, values = {}) => make("p", {}, phrase(key, values));

// ------------------------------------------------------------------------- what the reader wants

// A link, a number or an element string, as typed, scanned or pasted.
/** @type {(text: string) => Wanted | undefined} */
function readWanted(text) {
  const { item, host: labelled } = readTyped(text);
  const [, statement = ""] = /#(v1\.[A-Za-z0-9_.-]+)/.exec(text) ?? [];
  return item ? { item, host: labelled, statement } : undefined;
}

// The list for an item. Of two ledgers with the same numbers it is that of a saved record, or that at
// the address on the label.
/** @type {(item: string, saved: Bytes | undefined, labelled?: string) => Listed | undefined} */
function listFor(item, saved, labelled = "") {
  const ledgers = site.lists.map((listed) => ({ ...listed, file: new Uint8Array() }));
  const there = ledgers.find(({ ledger }) => ledger && new URL(ledger).host === labelled)?.origin ?? "";
  const chosen = chooseLedger({ ledgers }, item, saved ? claimedOrigin(saved) : there);
  return site.lists.find(({ origin }) => origin === chosen?.origin);
}

// The trust file itself, or what the list of an authority says now; otherwise why it does not count.
/** @type {(listed: Listed) => Promise<{ trust: Bytes } | { fault: HTMLElement }>} */
async function trustOf({ file, origin }) {
  const { authority } = site;
  if (file || !authority) return { trust: await loadBytes(file) };
  const bytes = await loadBytes(authority.file);
  const opened = await withEd25519(site.fallback, () => relyOn(bytes, authority.key));
  if ("fault" in opened) return { fault: sentence(opened.fault, { date: words.date(opened.expires) }) };
  const ledger = opened.list.ledgers.find((one) => one.origin === origin);
  return ledger ? { trust: ledger.file } : { fault: sentence("list.no_ledger") };
}

// --------------------------------------------------------------------------------- the check

/** @type {(record: string, drawn: Drawn) => void} */
function show(record, { identity, verdict, look, rest }) {
  query("#identity").replaceChildren(...make("div", {}, identity).childNodes);
  query("#verdict").replaceChildren(...make("div", {}, verdict).childNodes);
  query("#look").replaceChildren(...make("div", {}, look).childNodes);
  query("#rest").replaceChildren(...make("div", {}, rest(), record !== "start" && again()).childNodes);
  query("main").classList.toggle("alone", record === "start");
  document.body.dataset.trust = "own";
  document.body.dataset.record = record;
  scrollTo(0, 0);
}

function again() {
  const button = make("button", { class: "button", type: "button" }, say("site.again"));
  button.addEventListener("click", () => {
    history.replaceState(undefined, "", location.pathname + location.search);
    showStart();
  });
  return make("p", { class: "buttons tools" }, button);
}

// Checks a part and returns what shows the outcome.
/** @type {(text: string, file?: File) => Promise<() => void>} */
async function outcomeOf(text, file) {
  const wanted = readWanted(text);
  const saved = file && /** @type {Bytes} */ (new Uint8Array(await file.arrayBuffer()));
  const listed = wanted && listFor(wanted.item, saved, wanted.host);
  if (!wanted) return () => showStart(text, sentence(file && !text.trim() ? "site.number_first" : "site.bad"));
  if (!listed) return () => showStart(text, sentence("site.no_list"));
  const setting = settingOf(listed);
  /** @type {(reason: string) => () => void} */
  const unchecked = (reason) => () => show("unchecked", drawUnchecked(reason, wanted.item, setting));
  let passport;
  try {
    passport = await loadPassport(wanted, listed, saved);
  } catch (error) {
    console.warn(error);
    if (error instanceof AnswerError) return unchecked("answer");
    return () => showStart(text, sentence("site.unreachable", { ledger: hostAt(listed.ledger) }));
  }
  try {
    const found = await trustOf(listed);
    if ("fault" in found) return () => showStart(text, found.fault);
    const judged = await judge(wanted, listed, passport, found.trust, setting);
    return () => {
      try {
        show(...judged);
      } catch (error) {
        console.error(error);
        unchecked("error")();
      }
    };
  } catch (error) {
    console.error(error);
    return unchecked(error instanceof UnsupportedError ? "ed25519" : "error");
  }
}

let checks = 0;

/** @type {(text: string, file?: File) => Promise<void>} */
async function check(text, file) {
  const mine = ++checks;
  const showIt = await outcomeOf(text, file);
  if (mine === checks) showIt(); // else the reader has asked for another part, or for none, meanwhile
}

/** @type {(wanted: Wanted, listed: Listed, passport: Bytes, trust: Bytes, setting: Setting) => Promise<[string, Drawn]>} */
async function judge(wanted, listed, passport, trust, setting) {
  const { item } = wanted;
  const report = await verifyRecord(
    { passport, trust, isFirstUse: false, catalogue }, item, site.fallback, formerSource(listed));
  if (report.result === "unchecked") return ["unchecked", drawUnchecked("error", item, setting)];
  if (report.result === "refused") return ["refused", drawRefused(report, setting)];
  const events = await readEvents(passport);
  const part = describePart(events, report, catalogue);
  const label = await readLabel(wanted.statement, item, events, report);
  const notices = addressNotice(wanted, listed);
  const sections = () => [drawPhotos(part, words, (origin) => site.photos.includes(origin))];
  return [recordOf(report), drawVerified(report, part, events, setting, { label, notices, sections })];
}

// The ledger that a part came to has the passport of its life in another one.
/** @type {(listed: Listed) => FormerSource} */
const formerSource = ({ ledger }) => ({
  load: async (digest) => (ledger ? loadBytes(`${ledger}/api/v1/former/${digest}`) : undefined),
  trustOf: async (item, passport) => {
    const other = listFor(item, passport);
    const found = other && (await trustOf(other));
    return found && "trust" in found ? found.trust : undefined;
  },
});

/** @type {(wanted: Wanted, listed: Listed, saved: Bytes | undefined) => Promise<Bytes>} */
async function loadPassport({ item }, { ledger }, saved) {
  const passport = saved ?? await loadBytes(`${ledger}/api/v1/items/${item}/passport`);
  if (!isPassport(passport)) throw new AnswerError("not a passport");
  return passport;
}

// A label may lead to a look-alike of the ledger's address, with the same number.
/** @type {(wanted: Wanted, listed: Listed) => HTMLElement | undefined} */
function addressNotice({ host: labelled }, { ledger }) {
  if (!labelled || !ledger || new URL(ledger).host === labelled) return undefined;
  const text = phrase("site.other_address", { label: labelled, ledger: hostAt(ledger) });
  return make("p", { class: "notice" }, icon("warn"), make("span", {}, text));
}

/** @type {(address: string) => string} */
const hostAt = (address) => (address ? new URL(address).host : "–");

/** @type {(listed: Listed) => Setting} */
const settingOf = ({ fingerprint }) =>
  ({ words, host, contact: "", isFirstUse: false, isSite: false, fingerprint });

// ------------------------------------------------------------------------------ the way in

/** @type {(name: Content, fingerprint: string) => HTMLElement} */
const listed = (name, fingerprint) =>
  make("li", {}, name, " ", make("bdi", { class: "code", dir: "ltr" }, fingerprint));

/** @type {(authority: Authority) => Content} */
const aboutList = ({ name, sequence, expires }) =>
  phrase("list.about", { name, number: words.number(sequence), date: words.date(expires) });

/** @type {(text?: string, fault?: HTMLElement) => void} */
function showStart(text = "", fault = undefined) {
  checks += 1; // what is still being checked is no longer asked for
  const field = make("input", {
    id: "wanted", type: "text", dir: "ltr", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  });
  field.value = text;
  const button = make("button", { class: "button", type: "button" }, say("site.check"));
  const file = make("input", { type: "file", accept: "application/json,.json" });
  button.addEventListener("click", () => check(field.value));
  field.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") button.click();
  });
  file.addEventListener("change", () => check(field.value, file.files?.[0]));
  show("start", {
    identity: make("h1", {}, say("site.title")),
    verdict: undefined,
    look: undefined,
    rest: () => [
      sentence("site.about"),
      make("div", { class: "field" },
        make("label", { for: "wanted" }, say("site.field")), make("div", {}, field, button)),
      fault && make("div", { class: "error", role: "alert" }, fault),
      make("p", { class: "buttons" }, canScan() && drawCamera(words, check, () => showStart("", sentence("site.camera_off"))),
        make("label", { class: "button quiet" }, file, say("site.file"))),
      make("section", { id: "ledgers" }, make("h2", {}, phrase("site.ledgers")), make("ul", {}, site.authority && listed(aboutList(site.authority), site.authority.key),
        site.lists.filter(({ file }) => file).map(({ origin, fingerprint }) => listed(written(origin, { dir: "ltr" }), fingerprint)))),
    ],
  });
}

// --------------------------------------------------------------------------------- entry point

/** @type {(text: string) => void} */
function start(text) {
  if (text) check(text);
  else showStart();
}

// The link of a part follows the `#`, so that no server learns which part is checked.
/** @type {() => string} */
function linked() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash.slice(1); // not percent-encoded
  }
}

// The name of a language in itself.
/** @type {(tag: string) => string} */
function nameOfLanguage(tag) {
  const [plain] = tag.split("-");
  const name = new Intl.DisplayNames([plain], { type: "language" }).of(plain) ?? tag;
  return name.charAt(0).toLocaleUpperCase(plain) + name.slice(1);
}

function offerLanguages() {
  query(".languages summary").replaceChildren(make("span", { class: "unseen" }, `${say("page.language")}: `), nameOfLanguage(language));
  query(".languages ul").replaceChildren(...site.languages.map((tag) =>
    make("li", {}, make("a", {
      href: `?lang=${tag}${location.hash}`, lang: tag, hreflang: tag, "aria-current": tag === language ? "true" : undefined,
    }, nameOfLanguage(tag)))));
}

useLanguage(language);
openForPaper();
navigator.serviceWorker?.register("service-worker.js").catch(console.warn);
prepare().then(() => {
  offerLanguages();
  globalThis.addEventListener("hashchange", () => start(linked()));
  start(linked());
});
