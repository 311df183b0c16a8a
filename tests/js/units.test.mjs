// @ts-check
// What the verifier offers to pages, and what no vector can show.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { describePart } from "../../api/traceledger_api/static/part.js";
import { UnsupportedError } from "../../api/traceledger_api/static/verifier/errors.js";
import { fingerprintOf } from "../../api/traceledger_api/static/verifier/formats/trust.js";
import { chooseLedger } from "../../api/traceledger_api/static/verifier/formats/trust-list.js";
import { itemOf } from "../../api/traceledger_api/static/verifier/identifiers/digital-link.js";
import { verifyPassport } from "../../api/traceledger_api/static/verifier/verify/passport.js";
import { listEvents, readEvents } from "../../api/traceledger_api/static/verifier/verify/record.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

/** @type {(path: string) => string} */
const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
/** @type {import("../../api/traceledger_api/static/verifier/types.d.ts").Catalogue} */
const catalogue = JSON.parse(read("../../api/traceledger_api/static/catalogue.json"));
const vector = JSON.parse(read("../vectors/passport/good-unit-exported.json"));
const UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC";

test("an address leads to the item behind it", () => {
  const bases = ["https://id.example", "http://localhost:8000", "https://a.example/stem/x1"];
  // Other verifiers read these from the end too.
  bases.push("https://a.example/x", "https://a.example/01", "https://a.example/8004/21");
  for (const base of bases)
    for (const item of [UNIT, "8004/9521234C000001", "x/unit/a"])
      for (const fragment of ["", "#v1.eyJhIjoxfQ.c2ln"])
        assert.equal(itemOf(` ${base}/${item}${fragment}\n`), item);
});

test("a ledger with very many beginnings of ids does not end the choice for all others", () => {
  const items = Array.from({ length: 300_000 }, (_, number) => `01/${number}`);
  const many = { origin: "many.example/log", items, file: new Uint8Array() };
  const own = { origin: "own.example/log", items: ["01/0952123454321"], file: new Uint8Array() };
  assert.equal(chooseLedger({ ledgers: [many, own] }, UNIT, ""), own);
  assert.equal(chooseLedger({ ledgers: [many, own] }, "01/299999", ""), many);
  assert.equal(chooseLedger({ ledgers: [many, own] }, "8004/1", ""), undefined);
});

test("what is no address stays as it is, for the verifier to refuse", () => {
  for (const text of [
    UNIT,
    "",
    "8004/A?b",
    `https://a.example/${UNIT}?linkType=all`,
    "https://a.example/",
  ])
    assert.equal(itemOf(text), text);
});

test("a browser without Ed25519 is told apart from a false signature", async (context) => {
  const refuse = async () => {
    throw new DOMException("unknown", "NotSupportedError");
  };
  context.mock.method(crypto.subtle, "importKey", refuse);
  const [passport, trust] = [Buffer.from(vector.passport), Buffer.from(vector.trust)];
  const verdict = verifyPassport(passport, trust, vector.item, { now: vector.now, catalogue });
  await assert.rejects(verdict, UnsupportedError);
});

test("the fingerprint of a trust file has 8 groups of 4 digits", async () => {
  assert.equal(await fingerprintOf(new Uint8Array()), "e3b0 c442 98fc 1c14 9afb f4c8 996f b924");
});

test("lists the events with what is shown of their restricted fields", () => {
  const [first, ...others] = listEvents(Buffer.from(vector.passport));
  assert.equal(first.kind, "assemble");
  assert.equal(first.data.net_kg, "0.951");
  assert.ok(!("_sd" in first.data));
  assert.ok(others.some(({ kind }) => kind === "export"));
});

test("every pattern of the catalogue is one that JavaScript reads", () => {
  for (const { pattern } of Object.values(catalogue.texts)) assert.ok(new RegExp(pattern, "u"));
});

test("the story states an earlier life and whether its record was verified", async () => {
  for (const [name, result] of [["at-hand", "verified"], ["not-at-hand", "missing"]]) {
    const { passport, item, expect } = JSON.parse(read(`../vectors/passport/former-${name}.json`));
    const events = await readEvents(Buffer.from(passport));
    const { scenes } = describePart(events, expect, catalogue);
    const [{ item: former, origin }] = expect.former;
    const facts = scenes.flatMap(({ lines }) => lines.flatMap((line) => line.facts));
    assert.deepEqual(facts.slice(-1), [{ label: `story.former.${result}`, text: `${former}, ${origin}` }], item);
  }
});
