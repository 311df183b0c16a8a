#!/usr/bin/env node
// @ts-check
// node verify-cli.mjs PASSPORT TRUST ITEM [--former PASSPORT --former-trust TRUST]... [--now SECONDS]
//     [--first-use] [--json]
// Verifies a passport without a network. Exit code 0: verified, 4: incomplete, 3: refused, 2: unchecked.

import { webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { UnsupportedError } from "./verifier/errors.js";
import { itemOf } from "./verifier/identifiers/digital-link.js";
import { verifyPassport } from "./verifier/verify/passport.js";

/** @import { Report } from "./verifier/types.d.ts" */

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no such global

const EXITS = { verified: 0, unchecked: 2, refused: 3, incomplete: 4 };
const USAGE =
  "usage: node verify-cli.mjs PASSPORT TRUST ITEM [--former PASSPORT --former-trust TRUST]... " +
  "[--now SECONDS] [--first-use] [--json]";

// Hebrew and Arabic letters also move what is beside them, so each run of them is isolated.
const RIGHT =
  "[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufeff\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]";
const RUN = new RegExp(`${RIGHT}(?:[ .'"’-]?${RIGHT})*`, "gu");
const UNPRINTABLE = /(?![\n\t ])[\p{C}\p{Z}]/gu;

function readArguments() {
  const { values, positionals } = parseArgs({
    options: {
      former: { type: "string", multiple: true },
      "former-trust": { type: "string", multiple: true },
      now: { type: "string" },
      "first-use": { type: "boolean" },
      json: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const now = values.now === undefined ? Math.floor(Date.now() / 1000) : Number(values.now);
  const { former = [], "former-trust": trusts = [] } = values;
  if (former.length !== trusts.length) throw new Error(USAGE);
  if (positionals.length !== 3 || !Number.isSafeInteger(now) || now < 0) throw new Error(USAGE);
  const pairs = former.map((file, at) => [file, trusts[at]]);
  return { files: positionals.slice(0, 2), pairs, item: itemOf(positionals[2]), now, values };
}

/** @type {(report: Report) => string} */
function formatReport(report) {
  const codes = report.codes.length ? `  [${report.codes.join(", ")}]` : "";
  if (report.result === "unchecked") return `NOT CHECKED${codes}\n${report.message}`;
  if (report.result === "refused") {
    const event = report.event ? `, event ${report.event}` : "";
    const place = report.chain ? ` (${report.chain}${event})` : "";
    return `REFUSED${codes}\n${report.message}${place}`;
  }
  const { result, item, state, overlays, as_of: asOf } = report;
  const lines = [`${result.toUpperCase()}  ${item}${codes}`];
  lines.push(`state: ${[state, ...overlays].join(", ")}`);
  if (asOf) lines.push(`as of: ${new Date(asOf * 1000).toISOString()}`);
  return lines.join("\n");
}

/**
 * Escapes everything unprintable but line ends and tabs; isolates right-to-left runs.
 * @type {(text: string) => string}
 */
function forTerminal(text) {
  return text
    .replace(UNPRINTABLE, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`)
    .replace(RUN, "\u2068$&\u2069");
}

async function main() {
  const { files, pairs, item, now, values } = readArguments();
  /** @type {(names: string[]) => Promise<Buffer[]>} */
  const read = (names) => Promise.all(names.map((name) => readFile(name)));
  const [passport, trust] = await read(files);
  const companions = (await Promise.all(pairs.map(read))).map(([other, its]) => ({ passport: other, trust: its }));
  const catalogue = JSON.parse(await readFile(new URL("catalogue.json", import.meta.url), "utf8"));
  const report = await verifyPassport(passport, trust, item, {
    now,
    catalogue,
    companions,
    firstUse: values["first-use"],
  });
  console.log(values.json ? JSON.stringify(report, undefined, 2) : forTerminal(formatReport(report)));
  return EXITS[report.result];
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const expected = error instanceof UnsupportedError || error.code || error.message === USAGE;
    console.error(expected ? forTerminal(error.message) : error);
    process.exitCode = expected ? 2 : 1;
  },
);
