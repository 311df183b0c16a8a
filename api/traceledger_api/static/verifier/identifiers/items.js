// @ts-check
// Item ids, which identify everything that has a chain of events (docs/spec/events.md, Identities).

import { refuse } from "../errors.js";
import { isText } from "../values.js";
import { hasCheckDigit } from "./gs1.js";

/** @import { Catalogue } from "../types.d.ts" */

const ID = "[A-Za-z0-9-]{1,40}";
const RANDOM_ID = "[A-Za-z0-9-]{16,40}";
/** @type {[form: string, pattern: RegExp][]} */
const ITEM_FORMS = Object.entries({
  unit: `01/[0-9]{14}/21/[A-Z0-9-]{1,20}|x/unit/${ID}`,
  asset: "8004/[A-Z0-9-]{1,30}",
  core: `x/core/${ID}`,
  component: `x/component/${ID}`,
  lot: `lot/${ID}`,
  declaration: `decl/${RANDOM_ID}`,
  book: `book/${RANDOM_ID}`,
  party: `party/${ID}`,
  key: "key/[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]",
  ledger: "ledger",
  policy: "policy",
}).map(([form, pattern]) => [form, new RegExp(`^(?:${pattern})$`)]);

/** @type {(item: string) => string | undefined} */
export const formOf = (item) => ITEM_FORMS.find(([, pattern]) => pattern.test(item))?.[0];

/** @type {(item: unknown) => string} */
export function parseItem(item) {
  if (!isText(item) || !formOf(item)) refuse("item.form", `${item} is not an item id`);
  if (item.startsWith("01/") && !hasCheckDigit(item.slice(3, 17)))
    refuse("item.check-digit", `the check digit of ${item} is wrong`);
  return item;
}

// Proper prefixes of item ids, a character shorter than the longest id.
const PREFIX = new RegExp(
  `^(?:${[
    "0",
    "01",
    "01/[0-9]{0,14}",
    "01/[0-9]{14}/",
    "01/[0-9]{14}/2",
    "01/[0-9]{14}/21",
    "01/[0-9]{14}/21/[A-Z0-9-]{0,19}",
    "8",
    "80",
    "800",
    "8004",
    "8004/[A-Z0-9-]{0,29}",
    "x",
    "x/",
    "x/u",
    "x/un",
    "x/uni",
    "x/unit",
    "x/c",
    "x/co",
    "x/cor",
    "x/core",
    "x/com",
    "x/comp",
    "x/compo",
    "x/compon",
    "x/compone",
    "x/componen",
    "x/component",
    "x/(?:unit|core|component)/[A-Za-z0-9-]{0,39}",
    "l",
    "lo",
    "lot",
    "d",
    "de",
    "dec",
    "decl",
    "b",
    "bo",
    "boo",
    "book",
    "(?:lot|decl|book)/[A-Za-z0-9-]{0,39}",
  ].join("|")})$`,
);

/** @type {(text: string) => boolean} */
export function isPrefix(text) {
  return PREFIX.test(text) && (!/^01\/[0-9]{14}/.test(text) || hasCheckDigit(text.slice(3, 17)));
}

/** @type {(item: string, catalogue: Catalogue) => boolean} */
export const isThing = (item, { authority }) => !authority.includes(formOf(item) ?? "");
