// The types that the modules of the verifier exchange, for the type checker; not served.
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

/** An event of a verified record, with its id and the key that signed it. */
export interface RecordedEvent {
  id: string;
  item: string;
  kid: string;
  payload: Claims;
}
