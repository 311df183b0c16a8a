// @ts-check
// Prints what Node finds of the vectors: node walk.mjs SCRIPT webcrypto|fallback < vectors
// SCRIPT is walk.js, joined to one module as the script of a page is.

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { pathToFileURL } from "node:url";
import { loadEd25519 } from "../../api/traceledger_api/static/ed25519.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

const NOBLE = "./vendor/noble-ed25519.js"; // as seen from ed25519.js

const [script, way] = process.argv.slice(2);
const { walk } = await import(pathToFileURL(script).href);
const vectors = JSON.parse(readFileSync(0, "utf8"));
const fallback = way === "fallback" ? await loadEd25519(NOBLE) : undefined;
console.log(JSON.stringify(await walk(vectors, fallback)));
