// @ts-check
// The story of a part, one line per event: keys of words and the signers' own values.

/**
 * @import { FormerLife, Verified } from "./verifier/types.d.ts"
 * @import { Entry, Fact, History, Line, Scene } from "./types.d.ts"
 * @typedef {{ attested: Set<string>; asserted: Set<string>; former: Map<string, FormerLife> }} Marks
 */

const MINOR = new Set(["clean", "consume", "move", "diagnose", "receive", "erase", "correct"]);
const STOP = new Set(["recall", "hold", "scrap"]);
// Kinds whose sentence depends on the value of a field.
const VARIANTS = new Map([
  ["receive", "result"],
  ["inspect", "grade"],
  ["diagnose", "result"],
  ["calibrate", "result"],
  ["test", "overall"],
  ["approve", "decision"],
  ["hold", "authority"],
  ["customs_check", "result"],
  ["confirm", "result"],
]);

/** @type {(history: History, report: Verified) => Scene[]} */
export function tellStory(history, { attested, asserted, former = [] }) {
  const marks = {
    former: new Map(former.map((life) => [life.event, life])),
    attested: new Set(attested.map(({ event }) => event)),
    asserted: new Set(asserted.map(({ event }) => event)),
  };
  return history.chapters.map((chapter) => ({
    heading: chapter === history.own ? "scene.own" : `scene.${chapter.opening}`,
    item: chapter.item,
    open: chapter === history.own || history.madeOf.includes(chapter),
    lines: chapter.entries.map((entry) => lineOf(entry, history, marks)),
  }));
}

/** @type {(entry: Entry, history: History, marks: Marks) => Line} */
function lineOf(entry, { names }, marks) {
  /** @type {(party: string) => string} */
  const nameOf = (party) => names.get(party) ?? party;
  /** @type {(result: string) => string[]} */
  const answered = (result) =>
    entry.answers.filter((answer) => answer.result === result).map(({ party }) => nameOf(party));
  return {
    title: headingOf(entry),
    facts: [
      ...(entry.isKnown ? (FACTS.get(entry.kind)?.(entry.values) ?? []) : [{ text: entry.kind }]),
      ...formerLife(marks.former.get(entry.id)),
    ],
    day: entry.day,
    by: nameOf(entry.party),
    confirmedBy: answered("confirmed"),
    refusedBy: answered("refused"),
    attested: marks.attested.has(entry.id),
    asserted: marks.asserted.has(entry.id),
    isJudged: entry.isJudged,
    corrected: entry.corrected,
    void: entry.void,
    minor: MINOR.has(entry.kind),
    stop: STOP.has(entry.kind),
    events: [entry.id, ...entry.answers.map(({ id }) => id)],
  };
}

// What is known of a life in another ledger, which an import names.
/** @type {(life: FormerLife | undefined) => Fact[]} */
const formerLife = (life) =>
  life ? [{ label: `story.former.${life.result}`, text: `${life.item}, ${life.origin}` }] : [];

/** @type {(entry: Entry) => string} */
function headingOf({ kind, isKnown, isImportAgain, values }) {
  if (!isKnown) return "story.unknown";
  if (isImportAgain) return "story.import.again";
  const field = VARIANTS.get(kind);
  return field ? `story.${kind}.${values[field]}` : `story.${kind}`;
}

/** @type {(values: any) => Fact[]} */
const troubleCodes = ({ trouble_codes: codes = [] }) =>
  codes.length ? [{ label: "story.trouble_codes", text: codes.join(", ") }] : [];
/** @type {(field: string) => (values: any) => Fact[]} */
const text = (field) => (values) => {
  const texts = [values[field] ?? []].flat();
  return texts.length ? [{ text: texts.join(", ") }] : [];
};

/** @type {(field: string) => (values: any) => Fact[]} */
const term = (field) => (values) => (values[field] ? [{ terms: [values[field]] }] : []);

// The signer's own text; only countries and the words of the vocabulary are translated.
/** @type {Map<string, (values: any) => Fact[]>} */
const FACTS = new Map([
  ["import", (values) => [
    { text: [values.make, values.part_no].filter(Boolean).join(" ") },
    { label: "story.origin", country: values.origin },
  ]],
  ["receive", term("condition")],
  ["inspect", ({ reject_codes: reasons }) => (reasons ? [{ reasons }] : [])],
  ["clean", term("method")],
  ["diagnose", troubleCodes],
  ["repair", ({ faults, action }) => [{ terms: faults.length ? faults : [action] }]],
  ["update", (values) => [
    { text: `${values.from_version} → ${values.to_version}` },
    ...(values.personal_data_erased ? [{ label: "story.data_erased" }] : []),
  ]],
  ["calibrate", text("calibration_id")],
  ["harvest", term("part")],
  ["assemble", text("part_no")],
  ["test", text("plan")],
  ["approve", text("standards")],
  ["pack", (values) => [{ label: "story.batch", text: values.batch }]],
  ["export", (values) => [{ country: values.destination }]],
  ["return", term("reason")],
  ["scrap", term("reason")],
  ["warranty_return", troubleCodes],
  ["recall", (values) => [{ text: values.campaign }, { text: values.criteria }]],
  ["release", text("note")],
  ["void", text("reason")],
  ["correct", text("reason")],
  ["erase", text("ground")],
]);
