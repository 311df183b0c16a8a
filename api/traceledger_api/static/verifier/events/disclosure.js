// @ts-check
// Disclosures of restricted fields (docs/spec/events.md, Restricted fields).

import { decodeBase64url, encode, encodeBase64url, sha256, toBinary } from "../bytes.js";
import { refuse } from "../errors.js";
import { has } from "../values.js";
import { allows } from "./constraints.js";
import { parseCanonical } from "./encoding.js";
import { checkField } from "./payload.js";

/** @import { Catalogue, Event, JsonObject } from "../types.d.ts" */

const MAX_WIRE = 131_072;

// The token and the disclosures of `token~disclosure~...~`.
/** @type {(wire: string) => { token: string; disclosures: string[] }} */
export function splitWire(wire) {
  if (encode(wire).length > MAX_WIRE) refuse("wire.size", "the event is larger than 128 KiB");
  if (!wire.endsWith("~")) refuse("wire.form", "an event must end in ~");
  const [token, ...disclosures] = wire.slice(0, -1).split("~");
  return { token, disclosures };
}

const DISCLOSURE = /^(\["[A-Za-z0-9_-]{22,64}","([a-z_][a-z0-9_]{0,63})",)[^ \t\n\v\f\r][^]*\]$/;

// Check 10 for one event: the restricted fields that are shown.
/** @type {(event: Event, disclosures: string[], catalogue: Catalogue) => Promise<JsonObject>} */
export async function openDisclosures(event, disclosures, catalogue) {
  /** @type {() => never} */
  const refused = () => refuse("disclosure.form", "a disclosure is not [salt, name, value]");
  /** @type {JsonObject} */
  const shown = {};
  let before = "";
  for (const disclosure of disclosures) {
    const bytes = decodeBase64url(disclosure) ?? refused();
    const [, start, name] = DISCLOSURE.exec(toBinary(bytes)) ?? refused();
    const digest = encodeBase64url(await sha256(encode(disclosure)));
    if (!has(event.digests, name) || event.digests[name] !== digest)
      refuse("disclosure.digest", `the disclosure of ${name} does not match the signed digest`);
    if (name <= before) refuse("disclosure.order", `${name} follows ${before}`);
    const value = parseCanonical(bytes.slice(start.length, -1), 2);
    checkField(!event.row || allows(event.row.fields[name].allowed, value, catalogue), name);
    shown[name] = value;
    before = name;
  }
  return shown;
}
