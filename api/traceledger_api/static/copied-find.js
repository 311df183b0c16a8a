// @ts-check
// The field for a number in a static copy. No program answers: the number, or the file that the copy
// has for a serial, gives the address of the part's page.

import { make, query, written } from "./dom.js";
import { chooseLanguage, showLanguage } from "./language.js";
import { readTyped } from "./typed.js";

/** @import { FindData, Typed } from "./types.d.ts" */

const USED = /^(?:8004|x\/(?:core|component))\//;

/** @type {FindData} */
const page = JSON.parse(query("#script").textContent);
const form = /** @type {HTMLFormElement} */ (query(".find-form"));
const field = /** @type {HTMLInputElement} */ (query("#number"));
/** @type {Record<string, string>} */
let words = {};

// The address of a part's folder; an empty text for a serial that the copy does not have once.
/** @type {(typed: Typed) => Promise<string>} */
async function itemOf({ item, serial }) {
  if (!serial) return item;
  const answer = await fetch(`${page.root}/find/${serial}.json`);
  return answer.ok ? (await answer.json()).item : "";
}

/** @type {(item: string) => Promise<boolean>} */
const isHere = async (item) => (await fetch(`${page.root}/${item}/linkset.json`)).ok;

/** @type {(typed: Typed) => Promise<string>} */
async function search(typed) {
  if (typed.mistake) return typed.mistake;
  try {
    const item = await itemOf(typed);
    if (item && (await isHere(item))) {
      location.assign(`${page.root}/${item}${location.search}`);
      return "";
    }
  } catch (error) {
    console.warn(error);
    return "fault";
  }
  return USED.test(typed.item) ? "used" : "unknown";
}

/** @type {(term: string, text: string, href?: string) => HTMLElement[]} */
function entered(term, text, href) {
  const shown = href ? make("a", { class: "code", dir: "ltr", href }, text) : written(text, { class: "code" });
  return [make("dt", {}, words[term]), make("dd", {}, shown)];
}

/** @type {(kind: string, typed: Typed) => HTMLElement} */
function drawNotice(kind, { shown, fit, host, doubtful }) {
  return make("div", { class: "notice-box", id: "about", role: "status" },
    make("h1", {}, words[`find.${kind}.title`]),
    make("p", {}, words[`find.${kind}.note`]),
    make("dl", { class: "entered" },
      entered("find.entered", shown),
      fit && entered("find.fit", fit, `${page.root}/${fit}`),
      host && host !== location.host && entered("find.host", host)),
    doubtful && make("p", {}, words["find.doubtful"]),
    kind === "unknown" && make("p", {}, words["find.unknown.next"]));
}

/** @type {(event: Event) => Promise<void>} */
async function lead(event) {
  event.preventDefault();
  const typed = readTyped(field.value);
  const kind = await search(typed);
  if (kind && kind !== "empty") query("#about").replaceWith(drawNotice(kind, typed));
}

async function start() {
  const language = chooseLanguage(page.languages);
  words = await (await fetch(`${page.texts}/words.${language}.json`)).json();
  showLanguage(language);
  for (const element of document.querySelectorAll("[data-say]"))
    element.textContent = words[element.getAttribute("data-say") ?? ""];
  query("#camera").dataset.stop = words["find.camera.stop"];
  query("#camera-error").dataset.text = words["find.camera.refused"];
  document.title = `${words["find.title"]} · ${location.host}`;
  form.addEventListener("submit", lead);
  await import(page.script);
}

start().catch(console.error);
