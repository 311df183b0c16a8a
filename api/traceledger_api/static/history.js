// @ts-check
// The content of a verified record in reading order: the oldest part first.
//
// Nothing is verified here. Corrections are applied and voided events are marked, as in
// docs/spec/events.md ("Corrections" and "Voiding"). An event that could not be judged corrects, voids
// and confirms nothing.

import { has } from "./verifier/values.js";

/** @import { Catalogue, JsonObject, RecordedEvent, Verified } from "./verifier/types.d.ts" */
/** @import { Chapter, Entry, History } from "./types.d.ts" */

/** @type {(events: RecordedEvent[], report: Verified, catalogue: Catalogue) => History} */
export function readHistory(events, { item, parties, unchecked }, catalogue) {
  const unjudged = new Set(unchecked.map(({ event }) => event));
  /** @type {Map<string, RecordedEvent[]>} */
  const chains = new Map();
  for (const event of events) {
    const chain = chains.get(event.item);
    if (chain) chain.push(event);
    else chains.set(event.item, [event]);
  }
  const order = oldestFirst(item, chains, catalogue);
  const chapters = order.map((name) => chapterOf(name, chains.get(name) ?? [], catalogue, unjudged));
  return {
    item,
    chapters,
    own: chapters[chapters.length - 1],
    madeOf: usedParts(chapters),
    names: new Map(parties.map(({ party, name }) => [party, name])),
  };
}

/** @type {(events: RecordedEvent[], catalogue: Catalogue) => string[]} */
function sourcesOf(events, { sources }) {
  return (events[0].payload.refs ?? []).filter((ref) => sources.includes(ref.as)).map((ref) => ref.item);
}

// The items in post-order from the record's own; links may name items that are not shown.
/** @type {(item: string, chains: Map<string, RecordedEvent[]>, catalogue: Catalogue) => string[]} */
function oldestFirst(item, chains, catalogue) {
  /** @type {string[]} */
  const order = [];
  const waiting = [{ name: item, done: false }];
  const seen = new Set();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { name, done } = next;
    const chain = chains.get(name);
    if (done) order.push(name);
    else if (chain && !seen.has(name)) {
      seen.add(name);
      waiting.push({ name, done: true });
      for (const source of sourcesOf(chain, catalogue).reverse()) waiting.push({ name: source, done: false });
    }
  }
  return order;
}

/** @type {(item: string, events: RecordedEvent[], catalogue: Catalogue, unjudged: Set<string>) => Chapter} */
function chapterOf(item, events, catalogue, unjudged) {
  const voided = new Set(events.filter(({ id, payload }) => payload.kind === "void" && !unjudged.has(id)).map(targetOf));
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  for (const event of events) {
    const { id, payload: { kind, occurred, iss: party, data } } = event;
    const { _sd, ...values } = data;
    const target = entries.get(targetOf(event));
    const isJudged = !unjudged.has(id);
    const effective = isJudged && !voided.has(id);
    if (kind === "confirm" && target && effective) {
      target.answers.push({ id, party, result: data.result });
      continue;
    }
    if (kind === "correct" && target && effective) {
      target.corrected = true;
      Object.assign(target.values, data.set_public);
    }
    entries.set(id, {
      id,
      kind,
      party,
      // The day on which it occurred, as stated, in the signer's time zone.
      day: occurred.slice(0, 10),
      values: /** @type {JsonObject} */ (values),
      isKnown: has(catalogue.kinds, kind),
      isJudged,
      isImportAgain: kind === "import" && (event.payload.refs ?? []).some(({ as }) => as === "parent"),
      answers: [],
      corrected: false,
      void: voided.has(id),
    });
  }
  const own = [...entries.values()];
  return { item, opening: own[0].kind, entries: own, sources: sourcesOf(events, catalogue) };
}

/** @type {(event: RecordedEvent) => string} */
function targetOf({ payload: { refs = [] } }) {
  return refs.find(({ as }) => as === "target")?.event ?? "";
}

// The used parts that went into the item itself, without those of an earlier life.
/** @type {(chapters: Chapter[]) => Chapter[]} */
function usedParts(chapters) {
  const byItem = new Map(chapters.map((chapter) => [chapter.item, chapter]));
  const wanted = [...chapters[chapters.length - 1].sources];
  /** @type {Set<Chapter>} */
  const found = new Set();
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    const chapter = byItem.get(name);
    if (!chapter || chapter.opening === "assemble" || found.has(chapter)) continue;
    found.add(chapter);
    wanted.push(...chapter.sources);
  }
  return [...found];
}

// All events of a kind that could be judged and were not voided.
/** @type {(chapter: Chapter, kind: string) => Entry[]} */
export function allOf({ entries }, kind) {
  return entries.filter((entry) => entry.kind === kind && entry.isJudged && !entry.void);
}

// The last of them.
/** @type {(chapter: Chapter, kind: string) => Entry | undefined} */
export function latestOf(chapter, kind) {
  return allOf(chapter, kind).pop();
}
