// @ts-check
// The page verify.html: takes two files and an item, verifies, and draws what the plant's page draws.

import { verifyRecord } from "./checking.js";
import { make } from "./dom.js";
import { openForPaper } from "./paper.js";
import { describePart } from "./part.js";
import { fingerprintOfTrust, trustFor, trustForFormer } from "./lists.js";
import { digestOf } from "./verifier/bytes.js";
import { UnsupportedError } from "./verifier/errors.js";
import { isTrustList } from "./verifier/formats/trust-list.js";
import { itemOf } from "./verifier/identifiers/digital-link.js";
import { claimedOrigin, isPassport, originOf, readEvents } from "./verifier/verify/record.js";
import { readTrustList } from "./verifier/verify/trust-list.js";
import { drawRefused, drawUnchecked, drawVerified } from "./view.js";
import { wordsOf } from "./words.js";

/** @import { Bytes, Report, TrustList } from "./verifier/types.d.ts" */
/** @import { Drawn, FormerSource, Setting, Words } from "./types.d.ts" */

const MAX_FILE = 4 * 1024 * 1024;

/** @type {(id: string) => HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {(id: string) => HTMLInputElement} */
const inputOf = (id) => /** @type {HTMLInputElement} */ (byId(id));
/** @type {{ passport: Bytes | undefined; trust: Bytes | undefined }} */
const files = { passport: undefined, trust: undefined };
/** @type {Bytes[]} passports of earlier lives, and trust files of their ledgers */
let formerFiles = [];
/** @type {Record<string, unknown>} what was chosen last in each box; a slow file does not replace it */
const chosen = {};
/** @type {Words} */
let words;
/** @type {() => Promise<void>} */
let redraw;
let checks = 0;

// A verdict is about the files and the number above it, and goes when these change.
function forget() {
  checks += 1;
  redraw = async () => undefined;
  byId("result").hidden = true;
}

// The outcome of what checks signatures; undefined if this browser cannot.
/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
async function ifSupported(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

// ----------------------------------------------------------------------------------- language

/** @type {() => string} */
function preferredLanguage() {
  const tags = Object.keys(LANGUAGES);
  /** @type {(tag: string) => string} */
  const primary = (tag) => tag.toLowerCase().split("-")[0];
  for (const wanted of navigator.languages) {
    const found = tags.find((tag) => primary(tag) === primary(wanted));
    if (found) return found;
  }
  return tags[0];
}

/** @type {(tag: string) => void} */
function speak(tag) {
  words = wordsOf(tag, LANGUAGES[tag].texts, LANGUAGES[tag].vocabulary);
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === "ar" ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-say]"))
    element.textContent = words.say(element.getAttribute("data-say") ?? "");
  document.title = words.say("checker.title");
  redraw();
}

function offerLanguages() {
  const select = /** @type {HTMLSelectElement} */ (byId("language"));
  const tag = preferredLanguage();
  select.append(...Object.entries(LANGUAGES).map(([value, { name }]) => make("option", { value, lang: value }, name)));
  select.value = tag;
  select.addEventListener("change", () => speak(select.value));
  speak(tag);
}

// -------------------------------------------------------------------------------------- files

/** @type {(name: "passport" | "trust", file: File | undefined) => Promise<void>} */
async function take(name, file) {
  const shown = byId(`${name}-name`);
  chosen[name] = file;
  files[name] = undefined;
  shown.replaceChildren();
  forget();
  if (!file) return;
  if (file.size > MAX_FILE) {
    shown.textContent = words.say("checker.large", { value: file.name });
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (chosen[name] !== file) return;
  files[name] = bytes;
  const fingerprint = name === "trust" ? await ifSupported(() => fingerprintOfTrust(bytes)) : "";
  const claimed = name === "trust" && isTrustList(bytes) ? await ifSupported(() => readTrustList(bytes)) : undefined;
  if (chosen[name] !== file) return;
  shown.replaceChildren(file.name, ...(claimed ? [" · ", aboutList(claimed.list)] : []),
    ...(fingerprint ? [" · ", make("bdi", { class: "code", dir: "ltr" }, fingerprint)] : []));
}

// Passports of earlier lives, and trust files of their ledgers, in any order.
/** @type {(given: File[]) => Promise<void>} */
async function takeFormer(given) {
  chosen.former = given;
  formerFiles = [];
  byId("former-name").replaceChildren();
  forget();
  const usable = given.filter(({ size }) => size <= MAX_FILE);
  const read = await Promise.all(usable.map(async (file) => new Uint8Array(await file.arrayBuffer())));
  if (chosen.former !== given) return;
  formerFiles = read;
  forget(); // a verdict reached meanwhile is without these files
  byId("former-name").textContent = given.map((file) =>
    (usable.includes(file) ? file.name : words.say("checker.large", { value: file.name }))).join(" · ");
}

/** @type {(trust: Bytes) => FormerSource} */
function formerSource(trust) {
  const keys = [trust, ...formerFiles.filter((file) => !isPassport(file))];
  return {
    load: async (digest) => {
      for (const file of formerFiles) if ((await digestOf(file)) === digest) return file;
      return undefined;
    },
    trustOf: async (item, passport) => {
      const found = await Promise.all(keys.map((file) => trustForFormer(file, passport, item)));
      return found.find((file) => file && originOf(file) === claimedOrigin(passport));
    },
  };
}

/** @type {(list: TrustList) => string} */
const aboutList = ({ name, sequence, expires }) =>
  words.say("list.about", { name, number: words.number(sequence), date: words.date(expires) });

function listen() {
  for (const name of /** @type {const} */ (["passport", "trust", "former"])) {
    const input = inputOf(name);
    const box = /** @type {HTMLElement} */ (input.closest(".file"));
    /** @type {(given: FileList | null | undefined) => Promise<void>} */
    const taken = (given) => (name === "former" ? takeFormer([...(given ?? [])]) : take(name, given?.[0]));
    input.addEventListener("change", () => taken(input.files));
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      box.dataset.over = "";
    });
    box.addEventListener("dragleave", () => delete box.dataset.over);
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      delete box.dataset.over;
      taken(event.dataTransfer?.files);
    });
  }
  // A file dropped outside a box must not make the browser leave this page.
  for (const kind of ["dragover", "drop"])
    document.addEventListener(kind, (event) => event.preventDefault());
  inputOf("item").addEventListener("input", forget);
  inputOf("first-use").addEventListener("input", forget);
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
}

// ------------------------------------------------------------------------------------- verdict

async function check() {
  forget();
  const mine = checks;
  const item = itemOf(inputOf("item").value);
  const { passport, trust } = files;
  const needed = [
    [passport, "checker.passport"],
    [trust, "checker.trust"],
    [item, "checker.item"],
  ].flatMap(([given, key]) => (given ? [] : [words.say(String(key))]));
  byId("missing").textContent = needed.length ? words.say("checker.missing", { value: needed.join(" · ") }) : "";
  byId("item-error").textContent = "";
  if (!passport || !trust || !item) return;
  if (!isPassport(passport)) {
    byId("missing").textContent = words.say("checker.passport.bad");
    return;
  }
  const isFirstUse = inputOf("first-use").checked;
  try {
    await judge(mine, passport, trust, item, isFirstUse);
  } catch (error) {
    console.error(error);
    if (mine !== checks) return;
    redraw = async () => show("unchecked", drawUnchecked("error", item, settingOf({ isFirstUse })));
    await redraw();
  }
  if (mine === checks) byId("result").focus();
}

/** @type {(given: Partial<Setting>) => Setting} */
const settingOf = (given) => ({ words, host: "", contact: "", isSite: false, isFirstUse: false, fingerprint: "", ...given });

/** @type {(mine: number, passport: Bytes, trust: Bytes, item: string, isFirstUse: boolean) => Promise<void>} */
async function judge(mine, passport, trust, item, isFirstUse) {
  const found = await ifSupported(() => trustFor(trust, passport, item));
  if (mine !== checks) return; // the reader has changed something meanwhile
  if (found && "fault" in found) {
    byId("missing").textContent = words.say(found.fault, { date: words.date(found.expires) });
    return;
  }
  const loaded = { passport, trust: found?.trust ?? trust, isFirstUse, catalogue: CATALOGUE };
  const report = found && await ifSupported(() => verifyRecord(loaded, item, "", formerSource(trust)));
  const fingerprint = await ifSupported(() => fingerprintOfTrust(trust)) ?? "";
  if (mine !== checks) return;
  if (report?.result === "unchecked") {
    // A mistake of the reader is no verdict on the record.
    const [id, key] = report.codes[0].startsWith("item.") ? ["item-error", "checker.item.bad"] : ["missing", "own_trust.bad"];
    byId(id).textContent = words.say(key);
    return;
  }
  const host = report && report.result !== "refused" ? report.origin : "";
  redraw = async () => {
    const setting = settingOf({ host, isFirstUse, fingerprint });
    const drawn = await drawReport(report, passport, item, setting);
    if (mine === checks && setting.words === words) show(report?.result ?? "unsupported", drawn);
  };
  await redraw();
}

/** @type {(report: Exclude<Report, { result: "unchecked" }> | undefined, passport: Uint8Array, item: string, setting: Setting) => Promise<Drawn>} */
async function drawReport(report, passport, item, setting) {
  if (!report) return drawUnchecked("ed25519", item, setting);
  if (report.result === "refused") return drawRefused(report, setting);
  const events = await readEvents(passport);
  return drawVerified(report, describePart(events, report, CATALOGUE), events, setting);
}

/** @type {(result: string, drawn: Drawn) => void} */
function show(result, { identity, verdict, look, rest }) {
  const shown = byId("result");
  shown.dataset.result = result;
  shown.replaceChildren(
    make("div", { class: "first" },
      identity && make("div", { class: "identity" }, identity),
      make("section", { class: "verdict", "aria-label": words.say("page.verdict") }, verdict),
      make("div", { id: "look" }, look)),
    make("div", { class: "rest-of-page" }, rest()));
  shown.hidden = false;
}

forget();
offerLanguages();
listen();
openForPaper();
