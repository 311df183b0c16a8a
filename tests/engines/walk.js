// @ts-check
// What this engine finds of every vector in tests/vectors, in a browser or in Node.

import { encode } from "../../api/traceledger_api/static/verifier/bytes.js";
import { useEd25519 } from "../../api/traceledger_api/static/verifier/events/ed25519-engine.js";
import { judgeSignature } from "../../api/traceledger_api/static/verifier/events/keys.js";
import { chooseLedger } from "../../api/traceledger_api/static/verifier/formats/trust-list.js";
import { confirmLabel } from "../../api/traceledger_api/static/verifier/verify/label.js";
import { verifyPassport } from "../../api/traceledger_api/static/verifier/verify/passport.js";
import { readEvents } from "../../api/traceledger_api/static/verifier/verify/record.js";
import { openTrustList } from "../../api/traceledger_api/static/verifier/verify/trust-list.js";

/** @import { Bytes, Catalogue, Ed25519, Jwk } from "../../api/traceledger_api/static/verifier/types.d.ts" */
/**
 * @typedef {{ name: string, jwk: Jwk, message: string, signature: string }} Signature
 * @typedef {{ desc: string, fragment: string }} Label
 * @typedef {{ passport: string, trust: string, item: string, origin: string, now: number,
 *   labels: Label[] }} Labelled
 * @typedef {{ desc: string, list: string, key: string, since: number, now: number, item: string,
 *   origin: string }} List
 * @typedef {{ passport: string, passport_base64?: string, trust: string, item: string, now: number,
 *   first_use: boolean, companions?: { passport: string, trust: string }[] }} Passport
 *
 * The vectors, and the catalogue that their passports are verified with.
 * @typedef {{ signatures: Signature[], labels: Labelled[], lists: List[],
 *   passports: [string, Passport][], catalogue: Catalogue }} Vectors
 */

/** @type {(text: string) => Bytes} */
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
/** @type {(text: string) => Bytes} */
const readBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** @type {(vectors: Vectors) => Promise<[string, string][]>} */
async function walkSignatures({ signatures }) {
  /** @type {(vector: Signature) => Promise<[string, string]>} */
  const judge = async ({ name, jwk, message, signature }) => [
    name,
    await judgeSignature(jwk, fromHex(signature), fromHex(message)),
  ];
  return Promise.all(signatures.map(judge));
}

/** @type {(vectors: Vectors) => Promise<[string, string][]>} */
async function walkLabels({ labels: records, catalogue }) {
  /** @type {(record: Labelled) => Promise<[string, string][]>} */
  const judge = async ({ passport, trust, item, origin, now, labels }) => {
    const [file, keys] = [passport, trust].map(encode);
    const report = await verifyPassport(file, keys, item, { now, catalogue });
    const unchecked = "unchecked" in report ? report.unchecked : [];
    const events = await readEvents(file);
    const codes = labels.map(({ fragment }) =>
      confirmLabel(fragment, { item, origin, events, unchecked }).then(() => "", (error) => error.code));
    return Promise.all(labels.map(async ({ desc }, at) => [desc, await codes[at]]));
  };
  return (await Promise.all(records.map(judge))).flat();
}

/** @type {(vectors: Vectors) => Promise<[string, string][]>} */
async function walkLists({ lists }) {
  /** @type {(vector: List) => Promise<[string, string]>} */
  const judge = async ({ desc, list, key, since, now, item, origin }) => {
    const opened = await openTrustList(encode(list), { key, since, now });
    if (opened.result !== "opened") return [desc, opened.codes[0]];
    return [desc, chooseLedger(opened.list, item, origin)?.origin ?? "trust-list.item"];
  };
  return Promise.all(lists.map(judge));
}

/** @type {(vectors: Vectors) => Promise<[string, object][]>} */
async function walkPassports({ passports, catalogue }) {
  /** @type {(vector: [string, Passport]) => Promise<[string, object]>} */
  const judge = async ([name, vector]) => {
    const text = vector.passport_base64;
    const passport = text ? readBase64(text) : encode(vector.passport);
    const companions = vector.companions?.map((one) => ({
      passport: encode(one.passport),
      trust: encode(one.trust),
    }));
    const given = { now: vector.now, catalogue, firstUse: vector.first_use, companions };
    const report = await verifyPassport(passport, encode(vector.trust), vector.item, given);
    const { message, hint, ...stable } = { message: "", hint: "", ...report };
    return [name, stable];
  };
  return Promise.all(passports.map(judge));
}

// The passports share most of their events, so each signature is checked once.
/** @type {(slow: Ed25519) => Ed25519} */
function remembering(slow) {
  const known = /** @type {Map<string, Promise<boolean>>} */ (new Map());
  return async (key) => {
    const verify = await slow(key);
    return (signature, message) => {
      const asked = [key, signature, message].join(" ");
      const answer = known.get(asked) ?? verify(signature, message);
      known.set(asked, answer);
      return answer;
    };
  };
}

// `fallback` is used instead of WebCrypto's Ed25519.
/** @type {(vectors: Vectors, fallback?: Ed25519) => Promise<object>} */
export async function walk(vectors, fallback) {
  if (fallback) useEd25519(remembering(fallback));
  return {
    signatures: await walkSignatures(vectors),
    labels: await walkLabels(vectors),
    lists: await walkLists(vectors),
    passports: await walkPassports(vectors),
  };
}
