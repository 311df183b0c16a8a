// @ts-check
// What stays as it was written; tests/events/test_events_vocabulary.py has the rest.

import assert from "node:assert/strict";
import test from "node:test";
import { reasonOf, translate } from "../../api/traceledger_api/static/vocabulary.js";

test("an unknown word keeps its text and has no language", () => {
  const nothing = { language: "de", words: {}, parts: {}, states: {}, patterns: {}, units: {}, codes: {} };
  assert.deepEqual(translate(nothing, "轴承"), { text: "轴承", lang: "" });
  assert.deepEqual(reasonOf(nothing, "RUST"), { text: "RUST", lang: "" });
});
