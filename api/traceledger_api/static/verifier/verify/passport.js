// @ts-check
// Verifies passports of traceledger by docs/spec/ of the repository, in browsers and in Node.
//
//   const report = await verifyPassport(passport, trust, item, { now, catalogue });
//
// `passport` and `trust` are the bytes of the two files, `item` is the item wanted, `now` seconds
// since 1970, `companions` are passports of other ledgers with their trust files, for parts that had an
// earlier life there, `catalogue` the content of catalogue.json, generated from the same table as
// docs/spec/catalogue.md. `firstUse: true` states that the trust file came from the ledger itself.
// The report is the object of docs/spec/results.md; a refusal is returned, not thrown.
// UnsupportedError: this browser cannot check Ed25519 signatures, so nothing was checked.
//
// The verifier depends on nothing but WebCrypto. It shares no code with the library in Python, so the
// two are independent implementations; a module has the name of its counterpart there.

import { refuse } from "../errors.js";
import { parsePassport } from "../formats/passport.js";
import { parseTrust } from "../formats/trust.js";
import { parseItem } from "../identifiers/items.js";
import { checkFounding, checkHeads, checkPlaces, goodsOf, readChains } from "./chains.js";
import { checkSeal, openNote } from "./checkpoint.js";
import { followFormer } from "./former.js";
import { checkJoins } from "./joins.js";
import { replayLives } from "./life.js";
import { failed, refusing } from "./refusal.js";
import { describe } from "./result.js";
import { Roster, checkOrder, checkSignatures, checkSigners } from "./signers.js";
import { openFields } from "./summary.js";
import { Unjudged } from "./unjudged.js";

/** @import { Options, Passport, Report, Trust, Verified } from "../types.d.ts" */

/**
 * @param {Uint8Array} passportBytes
 * @param {Trust} trust
 * @param {string} item
 * @param {Options} options
 * @returns {Promise<Verified>}
 */
async function verify(passportBytes, trust, item, options) {
  const { now, catalogue, firstUse } = options;
  const passport = await parsePassport(passportBytes, catalogue); // check 1
  const shown = await readChains(passport, catalogue);
  await checkItem(passport, trust, item); // check 2
  const opened = await openNote(passport, trust); // check 3
  const mapRoot = await checkSeal(passport, opened.checkpoint); // check 4
  await checkHeads(shown, mapRoot); // check 5
  await checkPlaces(shown, trust.origin); // check 6
  await checkFounding(shown, trust.founding); // check 7
  const doubts = new Unjudged(shown);
  const indices = await checkOrder(shown, passport.order, opened.checkpoint); // check 8
  const roster = new Roster(shown, indices);
  const signers = await checkSigners(roster, doubts, catalogue);
  await checkSignatures(shown, signers); // check 9
  const disclosed = await openFields(shown, catalogue); // check 10
  await checkJoins(shown, doubts); // check 11
  const lives = await replayLives(shown, signers, doubts, catalogue); // check 12
  const former = await followFormer(goodsOf(shown), doubts, options, verifyPassport); // check 14
  const described = describe({
    passport,
    trust,
    shown,
    roster,
    signers,
    doubts,
    lives,
    disclosed,
    opened,
    now,
    firstUse,
  });
  return former.length ? { ...described, former } : described;
}

/** @type {(passport: Passport, trust: Trust, item: string) => Promise<void>} */
async function checkItem(passport, trust, item) {
  await refusing(passport.item, "", () => {
    if (passport.item !== item) refuse("passport.item", `the passport is about ${passport.item}`);
    if (!trust.items.some((prefix) => item.startsWith(prefix)))
      refuse("trust.item", "the trust file does not authorize this ledger for the item");
  });
}

/**
 * @param {Uint8Array} passport
 * @param {Uint8Array} trust
 * @param {string} item
 * @param {Options} options
 * @returns {Promise<Report>}
 */
export async function verifyPassport(passport, trust, item, options) {
  let trusted;
  try {
    trusted = await parseTrust(trust);
    for (const companion of options.companions ?? []) await parseTrust(companion.trust);
    parseItem(item);
  } catch (error) {
    return failed("unchecked", "Correct the trust file or the id of the part.", error);
  }
  try {
    return await verify(passport, trusted, item, options);
  } catch (error) {
    const hint = "Do not rely on the record. Fetch it again; if it fails again, report it.";
    return failed("refused", hint, error);
  }
}
