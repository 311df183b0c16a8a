// @ts-check
// node describe.mjs: verifies {passport, trust, item} from the standard input, with the files in base64,
// and prints the report and what a page states about the part.

import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { describePart } from "../../api/traceledger_api/static/part.js";
import { verifyPassport } from "../../api/traceledger_api/static/verifier/verify/passport.js";
import { readEvents } from "../../api/traceledger_api/static/verifier/verify/record.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

const catalogueFile = new URL("../../api/traceledger_api/static/catalogue.json", import.meta.url);
const catalogue = JSON.parse(readFileSync(catalogueFile, "utf8"));
const { passport, trust, item } = JSON.parse(readFileSync(0, "utf8"));
/** @type {(text: string) => Uint8Array} */
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

const now = Math.floor(Date.now() / 1000);
const report = await verifyPassport(bytes(passport), bytes(trust), item, { now, catalogue });
const verified = report.result === "verified" || report.result === "incomplete";
const part = verified ? describePart(await readEvents(bytes(passport)), report, catalogue) : null;
console.log(JSON.stringify({ report, part }));
