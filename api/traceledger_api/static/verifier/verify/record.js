// @ts-check
// What a file states, for pages; nothing is verified here.

import { encode, fromBase64url, sha256, toBase64url } from "../bytes.js";
import { splitWire } from "../events/disclosure.js";

/** @import { Claims, Json, RecordedEvent, ShownEvent } from "../../types.d.ts" */

// The origin that a trust file names, only for choosing among files; empty if there is none.
/** @type {(trust: Uint8Array) => string} */
export function originOf(trust) {
  try {
    return String(JSON.parse(new TextDecoder().decode(trust)).origin);
  } catch {
    return "";
  }
}

// The origin that a passport claims, only for choosing a trust file; empty if there is none.
/** @type {(passport: Uint8Array) => string} */
export function claimedOrigin(passport) {
  try {
    const { checkpoint } = JSON.parse(new TextDecoder().decode(passport));
    return String(checkpoint).split("\n", 1)[0];
  } catch {
    return "";
  }
}

// The events of a passport in the order of the file, for showing what was verified. Checks nothing.
/** @type {(passport: Uint8Array) => ShownEvent[]} */
export function listEvents(passport) {
  /** @type {{ chains: { item: string; events: string[] }[] }} */
  const { chains } = JSON.parse(new TextDecoder().decode(passport));
  /** @type {(part: string) => unknown} */
  const decode = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));
  return chains.flatMap(({ item, events }) =>
    events.map((wire) => {
      const { token, disclosures } = splitWire(wire);
      const claims = /** @type {Claims} */ (decode(token.split(".")[1]));
      const { kind, occurred, iss: party } = claims;
      const { _sd, ...data } = claims.data;
      const restricted = disclosures.map((disclosure) => {
        const [, name, value] = /** @type {[string, string, Json]} */ (decode(disclosure));
        return [name, value];
      });
      return { item, kind, occurred, party, data: { ...data, ...Object.fromEntries(restricted) } };
    }),
  );
}

// The events of a passport with their ids and keys, in the order of the file. Checks nothing.
/** @type {(passport: Uint8Array) => Promise<RecordedEvent[]>} */
export async function readEvents(passport) {
  /** @type {{ chains: { item: string; events: string[] }[] }} */
  const { chains } = JSON.parse(new TextDecoder().decode(passport));
  const wires = chains.flatMap(({ item, events }) => events.map((wire) => ({ item, wire })));
  return Promise.all(
    wires.map(async ({ item, wire }) => {
      const { token } = splitWire(wire);
      const [header, payload] = token
        .split(".", 2)
        .map((part) => JSON.parse(new TextDecoder().decode(fromBase64url(part))));
      return { id: toBase64url(await sha256([0], encode(token))), item, kid: header.kid, payload };
    }),
  );
}

// Whether the bytes claim to be a passport at all; a login page or half an answer does not.
/** @type {(bytes: Uint8Array) => boolean} */
export function isPassport(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)).format === "traceledger/passport/v1";
  } catch {
    return false;
  }
}
