// @ts-check
// Translates texts with each vocabulary: JSON in, JSON out, null for what is unknown.

import { readFileSync } from "node:fs";
import { symbolOf, translate } from "../../api/traceledger_api/static/vocabulary.js";

/** @import { Vocabulary } from "../../api/traceledger_api/static/types.d.ts" */

/** @type {{ vocabularies: Vocabulary[], texts: string[], units: string[] }} */
const given = JSON.parse(readFileSync(0, "utf8"));
const found = given.vocabularies.map((vocabulary) => ({
  texts: given.texts.map((text) => {
    const { text: shown, lang } = translate(vocabulary, text);
    return lang === "" ? null : shown;
  }),
  units: given.units.map((unit) => symbolOf(vocabulary, unit)),
}));
process.stdout.write(JSON.stringify(found));
