// @ts-check
// Elements of a page. Texts are inserted as text and never parsed as markup.

/** @import { Content, Tone, Translated } from "./types.d.ts" */

/** @type {(selector: string) => HTMLElement} */
export const query = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {Element} Made
 * @param {Made} element
 * @param {Record<string, string | undefined>} attributes
 * @param {Content[]} children
 * @returns {Made}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  for (const child of flatten(children)) element.append(child); // there can be too many for one call
  return element;
}

/** @type {(content: Content) => (Node | string)[]} */
function flatten(content) {
  if (Array.isArray(content)) return content.flatMap(flatten);
  return content ? [content] : [];
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | undefined>} [attributes]
 * @param {Content[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

// A term of a list and what it has.
/** @type {(name: Content, ...value: Content[]) => HTMLElement} */
export const pair = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));

/** @type {(name: string, attributes?: Record<string, string>, ...children: Content[]) => Element} */
export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** @type {(tone: Tone) => Element} */
export function icon(tone) {
  return draw("svg", { class: "icon", "aria-hidden": "true" }, draw("use", { href: `#${tone}` }));
}

// Scripts that belong to a single language that people of this trade write.
const SCRIPTS = [
  { script: /[\p{Script=Hiragana}\p{Script=Katakana}]/u, language: "ja" },
  { script: /\p{Script=Hangul}/u, language: "ko" },
  { script: /\p{Script=Han}/u, language: "zh" },
  { script: /\p{Script=Thai}/u, language: "th" },
  { script: /\p{Script=Hebrew}/u, language: "he" },
  { script: /\p{Script=Greek}/u, language: "el" },
];

// The writer's own text in its own direction, with its language where the script shows it.
/** @type {(text: string, attributes?: Record<string, string>) => HTMLElement} */
export function written(text, attributes = {}) {
  const language = SCRIPTS.find(({ script }) => script.test(text))?.language ?? "";
  return make("bdi", { lang: language, ...attributes }, text);
}

// A text of the vocabulary in the reader's language, or as it was written.
/** @type {(translated: Translated) => HTMLElement} */
export const termOf = ({ text, lang }) => (lang ? make("bdi", {}, text) : written(text));

/** @type {(text: string) => HTMLElement} */
export const code = (text) => make("bdi", { class: "code", dir: "ltr", lang: "" }, text);
