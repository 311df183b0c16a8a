// @ts-check
// The words of a page in one language, with dates, numbers and countries as its readers write them.
//
// Where a browser lacks a part of Intl, the value is shown as the record writes it.

import { twoLetters } from "./countries.js";
import { has } from "./verifier/values.js";
import { reasonOf, symbolOf, translate } from "./vocabulary.js";

/** @import { Vocabulary, Words } from "./types.d.ts" */

/** @type {Intl.DateTimeFormatOptions} */
const DAY = { year: "numeric", month: "short", day: "numeric" };
/** @type {Intl.DateTimeFormatOptions} */
const YEAR_AND_MONTH = { year: "numeric", month: "long" };
/** @type {Intl.DateTimeFormatOptions} */
const MOMENT = { ...DAY, hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const COMMAS = new Map([["zh", "、"], ["ar", "، "]]);
const EXACT = 15; // decimal digits that a number of JavaScript keeps

/** @type {(language: string, texts: Record<string, string>, vocabulary: Vocabulary) => Words} */
export function wordsOf(language, texts, vocabulary) {
  // A part's numbers are in European digits on the label, so all numbers are.
  const locale = `${language}-u-nu-latn`;
  /** @type {(options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat} */
  const timeFormat = kept((options) => new Intl.DateTimeFormat(locale, options));
  /** @type {(options: Intl.NumberFormatOptions) => Intl.NumberFormat} */
  const numberFormat = kept((options) => new Intl.NumberFormat(locale, options));
  /** @type {(options: Intl.DateTimeFormatOptions, date: Date, otherwise: string) => string} */
  const time = (options, date, otherwise) => attempt(() => timeFormat(options).format(date), otherwise);
  /** @type {(seconds: number) => Date} */
  const at = (seconds) => new Date(seconds * 1000);
  return {
    language,
    gap: language.startsWith("zh") ? "" : " ",
    comma: COMMAS.get(language.slice(0, 2)) ?? ", ",
    has: (key) => has(texts, key),
    say: (key, values = {}) =>
      (has(texts, key) ? texts[key] : "").replace(/\{([a-z_]+)\}/g, (whole, name) => values[name] ?? whole),
    day: (written) => time({ ...DAY, timeZone: "UTC" }, new Date(`${written}T00:00:00Z`), written),
    month: (written) => time({ ...YEAR_AND_MONTH, timeZone: "UTC" }, new Date(`${written}-01T00:00:00Z`), written),
    date: (seconds) => time(DAY, at(seconds), at(seconds).toISOString().slice(0, 10)),
    moment: (seconds) => time(MOMENT, at(seconds), at(seconds).toISOString()),
    number: (value) => {
      const written = String(value);
      const places = written.split(".")[1]?.length ?? 0;
      if (written.replace(/\D/g, "").length > EXACT) return written;
      const options = { minimumFractionDigits: places, maximumFractionDigits: places };
      return attempt(() => numberFormat(options).format(Number(written)), written);
    },
    amount: (value, unit) =>
      attempt(() => numberFormat({ style: "unit", unit, unitDisplay: "long" }).format(value), `${value} ${unit}`),
    term: (written) => translate(vocabulary, written),
    reason: (code) => reasonOf(vocabulary, code),
    unit: (code) => symbolOf(vocabulary, code),
    country: (code) =>
      attempt(() => new Intl.DisplayNames([language], { type: "region" }).of(twoLetters(code)) ?? code, code),
  };
}

// A format takes a phone up to 50 ms to create, so each is created once.
/**
 * @template {object} Options
 * @template Format
 * @param {(options: Options) => Format} create
 * @returns {(options: Options) => Format}
 */
function kept(create) {
  /** @type {Map<string, Format>} */
  const formats = new Map();
  return (options) => {
    const key = JSON.stringify(options);
    const format = formats.get(key) ?? create(options);
    formats.set(key, format);
    return format;
  };
}

/** @type {(format: () => string, otherwise: string) => string} */
function attempt(format, otherwise) {
  try {
    return format();
  } catch {
    return otherwise;
  }
}
