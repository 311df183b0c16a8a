// @ts-check
// Reads the number of a part as people type, paste and scan it; it never throws. The first
// implementation is traceledger/identifiers/typed.py; both pass tests/identifiers/typed.json.
//
//   const { item, fit, mistake } = readTyped("(01) 09521234543213 (21) 7kq2 x4pm 9atr wc");

/** @import { Typed } from "./types.d.ts" */

const MAX_LENGTH = 2048;
const MAX_SHOWN = 80;
const SERIAL_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const ALIKE = new Map(
  [..."‐‑‒–—−АВЕКМНОРСТУХавекмнорстухΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"].map((letter, place) => [
    letter,
    "------ABEKMHOPCTYXABEKMHOPCTYXABEZHIKMNOPTYX"[place],
  ]),
);
// Scanners begin and end a GS1 code with GS, which is no space to JavaScript.
const AROUND = /^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$/g;
const LINK = /https?:\/\/([^/\s?#]+)(\/[^\s?#]*)/i;
const GTIN = "([0-9][0-9 ]{6,18}[0-9])";
// A bracket in a value belongs to it: one after a space begins a remark, and one that holds a key
// the next element, where the keys are in brackets.
const ELEMENT = "((?:[^ \\t\\x1d\\n(](?:\\((?!\\s*[0-9]{2,4}\\s*\\)))*|[ \\t])*)";
const SEGMENT = "((?:[^ \\t\\x1d\\n(/?#&]\\(*|[ \\t])*)";
const PLAIN = "((?:[^ \\t\\x1d\\n(]\\(*|[ \\t])*)";
const UNITS = [
  `\\(\\s*01\\s*\\)\\s*${GTIN}\\s*(?:\\((?:22|10)\\)[^(]*)?\\(\\s*21\\s*\\)${ELEMENT}`,
  `(?:^|[^0-9A-Za-z])01/${GTIN}(?:/(?:22|10)/[^/]+)*/21/${SEGMENT}`,
  `^[\\s\\x1d]*01\\s?([0-9]{14})\\s?21${PLAIN}(?=\\x1d|$)`,
];
const UNIT = new RegExp(`(?:${UNITS.join("|")})`);
const PRODUCT = new RegExp(
  `(?:\\(\\s*01\\s*\\)\\s*|(?:^|[^0-9A-Za-z])01/|^[\\s\\x1d]*)${GTIN}[^0-9A-Za-z]*$`,
);
const ASSET = new RegExp(
  `(?:\\(\\s*8004\\s*\\)${ELEMENT}|(?:^|[^0-9A-Za-z])8004/${SEGMENT}` +
  `|^[\\s\\x1d]*8004(?=\\s?[0-9]{4})${PLAIN})`,
);
const OWN = /(?:^|[^0-9A-Za-z])x\/(unit|core|component)\/([A-Za-z0-9-]{1,40})/i;
const ITEM = /^(?:01\/[0-9]{14}\/21\/[A-Z0-9-]{1,20}|8004\/[A-Z0-9-]{1,30}|x\/(?:unit|core|component)\/[A-Za-z0-9-]{1,40})$/;
const GROUPS = /(?:^|[^A-Z0-9])(?:[A-Z0-9]{4}[ \xa0-]){3}[A-Z0-9]{2}(?![A-Z0-9])/;
const HYPHENATED = /^(?:[A-Z0-9]{4}-){3}[A-Z0-9]{2}$/;

/** @type {(fields: Partial<Typed>) => Typed} */
const typed = (fields) => ({
  ...{ shown: "", item: "", serial: "", fit: "", host: "", doubtful: "", mistake: "" },
  ...fields,
});

/** @type {(text: string) => Typed} */
export function readTyped(text) {
  const plain = [...text].slice(0, MAX_LENGTH).join("").normalize("NFKC").replace(AROUND, "");
  const rest = plain.replace(/^\][A-Za-z][0-9]/, "");
  const words = [...rest.replaceAll("\x1d", "|").replace(/[\p{C}\p{Z}]/gu, " ").trim()];
  const shown = words.slice(0, MAX_SHOWN).join("") + (words.length > MAX_SHOWN ? "…" : "");
  if (!shown) return typed({ mistake: "empty" });
  const link = LINK.exec(rest);
  const place = link ? decode(link[2]).normalize("NFKC") : rest;
  const found = read(place);
  // A serial in a link is a word in the address of another page.
  const final = link && found.serial ? typed({ mistake: "form" }) : found;
  return { ...final, shown, host: link ? link[1].toLowerCase() : "" };
}

/** @type {(path: string) => string} */
function decode(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** @type {(place: string) => Typed} */
function read(place) {
  const unit = UNIT.exec(place)?.slice(1).filter((group) => group !== undefined);
  if (unit) return unitOf(unit[0].replaceAll(" ", ""), clean(unit[1]));
  const asset = ASSET.exec(place)?.slice(1).find((group) => group !== undefined);
  if (asset !== undefined) return whole(`8004/${clean(asset)}`);
  const own = OWN.exec(place);
  if (own) return whole(`x/${own[1].toLowerCase()}/${own[2]}`);
  if (PRODUCT.test(place)) return typed({ mistake: "incomplete" });
  const groups = GROUPS.exec(latin(place).toUpperCase());
  let serial = clean((groups?.[0] ?? place).replace(/^\s*\(\s*21\s*\)/, ""));
  if (HYPHENATED.test(serial)) serial = serial.replaceAll("-", "");
  return /^[A-Z0-9-]{1,20}$/.test(serial)
    ? typed({ serial, doubtful: doubt(serial) })
    : typed({ mistake: "form" });
}

/** @type {(gtin: string, serial: string) => Typed} */
function unitOf(gtin, serial) {
  const full = [8, 12, 13].includes(gtin.length) ? gtin.padStart(14, "0") : gtin;
  if (full.length === 14 && !serial) return typed({ mistake: "incomplete" });
  return { ...whole(`01/${full}/21/${serial}`), doubtful: doubt(serial) };
}

/** @type {(item: string) => Typed} */
function whole(item) {
  if (!ITEM.test(item)) return typed({ mistake: "form" });
  const right = item.startsWith("01/") ? checkDigit(item.slice(3, 16)) : item[16];
  if (item[16] === right) return typed({ item });
  return typed({ fit: item.slice(0, 16) + right + item.slice(17), mistake: "check-digit" });
}

/** @type {(digits: string) => string} */
function checkDigit(digits) {
  const total = [...digits]
    .reverse()
    .reduce((sum, digit, place) => sum + Number(digit) * (place % 2 ? 1 : 3), 0);
  return String((10 - (total % 10)) % 10);
}

/** @type {(value: string) => string} */
const latin = (value) => [...value].map((letter) => ALIKE.get(letter) ?? letter).join("");

/** @type {(value: string) => string} */
const clean = (value) =>
  latin(value.replace(/\s/g, ""))
    .toUpperCase()
    .replace(/^[^A-Z0-9]+|[^A-Z0-9]+$/g, "");

/** @type {(serial: string) => string} */
const doubt = (serial) =>
  serial.length === 14
    ? [...new Set(serial)].filter((letter) => !`${SERIAL_ALPHABET}-`.includes(letter)).sort().join("")
    : "";
