// @ts-check
// Loads the files of a verification and runs it, in browsers with and without Ed25519.

import { gatherFormer } from "./former.js";
import { Refusal, UnsupportedError } from "./verifier/errors.js";
import { canVerifyEd25519, useEd25519 } from "./verifier/events/ed25519-engine.js";
import { confirmLabel } from "./verifier/verify/label.js";
import { verifyPassport } from "./verifier/verify/passport.js";

/** @import { Bytes, Companion, RecordedEvent, Report, Verified } from "./verifier/types.d.ts" */
/** @import { FormerSource, LabelVerdict, Loaded } from "./types.d.ts" */

const TIMEOUT = 30_000; // milliseconds

// A site answered with something other than the file requested.
export class AnswerError extends Error {}

// The network failed, and not this page or its browser.
export class NetworkError extends Error {}

/** @type {(cause: unknown) => never} */
function blameNetwork(cause) {
  throw new NetworkError("the network failed", { cause });
}

/** @type {(address: string) => Promise<Bytes>} */
export async function loadBytes(address) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIMEOUT);
  try {
    const answer = await fetch(address, { signal: patience.signal }).catch(blameNetwork);
    if (!answer.ok) throw new AnswerError(`${address}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer().catch(blameNetwork));
  } finally {
    clearTimeout(timer);
  }
}

/** @type {(address: string) => Promise<any>} */
export async function loadJson(address) {
  const bytes = await loadBytes(address);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AnswerError(`${address} is not JSON`, { cause: error });
  }
}

/** @type {(address: string) => Promise<void>} */
async function fallBack(address) {
  const { loadEd25519 } = await import("./ed25519.js");
  try {
    useEd25519(await loadEd25519(address));
  } catch (error) {
    throw new UnsupportedError("this browser cannot check the signatures", { cause: error });
  }
}

// Runs what checks signatures; `fallback` is the address of Ed25519 in JavaScript, or empty.
/**
 * @template T
 * @param {string} fallback
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withEd25519(fallback, run) {
  const native = await canVerifyEd25519();
  if (!native && fallback) await fallBack(fallback);
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UnsupportedError) || !native || !fallback) throw error;
    await fallBack(fallback);
    return run();
  }
}

// Verifies a record, and with it the passports of earlier lives that its source has.
/** @type {(loaded: Omit<Loaded, "fingerprint">, item: string, fallback: string, former: FormerSource) => Promise<Report>} */
export async function verifyRecord({ passport, trust, isFirstUse: firstUse, catalogue }, item, fallback, former) {
  const now = Math.floor(Date.now() / 1000);
  /** @type {(companions: Companion[]) => Promise<Report>} */
  const verify = (companions) => withEd25519(fallback, () =>
    verifyPassport(passport, trust, item, { now, catalogue, firstUse, companions }));
  const report = await verify([]);
  if (!("former" in report) || !report.former) return report;
  const companions = await gatherFormer(report.former, passport, former);
  return companions.length ? verify(companions) : report;
}

// The label's own statement, by the keys of the verified record; undefined for a label without one, and
// for one that this version cannot judge.
/** @type {(statement: string, item: string, events: RecordedEvent[], report: Verified) => Promise<LabelVerdict | undefined>} */
export async function readLabel(statement, item, events, { origin, parties, unchecked }) {
  if (!statement) return undefined;
  try {
    const { month, party } = await confirmLabel(statement, { item, origin, events, unchecked });
    return { isFalse: false, month, party: parties.find((one) => one.party === party)?.name ?? party };
  } catch (error) {
    const code = error instanceof Refusal ? error.code : "";
    console.warn(code || /** @type {Error} */ (error).message);
    return code === "label.unjudged" ? undefined : { isFalse: true };
  }
}
