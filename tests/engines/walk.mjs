// @ts-check
// Prints what Node finds of the vectors: node walk.mjs webcrypto|fallback < vectors

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { walk } from "./walk.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

const vectors = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await walk(vectors, process.argv[2] === "fallback")));
