// @ts-check
// Every vector of tests/vectors/signatures.json gets its verdict, with WebCrypto and with the fallback.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { webcrypto } from "node:crypto";
import { loadEd25519 } from "../../api/traceledger_api/static/ed25519.js";
import { judgeSignature, useEd25519 } from "../../api/traceledger_api/static/verify.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

const vectors = JSON.parse(
  readFileSync(new URL("../vectors/signatures.json", import.meta.url), "utf8"),
);

/** @type {(text: string) => Uint8Array<ArrayBuffer>} */
const fromHex = (text) => Uint8Array.from(Buffer.from(text, "hex"));

/** @type {() => Promise<void>} */
async function judgeAll() {
  for (const { name, jwk, message, signature, code } of vectors)
    assert.equal(await judgeSignature(jwk, fromHex(signature), fromHex(message)), code, name);
}

test("there are vectors", () => assert.ok(vectors.length > 200));
test("WebCrypto behind our own checks", judgeAll);
test("the fallback behind our own checks", async () => {
  useEd25519(await loadEd25519("@noble/ed25519"));
  await judgeAll();
});
