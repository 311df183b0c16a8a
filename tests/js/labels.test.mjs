// @ts-check
// Every label of tests/vectors/labels.json gets its code with the passport of its part.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { webcrypto } from "node:crypto";
import { confirmLabel } from "../../api/traceledger_api/static/label.js";
import { readEvents } from "../../api/traceledger_api/static/verify.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

const { passport, item, origin, labels } = JSON.parse(
  readFileSync(new URL("../vectors/labels.json", import.meta.url), "utf8"),
);
const events = await readEvents(Buffer.from(passport));

test("there are labels", () => assert.ok(labels.length > 10));

for (const { desc, fragment, code } of labels)
  test(desc, async () => {
    const found = await confirmLabel(fragment, { item, origin, events }).then(
      () => "",
      (error) => error.code,
    );
    assert.equal(found, code);
  });
