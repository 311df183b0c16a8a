// @ts-check
// Every vector of tests/vectors/passport/ gives the report that it says.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { webcrypto } from "node:crypto";
import { verifyPassport } from "../../api/traceledger_api/static/verify.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

/** @type {(path: string) => URL} */
const here = (path) => new URL(path, import.meta.url);
const catalogue = JSON.parse(
  readFileSync(here("../../api/traceledger_api/static/catalogue.json"), "utf8"),
);
const folder = here("../vectors/passport/");
const exits = { verified: 0, unchecked: 2, refused: 3, incomplete: 4 };
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

test("there are vectors", () => assert.ok(names.length >= 80));

for (const name of names)
  test(name, async () => {
    const vector = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
    const text = vector.passport_base64;
    const passport = text ? Buffer.from(text, "base64") : Buffer.from(vector.passport);
    const trust = Buffer.from(vector.trust);
    const given = { now: vector.now, catalogue, firstUse: vector.first_use };
    const verdict = await verifyPassport(passport, trust, vector.item, given);
    const { message, hint, ...report } = { message: "", hint: "", ...verdict };
    assert.deepEqual({ ...report, exit: exits[verdict.result] }, vector.expect, message || hint);
  });
