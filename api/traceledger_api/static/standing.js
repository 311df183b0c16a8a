// @ts-check
// What a buyer is told about record and part. pages/standing.py says the same of the same reports.

/** @import { Report, Verified } from "./types.d.ts" */

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

// One word for the part. What is recalled or held in a part of the unit is so in the unit.
/** @type {(report: Report) => string} */
export function standingOf(report) {
  if (report.result === "refused") return "unproven";
  if (report.recalls.length) return "recalled";
  for (const authority of ["customs", "quality"])
    if (report.holds.some((hold) => hold.authority === authority)) return `held_${authority}`;
  if (report.state === "UNKNOWN") return "unknown";
  if (!/^(?:01|x\/unit)\//.test(report.item)) return "component";
  return Object.hasOwn(LIVES, report.state) ? LIVES[report.state] : "unknown";
}

// What is wanting in a record that nothing is false in. That the keys are this site's own is said
// apart: it is so for everybody who scans a code for the first time.
/** @type {(report: Pick<Verified, "codes" | "disputed">) => string[]} */
export function reservationsOf({ codes, disputed }) {
  return [...codes.filter((code) => code !== "trust.first-use"), ...(disputed.length ? ["disputed"] : [])];
}

// One word for the record.
/** @type {(report: Report) => "proven" | "refused" | "reserved"} */
export function recordOf(report) {
  if (report.result === "refused") return "refused";
  return reservationsOf(report).length ? "reserved" : "proven";
}
