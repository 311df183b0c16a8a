// @ts-check
// What a page states about a part, from a verified record: values, without words or markup.

import { allOf, latestOf, readHistory } from "./history.js";
import { standingOf, toneOf } from "./standing.js";
import { tellStory } from "./story.js";

/** @import { Catalogue, Profile, RecordedEvent, Verified } from "./verifier/types.d.ts" */
/**
 * @import {
 *   Approval, Chapter, Chart, Entry, History, Measured, Part, Relative, Repairs, Scene, Signatory,
 *   TestRun
 * } from "./types.d.ts"
 */

const TAIL = 6; // the fewest characters that a person compares with the object
const GROUP = 4;

/** @type {(events: RecordedEvent[], report: Verified, catalogue: Catalogue) => Part} */
export function describePart(events, report, catalogue) {
  const history = readHistory(events, report, catalogue);
  const { own } = history;
  const [opening, approved, packed] = ["assemble", "approve", "pack"].map((kind) => latestOf(own, kind));
  const exported = latestOf(own, "export");
  const released = approved?.values.decision === "reject" ? undefined : approved;
  const signed = released ?? packed ?? own.entries[0];
  const scenes = tellStory(history, report);
  const standing = standingOf(report);
  return {
    ...identityOf(history),
    standing,
    tone: toneOf(standing),
    seal: textOf(packed?.values.tamper_label),
    recalls: report.recalls.map((recall) => ({
      ...recall,
      criteria: textOf(valuesOf(history, recall.event).criteria),
    })),
    released: released?.day,
    signedBy: history.names.get(signed.party) ?? signed.party,
    made: opening && textOf(opening.values.production_date),
    maker: textOf(packed?.values.remanufacturer),
    batch: textOf(packed?.values.batch),
    exported: exported && { country: textOf(exported.values.destination), day: exported.day },
    isAtHome: report.state === "DIVERTED",
    warranty: released && /** @type {Part["warranty"]} */ (/** @type {unknown} */ (released.values.warranty)),
    approval: /** @type {Approval} */ (released?.values ?? {}),
    photos: /** @type {Part["photos"]} */ (/** @type {unknown} */ (packed?.values.photos ?? [])),
    profile: profileOf(report, packed ?? own.entries[0]),
    standards: released ? /** @type {string[]} */ (released.values.standards) : [],
    tests: allOf(own, "test").reverse().map((entry) => testOf(entry.values, entry.day, nameOf(history, entry.party))),
    work: workOf(history),
    scenes,
    signatories: signatoriesOf(scenes),
    family: familyOf(history),
    attested: report.attested.length,
    asserted: report.asserted.length,
    withheld: report.withheld.reduce((sum, { fields }) => sum + fields.length, 0),
  };
}

/** @type {(value: unknown) => string} */
const textOf = (value) => (value === undefined ? "" : String(value));
/** @type {(history: History, party: string) => string} */
const nameOf = ({ names }, party) => names.get(party) ?? party;
/** @type {(history: History, id: string) => Record<string, unknown>} */
const valuesOf = ({ chapters }, id) =>
  chapters.flatMap(({ entries }) => entries).find((entry) => entry.id === id)?.values ?? {};
/** @type {(report: Verified, entry: Entry) => Profile | undefined} */
const profileOf = ({ parties }, entry) => parties.find(({ party }) => party === entry.party)?.profile;
/** @type {(texts: string[]) => string[]} */
const unique = (texts) => [...new Set(texts)];

/** @type {(history: History) => Pick<Part, "item" | "category" | "partNo" | "replaces" | "life" | "number">} */
function identityOf(history) {
  const arrivals = history.madeOf.flatMap((chapter) => latestOf(chapter, "import") ?? []);
  const arrived = arrivals[0] ?? latestOf(history.own, "import");
  const opening = latestOf(history.own, "assemble");
  return {
    item: history.item,
    category: textOf(arrived?.values.category),
    partNo: firstOf(history.own, "part_no"),
    replaces: arrivals.map(({ values }) => [values.make, values.part_no].filter(Boolean).join(" ")),
    life: Number(opening?.values.reman_cycle ?? 1),
    number: splitNumber(history.item),
  };
}

/** @type {(chapter: Chapter, name: string) => string} */
function firstOf({ entries: [first] }, name) {
  return first.isJudged ? textOf(first.values[name]) : "";
}

// The number of an item, split before the last characters, which a person compares with the object.
/** @type {(item: string) => { rest: string; tail: string }} */
export function splitNumber(item) {
  const number = item.slice(item.lastIndexOf("/") + 1);
  if (!item.includes("/21/")) return { rest: number.slice(0, -TAIL), tail: number.slice(-TAIL) };
  const groups = number.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
  let count = 1;
  while (count < groups.length && groups.slice(-count).join("").length < TAIL) count += 1;
  return { rest: groups.slice(0, -count).join(" "), tail: groups.slice(-count).join(" ") };
}

/** @type {(values: any, day: string, by: string) => TestRun} */
function testOf({ overall, equipment, results }, day, by) {
  return { day, by, passed: overall === "pass", equipment: equipment.id, results: results.map(measuredOf) };
}

/** @type {(result: any) => Measured} */
function measuredOf({ name, value, unit, low, high, pass }) {
  return { name, value, unit, low, high, passed: pass, chart: chartOf(value, low, high) };
}

const EDGE = 0.1; // the share of the allowed range that is drawn on either side of it, for a value outside

// The ends of the allowed range and the value, as shares of the width: all of it, if the value is
// allowed. There is no chart where a limit is missing or the range has no width; a value far outside its
// limits is drawn at the edge.
/** @type {(value: string, low?: string, high?: string) => Chart | undefined} */
export function chartOf(value, low, high) {
  if (low === undefined || high === undefined) return undefined;
  const [at, from, to] = [value, low, high].map(Number);
  if (!(from < to)) return undefined;
  const edge = at < from || at > to ? (to - from) * EDGE : 0;
  const [start, end] = [from - edge, to + edge];
  /** @type {(number: number) => number} */
  const place = (number) => (Math.min(Math.max(number, start), end) - start) / (end - start);
  return { low: place(from), high: place(to), value: place(at) };
}

/** @type {(history: History) => Repairs} */
function workOf({ madeOf, own }) {
  const chapters = [...madeOf, own];
  /** @type {(kind: string) => any[]} */
  const every = (kind) => chapters.flatMap((chapter) => allOf(chapter, kind).map(({ values }) => values));
  const [repairs, updates, calibrations] = ["repair", "update", "calibrate"].map(every);
  const replaced = repairs.flatMap((values) => values.replaced);
  return {
    faults: unique(repairs.flatMap((values) => values.faults)),
    replaced: replaced.filter((one, at) => at === replaced.findIndex((other) =>
      other.part === one.part && other.quantity === one.quantity)),
    software: updates.length ? updates[updates.length - 1].to_version : "",
    softwareBefore: updates.length ? updates[0].from_version : "",
    isErased: updates.some((values) => values.personal_data_erased),
    calibration: calibrations.length ? calibrations[calibrations.length - 1].calibration_id : "",
  };
}

// Each party that signed, with the titles of the lines that it signed and that could be judged.
/** @type {(scenes: Scene[]) => Signatory[]} */
function signatoriesOf(scenes) {
  /** @type {Map<string, Set<string>>} */
  const did = new Map();
  /** @type {(name: string) => Set<string>} */
  const of = (name) => did.get(name) ?? did.set(name, new Set()).get(name) ?? new Set();
  for (const line of scenes.flatMap(({ lines }) => lines).filter(({ isJudged }) => isJudged)) {
    of(line.by).add(line.title);
    line.confirmedBy.forEach(of);
  }
  return [...did].map(([name, titles]) => ({ name, titles: [...titles] }));
}

// The family tree: each item once, at its first depth.
/** @type {(history: History) => Relative[]} */
function familyOf({ item, chapters }) {
  const byItem = new Map(chapters.map((chapter) => [chapter.item, chapter]));
  const waiting = [{ name: item, depth: 0 }];
  /** @type {Map<string, Relative>} */
  const found = new Map();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { name, depth } = next;
    const chapter = byItem.get(name);
    if (!chapter || found.has(name)) continue;
    const detail = firstOf(chapter, "part_no") || firstOf(chapter, "part");
    found.set(name, { depth, heading: depth ? `scene.${chapter.opening}` : "scene.own", item: name, detail });
    for (const source of [...chapter.sources].reverse()) waiting.push({ name: source, depth: depth + 1 });
  }
  return [...found.values()];
}
