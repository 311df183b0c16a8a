// @ts-check
// What buyers read about maker, product and photos.

import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { createServer } from "node:http";
import test from "node:test";
import {
  describeClaim,
  describeMaker,
  describePhotos,
  describeProduct,
  loadPhoto,
} from "../../api/traceledger_api/static/details.js";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto); // Node 18 has no global of that name

test("a profile without anything has no rows", () => {
  assert.deepEqual(describeMaker(undefined).rows, []);
  assert.deepEqual(describeMaker({}).rows, []);
});

test("a telephone number can be dialled, an address written to", () => {
  const { rows } = describeMaker({ web: "https://a.example/", phone: "+86 23-55", email: "a@b.example" });
  assert.deepEqual(
    rows.map(({ caption, lines }) => [caption, lines[0].href]),
    [
      ["maker.phone", "tel:+862355"],
      ["maker.email", "mailto:a@b.example"],
      ["maker.web", "https://a.example/"],
    ],
  );
});

test("a postal address is no link, whatever it looks like", () => {
  const { rows: [row] } = describeMaker({ address: "https://a.example/" });
  assert.deepEqual(row.lines, [{ text: "https://a.example/", href: undefined }]);
});

test("readers get the notes in their language, or all of them", () => {
  const en = { text: "Program it.", lang: "en-US" };
  const zh = { text: "先编程。", lang: "zh-CN" };
  const open = { text: "P0841" };
  /** @type {(installation: {text: string, lang?: string}[], language: string) => unknown} */
  const shown = (installation, language) => describeProduct({ installation }, language).rows[0].lines;
  assert.deepEqual(shown([en, zh, open], "en"), [en, open]);
  assert.deepEqual(shown([en, zh], "de"), [en, zh]);
});

test("an approval without notes describes nothing", () => {
  assert.deepEqual(describeProduct({}, "de").rows, []);
  assert.deepEqual(describeClaim({ months: 24 }), []);
  assert.deepEqual(describePhotos(undefined).photos, []);
});

test("the document comes with the digest by which it can be compared", () => {
  const document = { url: "https://a.example/a.pdf", sha256: "0f".repeat(32) };
  const { rows: [row] } = describeProduct({ document }, "en");
  assert.deepEqual([row.lines[0].text, row.digest], [document.url, document.sha256]);
});

test("readers learn which hosts the photos would be loaded from", () => {
  const photo = /** @type {const} */ ({ shows: "seal", sha256: "", media_type: "image/png" });
  const { hosts } = describePhotos([
    { ...photo, url: "https://a.example/1" }, { ...photo, url: "https://a.example/2" }, photo,
  ]);
  assert.deepEqual(hosts, ["a.example"]);
});

/**
 * @param {string | Buffer} body
 * @param {number} status
 * @returns {Promise<{url: string, close: () => void}>}
 */
async function serve(body, status = 200) {
  const server = createServer((request, response) => {
    response.writeHead(status, { "Content-Type": "image/jpeg" }).end(body);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", () => resolve(undefined)); });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** @type {(body: string | Buffer) => string} */
const digest = (body) => createHash("sha256").update(body).digest("hex");

for (const [name, body, status, signed, reason] of /** @type {const} */ ([
  ["the photo that was signed", "photo", 200, digest("photo"), undefined],
  ["another photo", "other", 200, digest("photo"), "photo.changed"],
  ["an error with the bytes of the photo", "photo", 404, digest("photo"), "photo.unreachable"],
  ["an empty answer", "", 200, digest("photo"), "photo.changed"],
]))
  test(`shows only what was signed: ${name}`, async () => {
    const site = await serve(body, status);
    try {
      const result = await loadPhoto({
        shows: "seal", sha256: signed, media_type: "image/jpeg", url: site.url,
      });
      assert.equal(result.reason, reason);
      if (!reason) assert.equal(result.blob?.type, "image/jpeg");
    } finally {
      site.close();
    }
  });

test("a photo that would fill the memory is not loaded", async () => {
  const site = await serve(Buffer.alloc(8_000_001));
  try {
    const photo = /** @type {const} */ ({ shows: "part", sha256: digest("a"), media_type: "image/png", url: site.url });
    assert.deepEqual(await loadPhoto(photo), { reason: "photo.unreachable" });
  } finally {
    site.close();
  }
});

test("a photo without an address is had from the maker", async () => {
  const photo = /** @type {const} */ ({ shows: "part", sha256: digest("a"), media_type: "image/png" });
  assert.deepEqual(await loadPhoto(photo), { reason: "photo.elsewhere" });
});

test("a site that does not answer is not the fault of the photo", async (context) => {
  context.mock.method(console, "warn", () => {});
  const photo = /** @type {const} */ ({ shows: "part", sha256: digest("a"), media_type: "image/png", url: "http://127.0.0.1:1/" });
  assert.deepEqual(await loadPhoto(photo), { reason: "photo.unreachable" });
});
