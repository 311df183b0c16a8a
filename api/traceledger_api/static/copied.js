// @ts-check
// Starts the page of a part from a static copy, which is the same file for every reader: takes the
// reader's language and its words, then starts the script that verifies and draws.

import { chooseLanguage, showLanguage } from "./language.js";

/** @import { CopiedData, PageData } from "./types.d.ts" */

// What a site states in words of its own language cannot be compared in another one.
const TRANSLATED = '[data-claim="title"], [data-claim="standing"]';

/** @type {(address: string) => Promise<any>} */
const load = async (address) => (await fetch(address)).json();

async function start() {
  const holder = /** @type {HTMLElement} */ (document.querySelector("#script"));
  /** @type {CopiedData} */
  const { languages, texts, script, ...page } = JSON.parse(holder.textContent ?? "");
  const language = chooseLanguage(languages);
  const [words, vocabulary] = await Promise.all(
    ["words", "vocabulary"].map((name) => load(`${texts}/${name}.${language}.json`)),
  );
  if (language !== page.language) {
    for (const claim of document.querySelectorAll(TRANSLATED)) claim.removeAttribute("data-claim");
  }
  showLanguage(language);
  // A file server leads to a folder; the address of a part has no slash at its end.
  const address = location.pathname.replace(/\/$/, "") + location.search + location.hash;
  history.replaceState(undefined, "", address);
  holder.textContent = JSON.stringify(/** @type {PageData} */ ({ ...page, language, words, vocabulary }));
  await import(script);
}

start().catch(console.error);
