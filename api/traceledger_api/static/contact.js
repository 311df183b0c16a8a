// @ts-check
// The telephone numbers and mail addresses in a text as links, with the part's number in the subject.

import { make, written } from "./dom.js";

const REACHABLE = /[^\s@<>(),;:"，；：（）、。]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}|\+?\d[\d ()./-]{5,}\d/g;
const MIN_DIGITS = 7; // a shorter number is no telephone number in full

// Splits a text into what can be called or written to, with its address, and what cannot.
/** @type {(text: string, subject: string) => { text: string; href?: string }[]} */
export function splitContact(text, subject) {
  /** @type {{ text: string; href?: string }[]} */
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(REACHABLE)) {
    const href = addressOf(found[0], subject);
    if (!href) continue;
    if (found.index > end) parts.push({ text: text.slice(end, found.index) });
    parts.push({ text: found[0], href });
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** @type {(text: string, subject: string) => string | undefined} */
function addressOf(text, subject) {
  if (text.includes("@")) return `mailto:${encodeURIComponent(text).replace("%40", "@")}?subject=${encodeURIComponent(subject)}`;
  const digits = text.replace(/\D/g, "");
  if (digits.length < MIN_DIGITS) return undefined;
  return `tel:${text.startsWith("+") ? "+" : ""}${digits}`;
}

/** @type {(text: string, subject: string) => HTMLElement} */
export function contactOf(text, subject) {
  const element = written(text);
  element.replaceChildren(
    ...splitContact(text, subject).map((part) =>
      part.href ? make("a", { href: part.href, dir: "ltr" }, part.text) : part.text),
  );
  return element;
}
