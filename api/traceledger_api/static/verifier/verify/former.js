// @ts-check
// Check 14: lives in other ledgers.

import { decodeUtf8, digestOf, encodeBase64url } from "../bytes.js";
import { refuse } from "../errors.js";
import { parseCheckpoint } from "../formats/checkpoint.js";
import { parseNote } from "../formats/note.js";
import { parseTrust } from "../formats/trust.js";
import { has } from "../values.js";
import { refusing } from "./refusal.js";

/** @import { Unjudged } from "./unjudged.js" */
/** @import { Chain, Companion, Former, FormerLife, Options } from "../types.d.ts" */

/** @type {(checkpoint: string) => Promise<[size: number, root: string]>} */
async function stateOf(checkpoint) {
  const { size, root } = await parseCheckpoint(parseNote(checkpoint).text);
  return [Number(size), encodeBase64url(root)];
}

// Verifies the passports of lives in other ledgers that are at hand, found by their SHA-256.
/**
 * @param {Chain[]} things
 * @param {Unjudged} doubts
 * @param {Options} options
 * @param {typeof import("./passport.js").verifyPassport} verifyPassport
 * @returns {Promise<FormerLife[]>}
 */
export async function followFormer(things, doubts, { companions = [], ...options }, verifyPassport) {
  /** @type {Map<string, Companion>} */
  const known = new Map();
  for (const one of companions) known.set(await digestOf(one.passport), one);
  /** @type {FormerLife[]} */
  const lives = [];
  for (const { item: chain, events: [{ id: event, kind, row, data }] } of things) {
    if (kind !== "import" || !row || !has(data, "former") || doubts.unchecked.has(event)) continue;
    const { origin, item, size, root, passport_sha256: digest } = /** @type {Former} */ (data.former);
    const companion = known.get(digest);
    const trust = companion && (await parseTrust(companion.trust));
    if (!companion || trust?.origin !== origin) {
      lives.push({ chain, event, origin, item, result: "missing", codes: [] });
      continue;
    }
    const report = await verifyPassport(companion.passport, companion.trust, item, {
      ...options,
      firstUse: false,
    });
    await refusing(chain, event, async () => {
      if (report.result === "refused" || report.result === "unchecked")
        return refuse("former.refused", `the record of ${item} in ${origin}: ${report.message}`);
      const { checkpoint } = JSON.parse(decodeUtf8(companion.passport, "passport.form"));
      const [itsSize, itsRoot] = await stateOf(checkpoint);
      if (itsSize !== size || itsRoot !== root)
        return refuse("former.checkpoint", `the record of ${item} is as of another checkpoint`);
      // It was written when the part left that ledger, so its age says nothing.
      const codes = report.codes.filter((code) => code !== "age.stale");
      const asOf = report.as_of === undefined ? {} : { as_of: report.as_of };
      lives.push({ chain, event, origin, item, result: codes.length ? "incomplete" : "verified", codes, ...asOf });
      return undefined;
    });
  }
  return lives;
}
