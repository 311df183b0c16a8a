// @ts-check
// Words for tests, methods, parts, faults and units in the reader's language, as in
// traceledger/events/vocabulary.py. Unknown words stay as they were written.

import { has } from "./verifier/values.js";

/** @import { Translated, Vocabulary } from "./types.d.ts" */

const BETWEEN = [" at ", " in ", " of "];

/** @type {(text: string) => string} */
const normalize = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s_-]+/gu, " ").trim();

/** @type {(rows: Record<string, string>, key: string) => string | undefined} */
const entryOf = (rows, key) => (has(rows, key) ? rows[key] : undefined);

/** @type {(pattern: string, values: Record<string, string>) => string} */
const insert = (pattern, values) => pattern.replace(/\{([a-z]+)\}/g, (whole, name) => values[name] ?? whole);

// A term, or a phrase such as "worn bearing" or "cracked joint at pin 14". `lang` is the language of
// the text: that of the reader, or empty for a text as its writer typed it.
/** @type {(vocabulary: Vocabulary, text: string) => Translated} */
export function translate(vocabulary, text) {
  const known = translateTerm(vocabulary, normalize(text));
  return known === undefined ? { text, lang: "" } : { text: known, lang: vocabulary.language };
}

/** @type {(vocabulary: Vocabulary, text: string) => string | undefined} */
function translateTerm(vocabulary, text) {
  const { words, parts, patterns } = vocabulary;
  const known = entryOf(words, text) ?? entryOf(parts, text) ?? translateState(vocabulary, text);
  if (known !== undefined) return known;
  for (const between of BETWEEN) {
    const at = text.indexOf(between);
    if (at < 0) continue;
    const what = translateTerm(vocabulary, text.slice(0, at));
    const where = translateTerm(vocabulary, text.slice(at + between.length));
    if (what !== undefined && where !== undefined) return insert(patterns.at, { what, where });
  }
  const numbered = /^(.+) ([0-9]{1,4})$/.exec(text);
  const head = numbered ? translateTerm(vocabulary, numbered[1]) : undefined;
  return head === undefined ? undefined : `${head} ${numbered?.[2]}`;
}

/** @type {(vocabulary: Vocabulary, text: string) => string | undefined} */
function translateState({ parts, states, patterns }, text) {
  for (const [written, state] of Object.entries(states)) {
    const rest = text.startsWith(`${written} `)
      ? text.slice(written.length + 1)
      : text.endsWith(` ${written}`) ? text.slice(0, -written.length - 1) : "";
    const part = entryOf(parts, rest);
    if (part !== undefined) return insert(patterns.state, { state, part });
  }
  return undefined;
}

// The symbol of a unit by its code of UN/CEFACT or another spelling, empty for plain numbers.
/** @type {(vocabulary: Vocabulary, unit: string) => string} */
export const symbolOf = ({ units }, unit) => entryOf(units, unit) ?? unit;

// Why a core was rejected, by its code.
/** @type {(vocabulary: Vocabulary, code: string) => Translated} */
export function reasonOf({ codes, language }, code) {
  const text = entryOf(codes, code);
  return text === undefined ? { text: code, lang: "" } : { text, lang: language };
}
