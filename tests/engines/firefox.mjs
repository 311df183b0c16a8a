// @ts-check
// Opens pages in a running Firefox over WebDriver BiDi: node firefox.mjs SOCKET < visits
//
// A visit is an address and an expression. Prints what the expressions come to, as one JSON array.

import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PATIENCE = 300_000; // milliseconds, on a machine that is busy

/** @type {[address: string, expression: string][]} */
const visits = JSON.parse(readFileSync(0, "utf8"));
const browser = await puppeteer.connect({
  browserWSEndpoint: process.argv[2],
  protocol: "webDriverBiDi",
  protocolTimeout: PATIENCE,
});
const results = [];
for (const [address, expression] of visits) {
  const page = await browser.newPage();
  await page.goto(address, { timeout: PATIENCE });
  results.push(await page.evaluate(expression));
  await page.close();
}
await browser.disconnect();
console.log(JSON.stringify(results));
