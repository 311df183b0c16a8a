// The types that the scripts exchange, for the type checker; not served.
// The formats are those of docs/spec/; names in the files themselves have underscores.

// ----------------------------------------------------------------------------------------- JSON

/** Bytes in an unshared buffer, as WebCrypto requires. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A value of canonical JSON, docs/spec/events.md; there is no null. */
export type Json = string | number | boolean | Json[] | JsonObject;

export interface JsonObject {
  [member: string]: Json;
}

/** Synchronous or asynchronous work. */
export type Work<T> = () => T | Promise<T>;

// ------------------------------------------------------------------------------------ catalogue

/** catalogue.json: kinds of events, their fields, and the life cycle. */
export interface Catalogue {
  chains: Record<string, string[]>;
  texts: Record<string, { pattern: string; max?: number }>;
  kinds: Record<string, Kind>;
  anytime: string[];
  pending: [kind: string, sort: string][];
  /** The forms of ids of authority chains, each before those that depend on it. */
  authority: string[];
  managers: string[];
  separate_roles: string[];
  maker_kinds: string[];
  /** The roles that may confirm an event of a kind. */
  confirmers: Record<string, string[]>;
  about_others: string[];
  lasting: string[];
  /** The class of lot to which a kind applies. */
  lot_classes: Record<string, string>;
  drawn: Record<string, string>;
  weighed: Record<string, string>;
  stopped_by_recall: string[];
  sources: string[];
  max_depth: number;
  life: Transition[];
}

export interface Kind {
  chains: string[];
  position: "any" | "first" | "later";
  by: string[];
  links: LinkRule[];
  fields: Record<string, Field>;
}

export interface LinkRule {
  as: string;
  chains: string[];
  at: "first" | "head" | "none" | "target";
  count: "+" | "1" | "?";
}

export interface Field {
  reader: "customs" | "internal" | "public";
  fixed: boolean;
  required: boolean;
  allowed: Allowed;
}

/** The values allowed in a field; see traceledger/rules/portable.py. */
export type Allowed =
  | { text: string }
  | { integer: [least: number, most: number] }
  | { boolean: true }
  | { one: unknown[] }
  | (Bounds & { list: Allowed })
  | (Bounds & { map: Allowed; names: Allowed })
  | { object: Record<string, Allowed>; required: string[] }
  | { any: true };

export interface Bounds {
  min?: number;
  max?: number;
}

/** A row of the life cycle. With an empty `field`, no field decides. */
export interface Transition {
  chain: string;
  before: string[];
  kind: string;
  to: string;
  field: string;
  values: unknown[];
}

// ----------------------------------------------------------------------------- keys, notes, trust

export interface Jwk {
  crv: string;
  kty: string;
  x: string;
  y?: string;
}

export type Verify = (signature: Bytes, message: Bytes) => Promise<boolean>;

/** An implementation of Ed25519: imports the 32 bytes of a checked public key. */
export type Ed25519 = (key: Bytes) => Promise<Verify>;

/** A registered key, ready for use. */
export interface Key {
  algorithms: string[];
  verify: Verify;
}

/** A verifier key of a note, C2SP signed-note. */
export interface Vkey {
  text: string;
  name: string;
  id: Bytes;
  type: number;
  raw: Bytes;
  verify: Verify;
}

export interface Note {
  text: string;
  signatures: { name: string; id: Bytes; signature: Bytes }[];
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}

/** C2SP tlog-policy. */
export interface Policy {
  logs: Vkey[];
  witnesses: Map<string, Vkey>;
  groups: Map<string, { needed: number; members: string[] }>;
  quorum: string;
}

/** A trust file, docs/spec/trust.md; `retired` holds the verifier keys that were replaced. */
export interface Trust {
  origin: string;
  founding: string;
  customs: string[];
  items: string[];
  max_age: number;
  policy: Policy;
  replayer: string | undefined;
  retired: Set<string>;
  verifier: string | undefined;
}

/** A trust file in a list, with the log and the items that it is about. */
export interface ListedLedger {
  file: Bytes;
  origin: string;
  items: string[];
}

/** An authority's list of trust files, docs/spec/trust-list.md; times are seconds since 1970. */
export interface TrustList {
  name: string;
  sequence: number;
  issued: number;
  expires: number;
  ledgers: ListedLedger[];
}

/** A list with its key, note and the hash that the note states; nothing is verified. */
export interface SignedTrustList {
  list: TrustList;
  key: Vkey;
  note: Note;
  digest: Bytes;
}

/** A checkpoint with valid signatures, and the time of each cosignature. */
export interface Opened {
  checkpoint: Checkpoint;
  times: Map<Vkey, bigint>;
}

// ---------------------------------------------------------------------------- passport and events

/** A well-formed passport, docs/spec/passport.md, with its proofs as bytes. */
export interface Passport {
  item: string;
  checkpoint: string;
  seal: { text: string; proof: Bytes[] };
  chains: { item: string; events: string[]; mapProof: Bytes[] }[];
  order: Position[];
}

/** The position of an event in the log. */
export interface Position {
  event: string;
  index: number;
  proof: Bytes[];
}

/** The history of one thing, party or key, or of the ledger. */
export interface Chain {
  item: string;
  events: Event[];
  mapProof: Bytes[];
  /** False for the ledger, parties and keys. */
  isThing: boolean;
}

/** The chains of a passport by their items, in the order of the file. */
export type Shown = Map<string, Chain>;

export interface Link {
  as: string;
  item: string;
  event?: string;
}

/** The claims of a token. */
export interface Claims {
  aud: string;
  data: Data;
  iat: number;
  iss: string;
  kind: string;
  occurred: string;
  seq: number;
  sub: string;
  auth?: string;
  prev?: string;
  refs?: Link[];
  site?: string;
}

/**
 * The public fields that the rules read. A kind has the fields that the catalogue gives it, as
 * checkData verified; fields of other kinds are absent.
 */
export interface Data {
  [field: string]: unknown;
  _sd?: Record<string, string>;
  admin_jwk: Jwk;
  action: string;
  authority: string;
  campaign: string;
  class: string;
  compromised_since?: number;
  contact: string;
  fields: string[];
  input_count: number;
  jwk: Jwk;
  name: string;
  output_count: number;
  possession: string;
  prefixes: string[];
  result: string;
  roles: string[];
  root_jwk: Jwk;
  rules: number;
  set_public?: JsonObject;
  severity: string;
  version: number;
}

/** A parsed token. */
export interface Token {
  id: string;
  leaf: Bytes;
  alg: string;
  kid: string;
  signature: Bytes;
  signed: Bytes;
  catalogue: Catalogue;
  kind: string;
  item: string;
  issuer: string;
  auth: string;
  seq: number;
  prev: string;
  origin: string;
  links: Link[];
  data: Data;
  digests: Record<string, string>;
}

interface Shared extends Token {
  disclosures: string[];
  /** The thumbprint of the key that the event registers, if it registers one. */
  newKid?: string | undefined;
}

/** An event of a kind that the catalogue has, which is its `row`. */
export interface KnownEvent extends Shared {
  row: Kind;
}

/** An event of a kind that is newer than the catalogue. */
export interface NewerEvent extends Shared {
  row: undefined;
}

export type Event = KnownEvent | NewerEvent;

// --------------------------------------------------------------------------------------- authority

/** What the ledger, a party or a key is after an event of its chain. */
export interface Standing {
  kid: string;
  jwk: Jwk;
  authority: string;
  ended?: boolean;
}

export interface LedgerStanding extends Standing {
  rules: number;
}

export interface PartyStanding extends Standing {
  name: string;
  roles: string[];
  prefixes: string[];
}

export interface KeyStanding extends Standing {
  party: string;
  roles: string[];
  since?: number | undefined;
}

export type AnyStanding = LedgerStanding | PartyStanding | KeyStanding;

/** The standings by which an event is judged. */
export interface Rights {
  ledger: LedgerStanding | undefined;
  party: PartyStanding | undefined;
  key: KeyStanding | undefined;
}

/** An event that registers a key. */
export type RegisteringEvent = KnownEvent & { newKid: string };

/** A kind of event of ledger, party or key, as a function of the standing before it. */
export type Registration<Before, After, Kind = KnownEvent> = (
  event: Kind,
  rights: Rights,
  before: Before,
  granted: Set<string>,
) => Promise<After>;

export type AnyRegistration = Registration<AnyStanding | undefined, AnyStanding>;

export interface Registrations {
  found: Registration<undefined, LedgerStanding, RegisteringEvent>;
  rotate_root: Registration<LedgerStanding, LedgerStanding, RegisteringEvent>;
  rules: Registration<LedgerStanding, LedgerStanding>;
  admit: Registration<PartyStanding | undefined, PartyStanding, RegisteringEvent>;
  profile: Registration<PartyStanding | undefined, PartyStanding>;
  dismiss: Registration<PartyStanding | undefined, PartyStanding>;
  add_key: Registration<undefined, KeyStanding, RegisteringEvent>;
  revoke_key: Registration<KeyStanding | undefined, KeyStanding>;
}

/** The signer of an event and its rights. */
export interface Signer {
  party: string;
  roles: Set<string>;
  prefixes: string[];
}

export interface Judgement {
  signer: Signer | undefined;
  jwk: Jwk | undefined;
  /** The authority of the party whose key it is. */
  admit: string | undefined;
}

// -------------------------------------------------------------------------------------- life cycle

/** The periods that a book reported for write-off; `end` is the last confirmed, 0 for none. */
export interface Periods {
  end: number;
  opened: boolean;
  waiting: { event: string; end: number }[];
}

/** What the latest event of a thing changed, so that it can be undone. */
export interface Open {
  life: string;
  holds: { event: string; authority: string }[];
  recalls: { event: string; party: string; data: Data; reworked: boolean }[];
  testers: string[];
  pending: { event: string; kind: string; to: string } | undefined;
  periods: Periods;
}

/** The state of a thing. */
export interface Life extends Open {
  sort: string;
  head?: string;
  undone?: Open | undefined;
  byCustoms?: boolean;
  lotClass?: string;
}

export type Effect = (after: Life, event: KnownEvent, signer: Signer, before: Life) => Life;

// ----------------------------------------------------------------------------------------- report

/** A passport of another ledger that is at hand, and the trust file for that ledger. */
export interface Companion {
  passport: Uint8Array;
  trust: Uint8Array;
}

/** Where a page has passports of other ledgers, by SHA-256 in hex, and those ledgers' trust files. */
export interface FormerSource {
  load(digest: string): Promise<Bytes | undefined>;
  trustOf(item: string, passport: Bytes): Promise<Bytes | undefined>;
}

/** The field `former` of an `import`. */
export interface Former {
  origin: string;
  item: string;
  size: number;
  root: string;
  passport_sha256: string;
}

/** A life in another ledger that an `import` names; `missing` if its record is not at hand. */
export interface FormerLife {
  chain: string;
  event: string;
  origin: string;
  item: string;
  result: "verified" | "incomplete" | "missing";
  codes: string[];
  as_of?: number;
}

export interface Options {
  /** Seconds since 1970. */
  now: number;
  companions?: Companion[] | undefined;
  catalogue: Catalogue;
  /** The trust file came from the ledger itself. */
  firstUse?: boolean | undefined;
}

/** Names an event. */
export interface Mention {
  chain: string;
  event: string;
  kind: string;
}

export type MentionOfFields = Mention & { fields: string[] };

/** Refused, or unchecked because the trust file or the item cannot be read. */
export interface Failed<Result extends "refused" | "unchecked"> {
  result: Result;
  codes: [string];
  chain?: string;
  event?: string;
  message: string;
  hint: string;
}

/** The fields of a party's latest `profile` event, all of them optional. */
export interface Profile {
  name_latin?: string;
  name_local?: string;
  address?: string;
  phone?: string;
  email?: string;
  web?: string;
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

export interface Verified {
  result: "verified" | "incomplete";
  codes: string[];
  item: string;
  state: string;
  overlays: string[];
  origin: string;
  size: number;
  as_of?: number;
  cosigners: { name: string; time: number }[];
  parties: { party: string; name: string; profile?: Profile }[];
  parts: { item: string; state: string; overlays: string[] }[];
  holds: { chain: string; event: string; authority: string }[];
  recalls: {
    chain: string;
    event: string;
    party: string;
    campaign: string;
    severity: string;
    action: string;
    contact: string;
  }[];
  disputed: Mention[];
  attested: Mention[];
  asserted: Mention[];
  withheld: MentionOfFields[];
  erased: MentionOfFields[];
  unchecked: Mention[];
  former?: FormerLife[];
  not_followed: { chain: string; event: string; as: string; item: string }[];
}

/** The verdict on a passport, docs/spec/results.md. */
/** Of a record that was checked. */
export type Judged = Failed<"refused"> | Verified;

export type Report = Judged | Failed<"unchecked">;

/** An event as a page shows it. */
export interface ShownEvent {
  item: string;
  kind: string;
  occurred: string;
  party: string;
  data: JsonObject;
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

// ------------------------------------------------------------------------------------------ labels

/** The statement of a label, docs/spec/label.md. */
export interface Statement {
  aud: string;
  event: string;
  item: string;
  kid: string;
  month: string;
}

/** A key that may sign labels, and its party. */
export interface LabelKey {
  jwk: Jwk;
  party: string;
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

/** An event of a verified record, with its id and the key that signed it. */
export interface RecordedEvent {
  id: string;
  item: string;
  kid: string;
  payload: Claims;
}

/** An event with its current public fields. */
export interface Entry {
  id: string;
  kind: string;
  party: string;
  day: string;
  values: JsonObject;
  isKnown: boolean;
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
