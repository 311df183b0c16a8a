// @ts-check
// The standing of record and part for a buyer. pages/buyer/standing.py derives the same from the
// same reports.

import { formOf } from "./verifier/identifiers/items.js";
import { has } from "./verifier/values.js";

/** @import { Judged, Verified } from "./verifier/types.d.ts" */
/** @import { Tone } from "./types.d.ts" */

/** @type {Record<string, string>} */
const LIVES = {
  EXPORTED: "released",
  DIVERTED: "released",
  PACKED: "packed",
  APPROVED: "unreleased",
  TESTED: "unreleased",
  ASSEMBLED: "unreleased",
  FAILED: "failed",
  CLAIMED: "claimed",
  REIMPORTED: "reimported",
  DISASSEMBLED: "apart",
  SCRAPPED: "scrapped",
};

/** @type {Record<string, Tone>} */
const TONES = {
  recalled: "stop",
  held_customs: "stop",
  held_quality: "stop",
  released: "good",
  packed: "warn",
  unreleased: "warn",
  failed: "stop",
  claimed: "warn",
  reimported: "warn",
  apart: "stop",
  scrapped: "stop",
};

/** @type {(standing: string) => Tone} */
export const toneOf = (standing) => TONES[standing] ?? "plain";

const STOPS = ["recall", "hold"];

// One word for the part. A recall or hold of a part of the unit applies to the unit; one that could not
// be judged leaves it unknown.
/** @type {(report: Judged) => string} */
export function standingOf(report) {
  if (report.result === "refused") return "unproven";
  if (report.recalls.length) return "recalled";
  for (const authority of ["customs", "quality"])
    if (report.holds.some((hold) => hold.authority === authority)) return `held_${authority}`;
  if (report.state === "UNKNOWN" || report.unchecked.some(({ kind }) => STOPS.includes(kind))) return "unknown";
  if (formOf(report.item) !== "unit") return "component";
  return has(LIVES, report.state) ? LIVES[report.state] : "unknown";
}

// What is missing in a record in which nothing is false. The page states separately that the keys
// are this site's own, which holds for everyone who scans a code for the first time.
/** @type {(report: Pick<Verified, "codes" | "disputed">) => string[]} */
export function reservationsOf({ codes, disputed }) {
  return [...codes.filter((code) => code !== "trust.first-use"), ...(disputed.length ? ["disputed"] : [])];
}

// One word for the record.
/** @type {(report: Judged) => "proven" | "refused" | "reserved"} */
export function recordOf(report) {
  if (report.result === "refused") return "refused";
  return reservationsOf(report).length ? "reserved" : "proven";
}
