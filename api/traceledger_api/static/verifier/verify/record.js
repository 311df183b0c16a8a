// @ts-check
// What a file states, for pages; nothing is verified here.

import { decodeBase64url, encodeBase64url } from "../bytes.js";
import { splitWire } from "../events/disclosure.js";
import { leafHash } from "../merkle/hashing.js";

/** @import { Claims, Json, RecordedEvent, ShownEvent } from "../types.d.ts" */

/** @type {(bytes: Uint8Array | undefined) => any} */
const readJson = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
/** @type {(part: string) => any} */
const readPart = (part) => readJson(decodeBase64url(part));

// The tokens and disclosures of a passport, each with its item.
/** @type {(passport: Uint8Array) => { item: string; token: string; disclosures: string[] }[]} */
function readTokens(passport) {
  /** @type {{ chains: { item: string; events: string[] }[] }} */
  const { chains } = readJson(passport);
  return chains.flatMap(({ item, events }) => events.map((wire) => ({ item, ...splitWire(wire) })));
}

// The origin that a trust file names, only for choosing among files; empty if there is none.
/** @type {(trust: Uint8Array) => string} */
export function originOf(trust) {
  try {
    return String(readJson(trust).origin);
  } catch {
    return "";
  }
}

// The origin that a passport claims, only for choosing a trust file; empty if there is none.
/** @type {(passport: Uint8Array) => string} */
export function claimedOrigin(passport) {
  try {
    const { checkpoint } = readJson(passport);
    return String(checkpoint).split("\n", 1)[0];
  } catch {
    return "";
  }
}

// The events of a passport in the order of the file, for showing what was verified. Checks nothing.
/** @type {(passport: Uint8Array) => ShownEvent[]} */
export function listEvents(passport) {
  return readTokens(passport).map(({ item, token, disclosures }) => {
    /** @type {Claims} */
    const { kind, occurred, iss: party, data: signed } = readPart(token.split(".")[1]);
    const { _sd, ...data } = signed;
    const restricted = disclosures.map((disclosure) => {
      /** @type {[string, string, Json]} */
      const [, name, value] = readPart(disclosure);
      return [name, value];
    });
    return { item, kind, occurred, party, data: { ...data, ...Object.fromEntries(restricted) } };
  });
}

// The events of a passport with their ids and keys, in the order of the file. Checks nothing.
/** @type {(passport: Uint8Array) => Promise<RecordedEvent[]>} */
export async function readEvents(passport) {
  const read = readTokens(passport).map(async ({ item, token }) => {
    const [header, payload] = token.split(".", 2).map(readPart);
    return { id: encodeBase64url(await leafHash(token)), item, kid: header.kid, payload };
  });
  return Promise.all(read);
}

// Whether the bytes claim to be a passport at all; a login page or half an answer does not.
/** @type {(bytes: Uint8Array) => boolean} */
export function isPassport(bytes) {
  try {
    return readJson(bytes).format === "traceledger/passport/v1";
  } catch {
    return false;
  }
}
