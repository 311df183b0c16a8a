// @ts-check
// The part of the page that leads away from its site: the record as a file, and the reader's own keys.

import { canScan, drawCamera } from "./camera.js";
import { make, written } from "./dom.js";
import { fold } from "./sections.js";
import { weave } from "./verdict.js";
import { readFingerprint, readTrustFile } from "./trust.js";

/** @import { OwnTrust, PageData, Words } from "./types.d.ts" */

/**
 * @param {PageData} page
 * @param {string} item
 * @param {Words} words
 * @param {OwnTrust | undefined} own
 * @param {(own: OwnTrust | undefined) => void} use
 * @param {string} verifier the link to this part at another's site, or an empty text
 * @returns {HTMLElement}
 */
export function drawIndependent(page, item, words, own, use, verifier) {
  const { say } = words;
  const name = `${item.replace(/\//g, "_")}.passport.json`;
  return fold("independent", say("independent.title"), "",
    make("p", {}, weave(say("independent.site"), { value: written(page.host, { dir: "ltr" }) }), words.gap, say("independent.how")),
    verifier && drawOffer(verifier, words),
    make("p", { class: "buttons" },
      make("a", { class: "button", href: page.passport, download: name }, say("independent.save")),
      make("a", { class: "button quiet", href: page.checker }, say("independent.checker"))),
    drawOwnTrust(words, own, use));
}

/** @type {(verifier: string, words: Words) => HTMLElement} */
function drawOffer(verifier, { say }) {
  const host = () => written(new URL(verifier).host, { dir: "ltr" });
  return make("div", { id: "offer" },
    make("p", {}, weave(say("site.offer_why"), { host: host() })),
    make("p", { class: "buttons" },
      make("a", { class: "button", href: verifier, rel: "noreferrer" }, make("span", {}, weave(say("site.offer"), { host: host() })))));
}

let choices = 0; // of keys on this page; a slow file does not replace a later one

/** @type {(words: Words, own: OwnTrust | undefined, use: (own: OwnTrust | undefined) => void) => HTMLElement} */
function drawOwnTrust(words, own, use) {
  const { say } = words;
  const error = make("p", { class: "error", role: "alert" });
  const file = make("input", { type: "file", accept: "application/json,.json" });
  const fingerprint = make("input", {
    id: "own-fingerprint", type: "text", dir: "ltr", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  });
  const compare = make("button", { class: "button quiet", type: "button" }, say("own_trust.compare"));
  const forget = make("button", { class: "button quiet", type: "button" }, say("own_trust.forget"));
  /** @type {(given: OwnTrust | undefined, fault: string) => void} */
  const take = (given, fault) => {
    choices += 1;
    error.textContent = given ? "" : fault;
    if (given) use(given);
  };
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (!chosen) return;
    const mine = ++choices;
    const given = await readTrustFile(chosen);
    if (mine === choices) take(given, say("own_trust.bad"));
  });
  /** @type {(text: string) => void} */
  const takeFingerprint = (text) => take(readFingerprint(text), say("own_trust.bad_fingerprint"));
  compare.addEventListener("click", () => takeFingerprint(fingerprint.value));
  fingerprint.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") compare.click();
  });
  forget.addEventListener("click", () => {
    choices += 1;
    use(undefined);
  });
  forget.hidden = !own;
  return make("div", { id: "own-trust" },
    make("p", {}, say("own_trust.why")),
    make("p", { class: "buttons" }, make("label", { class: "button quiet" }, file, say("own_trust.load")), forget),
    make("div", { class: "field" },
      make("label", { for: "own-fingerprint" }, say("own_trust.fingerprint")),
      make("div", {}, fingerprint, compare)),
    canScan() && make("p", { class: "buttons" }, drawCamera(words, takeFingerprint, () => {
      error.textContent = say("site.camera_off");
    })),
    error);
}
