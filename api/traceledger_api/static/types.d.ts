// The types that the scripts of the pages exchange, for the type checker; not served.

import type { Bytes, Catalogue, JsonObject, Profile, Verified } from "./verifier/types.d.ts";

// ----------------------------------------------------------------------------- what a buyer reads

/** Where a page has passports of other ledgers, by SHA-256 in hex, and those ledgers' trust files. */
export interface FormerSource {
  load(digest: string): Promise<Bytes | undefined>;
  trustOf(item: string, passport: Bytes): Promise<Bytes | undefined>;
}

/** A text for the workshop, and its language where the maker names it. */
export interface WorkshopNote {
  text: string;
  lang?: string;
}

export interface Warranty {
  months: number;
  km?: number;
  claim?: string;
  proof?: string;
}

/** The optional fields of `approve` that a buyer reads. */
export interface Approval {
  fits?: string[];
  installation?: WorkshopNote[];
  document?: { url: string; sha256: string; title?: string };
}

export interface Photo {
  shows: "part" | "label" | "seal";
  sha256: string;
  media_type: string;
  url?: string;
}

/** A photo that matches its digest, or the key of the words that say why there is none. */
export type PhotoResult = { blob: Blob; reason?: undefined } | { blob?: undefined; reason: string };

/** The words for one language: spellings in normal form, with the reader's text for each. */
export interface Vocabulary {
  language: string;
  words: Record<string, string>;
  parts: Record<string, string>;
  states: Record<string, string>;
  patterns: Record<string, string>;
  units: Record<string, string>;
  codes: Record<string, string>;
}

/** A text and its language, which is empty for a text as its writer typed it. */
export interface Translated {
  text: string;
  lang: string;
}

/** Lines under a caption, whose words have that key; `digest` follows the words `note`. */
export interface Row {
  caption: string;
  lines: { text: string; lang?: string; href?: string | undefined }[];
  note?: string;
  digest?: string;
}

export interface Section {
  title: string;
  rows: Row[];
}

// ----------------------------------------------------------------------------------- typed numbers

/** What a text that a person typed names; traceledger/identifiers/typed.py describes the members. */
export interface Typed {
  shown: string;
  item: string;
  serial: string;
  fit: string;
  host: string;
  doubtful: string;
  mistake: "" | "empty" | "check-digit" | "incomplete" | "form";
}

// ------------------------------------------------------------------------------------ what is shown

export type Tone = "good" | "plain" | "seen" | "stop" | "warn";

/** The content of an element; nothing is drawn for undefined, false and the empty text. */
export type Content = string | Node | null | undefined | false | Content[];

/** The words of a page in one language; see words.js. */
export interface Words {
  language: string;
  /** What is between two sentences. */
  gap: string;
  /** What is between the members of a list. */
  comma: string;
  has: (key: string) => boolean;
  say: (key: string, values?: Record<string, string>) => string;
  /** Of a day, YYYY-MM-DD. */
  day: (written: string) => string;
  /** Of a month, YYYY-MM. */
  month: (written: string) => string;
  /** Of seconds since 1970, as a day and as a moment. */
  date: (seconds: number) => string;
  moment: (seconds: number) => string;
  number: (value: number | string) => string;
  /** Of a unit of ECMA-402, such as month. */
  amount: (value: number, unit: string) => string;
  /** Of a test, a part, a fault or a method, where the vocabulary has it. */
  term: (written: string) => Translated;
  /** Of a reason for a rejection, by its code. */
  reason: (code: string) => Translated;
  /** The symbol of a unit. */
  unit: (code: string) => string;
  /** Of a country's three letters. */
  country: (code: string) => string;
}

/** An event with its current public fields. */
export interface Entry {
  id: string;
  kind: string;
  party: string;
  day: string;
  values: JsonObject;
  isKnown: boolean;
  /** The verifier could judge it. */
  isJudged: boolean;
  isImportAgain: boolean;
  /** Later `confirm` events that name it and were not voided. */
  answers: { id: string; party: string; result: string }[];
  corrected: boolean;
  void: boolean;
}

/** The life of one item. */
export interface Chapter {
  item: string;
  opening: string;
  entries: Entry[];
  /** The items that it was made from. */
  sources: string[];
}

/** An item and everything it was made from: chapters, the oldest first, its own last. */
export interface History {
  item: string;
  chapters: Chapter[];
  own: Chapter;
  madeOf: Chapter[];
  names: Map<string, string>;
}

/** A detail of a line: a label of the words, and the signer's own text, a country or terms. */
export interface Fact {
  label?: string;
  text?: string;
  country?: string;
  terms?: string[];
  reasons?: string[];
}

export interface Line {
  title: string;
  facts: Fact[];
  day: string;
  by: string;
  confirmedBy: string[];
  refusedBy: string[];
  /** Customs signed or confirmed it. */
  attested: boolean;
  /** The signer claims that customs papers exist. */
  asserted: boolean;
  isJudged: boolean;
  corrected: boolean;
  void: boolean;
  minor: boolean;
  stop: boolean;
  /** The ids of all events that the line covers. */
  events: string[];
}

export interface Scene {
  heading: string;
  item: string;
  open: boolean;
  lines: Line[];
}

/** Shares of the width. */
export interface Chart {
  low: number;
  high: number;
  value: number;
}

export interface Measured {
  name: string;
  value: string;
  unit: string;
  low?: string | undefined;
  high?: string | undefined;
  passed: boolean;
  chart: Chart | undefined;
}

export interface TestRun {
  day: string;
  by: string;
  passed: boolean;
  equipment: string;
  results: Measured[];
}

export interface Repairs {
  faults: string[];
  replaced: { part: string; quantity: string }[];
  software: string;
  softwareBefore: string;
  isErased: boolean;
  calibration: string;
}

export interface Signatory {
  name: string;
  titles: string[];
}

export interface Relative {
  depth: number;
  heading: string;
  item: string;
  detail: string;
}

export type Recalled = Verified["recalls"][number] & { criteria: string };

/** What a page states about a part; texts are keys of words or the signers' own. */
export interface Part {
  item: string;
  category: string;
  partNo: string;
  replaces: string[];
  life: number;
  number: { rest: string; tail: string };
  seal: string;
  standing: string;
  tone: Tone;
  recalls: Recalled[];
  released: string | undefined;
  signedBy: string;
  made: string | undefined;
  maker: string;
  batch: string;
  exported: { country: string; day: string } | undefined;
  isAtHome: boolean;
  warranty: (Warranty & { months: number; km?: number }) | undefined;
  approval: Approval;
  photos: Photo[];
  /** How to reach the company that packed or assembled it. */
  profile: Profile | undefined;
  standards: string[];
  tests: TestRun[];
  work: Repairs;
  scenes: Scene[];
  signatories: Signatory[];
  family: Relative[];
  attested: number;
  asserted: number;
  withheld: number;
}

/** How a page shows a part: in which words, and by whose list of keys. */
export interface Setting {
  words: Words;
  /** The host whose keys these are, where they came with the record. */
  host: string;
  contact: string;
  isFirstUse: boolean;
  /** The page comes from the address on a label. */
  isSite: boolean;
  /** Of the trust file. */
  fingerprint: string;
}

/** A page in its places; the identity stays as it is where nothing is proven. */
export interface Drawn {
  identity?: Content;
  verdict: Content;
  look: Content;
  /** drawn after the verdict */
  rest: () => Content;
}

export type LabelVerdict = { isFalse: true } | { isFalse: false; month: string; party: string };

/** What the site showed, where the record states something else. */
export interface Claim {
  shown: string;
  verified: string;
}

// ----------------------------------------------------------------------------------- buyer's page

/** What the server writes into the buyer's page for its script; see pages/buyer/page.py. */
export interface PageData {
  language: string;
  passport: string;
  label: string;
  /** The address of passports of earlier lives, before their SHA-256. */
  former: string;
  trust: string;
  catalogue: string;
  fallback: string;
  checker: string;
  host: string;
  contact: string;
  scans: { total?: number; first?: string; warnings: string[] };
  words: Record<string, string>;
  vocabulary: Vocabulary;
}

/** The data of a page from a static copy: `texts` is the folder of the words in all languages. */
export interface CopiedData extends Omit<PageData, "words" | "vocabulary"> {
  languages: string[];
  texts: string;
  script: string;
}

/** The data of the page with the field for a number in a static copy, whose address is `root`. */
export interface FindData {
  languages: string[];
  root: string;
  texts: string;
  script: string;
}

/** A trust file of a verifier site, and the address of its ledger or an empty text. */
export interface Listed {
  file: string;
  origin: string;
  items: string[];
  ledger: string;
  fingerprint: string;
}

/** The trust list of a verifier site; `key` is the fingerprint of its authority's key. */
export interface Authority {
  file: string;
  key: string;
  name: string;
  sequence: number;
  expires: number;
}

/** What a verifier site is; `fallback` as in `PageData`. A list without a `file` is the authority's. */
export interface SiteData {
  name: string;
  languages: string[];
  lists: Listed[];
  authority?: Authority;
  /** The origins from which photos may be loaded. */
  photos: string[];
  fallback: string;
}

/** The part that a reader wants to check: the host in its link, the statement of its label. */
export interface Wanted {
  item: string;
  host: string;
  statement: string;
}

/** The parts of a service worker that keep a site for use without a network. */
export interface KeepingEvent {
  waitUntil(work: Promise<void>): void;
}

export interface FetchingEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

export interface WorkerScope {
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", listen: (event: KeepingEvent) => void): void;
  addEventListener(name: "fetch", listen: (event: FetchingEvent) => void): void;
}

/** The browser's reader of codes, where it has one. */
export interface BarcodeReader {
  detect(picture: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

/** The reader's own trust file, or the fingerprint of the file that they accept. */
export type OwnTrust = { file: Bytes; fingerprint: "" } | { file: undefined; fingerprint: string };

/** The files on which a verdict rests. */
export interface Loaded {
  passport: Bytes;
  trust: Bytes;
  fingerprint: string;
  isFirstUse: boolean;
  catalogue: Catalogue;
}

// verify.html contains the catalogue and the texts of all languages: see verifier.py.
declare global {
  const CATALOGUE: Catalogue;
  // verifier_site.py puts it before service-worker.js.
  const KEPT: { version: string; files: string[] };
  const LANGUAGES: Record<string, { name: string; texts: Record<string, string>; vocabulary: Vocabulary }>;
}
