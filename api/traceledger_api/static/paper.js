// @ts-check
// A record on paper: the code of the label, and folds that are closed on a screen.

import { make } from "./dom.js";

// What a claim, a workshop or a customs officer needs of a printed record.
const NEEDED = "#warranty .more, #workshop > .fold, #maker > .fold, #checks > .fold";

// Opens folds while the page is printed, however printing was started.
export function openForPaper() {
  /** @type {Element[]} */
  let opened = [];
  globalThis.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(NEEDED)].filter((one) => !one.hasAttribute("open"));
    for (const one of opened) one.setAttribute("open", "");
  });
  globalThis.addEventListener("afterprint", () => {
    for (const one of opened) one.removeAttribute("open");
  });
}

// The label of a part, hidden on a screen: browsers load it when they print, and wait for it.
/** @type {(address: string) => HTMLImageElement} */
export const drawPaperLabel = (address) => make("img", { class: "printed", alt: "", loading: "lazy", src: address });

// Prints once the label is loaded, for browsers that do not wait; without it all the same.
/** @type {(label: HTMLImageElement) => Promise<void>} */
export async function printWith(label) {
  label.loading = "eager";
  await label.decode().catch(console.info);
  globalThis.print();
}
