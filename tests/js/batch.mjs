// @ts-check
// node batch.mjs FILE: verifies each line of FILE, an object {passport, trust, item, now, first_use}
// with the two files in base64, and prints each report on a line.

import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { verifyPassport } from "../../api/traceledger_api/static/verifier/verify/passport.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

const catalogueFile = new URL("../../api/traceledger_api/static/catalogue.json", import.meta.url);
const catalogue = JSON.parse(readFileSync(catalogueFile, "utf8"));
/** @type {(text: string) => Uint8Array} */
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

for (const line of readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
  const { passport, trust, item, now, first_use: firstUse } = JSON.parse(line);
  const report = await verifyPassport(bytes(passport), bytes(trust), item, {
    now,
    catalogue,
    firstUse,
  });
  console.log(JSON.stringify(report));
}
