// @ts-check
// The page verify.html: takes two files and an item, runs the verifier, shows the result.

/**
 * @import {
 *   Json, Mention, MentionOfFields, Report, ShownEvent, Verified
 * } from "./types.d.ts"
 */

/** @typedef {string | Node | (string | Node | (string | Node)[])[]} Content */

const RESULTS = {
  verified: [
    "✓ Verified",
    "All checks passed. These are all the events about this part in this ledger, signed by the parties named.",
  ],
  incomplete: ["! Incomplete", "Nothing is false, but something is missing:"],
  refused: ["✗ Refused", "Do not rely on this record: a check failed."],
  unchecked: [
    "– Not checked",
    "The trust file or the id of the part cannot be read. Choose the right file or correct the id.",
  ],
  unsupported: [
    "– Not checked in your browser",
    "This browser cannot check Ed25519 signatures. Use a newer browser, or the command traceledger verify.",
  ],
};
/** @type {Record<string, string>} */
const CODES = {
  "trust.first-use":
    "The trust file came from the ledger itself, so the ledger vouches for itself.",
  "quorum.none":
    "The trust file requires no witness, so others may have been shown a different history.",
  "quorum.missing": "Too few of the witnesses that the trust file requires have cosigned.",
  "replay.missing": "No trusted witness that replays the whole log has cosigned.",
  "age.stale": "The cosignatures are older than the trust file allows. Fetch the passport again.",
  "event.kind": "A kind of event that this version does not know.",
  "rules.newer": "The ledger follows newer rules than this version knows.",
};
const MAX_FILE = 4 * 1024 * 1024;

/** @type {(id: string) => HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {(id: string) => HTMLInputElement} */
const inputOf = (id) => /** @type {HTMLInputElement} */ (byId(id));
/** @type {{ passport: Uint8Array | undefined; trust: Uint8Array | undefined }} */
const files = { passport: undefined, trust: undefined };

// Creates an element with attributes and children; text is never parsed as markup.
/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {Content[]} children
 * @returns {HTMLElement}
 */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes))
    element.setAttribute(attribute, value);
  element.append(...children.flat(2));
  return element;
}

/** @type {(title: string, ...content: HTMLElement[]) => HTMLElement[]} */
const section = (title, ...content) => [make("h2", {}, title), ...content];
/** @type {(texts: string[]) => HTMLElement} */
const bullets = (texts) =>
  make(
    "ul",
    {},
    texts.map((text) => make("li", {}, text)),
  );
// Hebrew and Arabic text would also move the words beside it, so it is isolated (U+2068, U+2069).
/** @type {(text: string) => string} */
const isolate = (text) =>
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(text)
    ? `\u2068${text}\u2069`
    : text;

/** @type {(name: string) => string} */
const words = (name) => name.toLowerCase().replaceAll("_", " ");
/** @type {(seconds: number) => string} */
const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "long", timeStyle: "long" });

/** @type {(rows: string[][]) => HTMLElement} */
function pairs(rows) {
  return make(
    "dl",
    {},
    rows.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
}

/** @type {(name: "passport" | "trust", file: File | undefined) => Promise<void>} */
async function take(name, file) {
  const shown = byId(`${name}-name`);
  files[name] = undefined;
  if (!file) return;
  if (file.size > MAX_FILE) {
    shown.textContent = `${isolate(file.name)} is too large to be a ${name === "trust" ? "trust file" : name}.`;
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  files[name] = bytes;
  const fingerprint = name === "trust" ? `, fingerprint ${await fingerprintOf(bytes)}` : "";
  shown.textContent = `${isolate(file.name)}, ${bytes.length.toLocaleString()} bytes${fingerprint}`;
  const box = /** @type {HTMLElement} */ (shown.closest(".file"));
  box.dataset.filled = "";
}

function listen() {
  for (const name of /** @type {const} */ (["passport", "trust"])) {
    const input = inputOf(name);
    const box = /** @type {HTMLElement} */ (input.closest(".file"));
    input.addEventListener("change", () => take(name, input.files?.[0]));
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      box.dataset.over = "";
    });
    box.addEventListener("dragleave", () => delete box.dataset.over);
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      delete box.dataset.over;
      take(name, event.dataTransfer?.files[0]);
    });
  }
  // A file dropped outside a box must not make the browser leave this page.
  for (const kind of ["dragover", "drop"])
    document.addEventListener(kind, (event) => event.preventDefault());
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
}

async function check() {
  const item = itemOf(inputOf("item").value);
  const { passport, trust } = files;
  const missing = [
    [passport, "the passport"],
    [trust, "the trust file"],
    [item, "the id of the part"],
  ]
    .filter(([given]) => !given)
    .map(([, what]) => what);
  byId("missing").textContent = missing.length ? `Still needed: ${missing.join(", ")}.` : "";
  if (!passport || !trust || !item) return;
  const now = Math.floor(Date.now() / 1000);
  /** @type {Report | undefined} */
  let report;
  try {
    report = await verifyPassport(passport, trust, item, {
      now,
      catalogue: CATALOGUE,
      firstUse: inputOf("first-use").checked,
    });
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
  }
  const result = byId("result");
  result.replaceChildren(
    ...(report ? describeReport(report, item, passport) : [verdictOf("unsupported")]),
  );
  result.hidden = false;
  result.focus();
}

/** @type {(result: keyof typeof RESULTS) => HTMLElement} */
function verdictOf(result) {
  const [title, text] = RESULTS[result];
  return make(
    "div",
    { class: "verdict", "data-result": result },
    make("strong", {}, title),
    make("p", {}, text),
  );
}

/** @type {(report: Report, item: string, passport: Uint8Array) => HTMLElement[]} */
function describeReport(report, item, passport) {
  const verdict = verdictOf(report.result);
  if (report.result === "refused" || report.result === "unchecked") {
    const place = [
      ["Item requested", item],
      ["Check", report.codes[0]],
      ["What failed", report.message],
      ["In the history of", report.chain],
      ["Event", report.event],
    ].flatMap(([name, value]) => (name && value ? [[name, value]] : []));
    return [verdict, pairs(place), expert(report)];
  }
  verdict.append(
    ...(report.codes.length ? [bullets(report.codes.map((code) => CODES[code]))] : []),
  );
  return [
    ...warnings(report),
    verdict,
    ...facts(report),
    ...unchecked(report),
    history(report, passport),
    expert(report),
  ];
}

/** @type {(report: Verified) => HTMLElement[]} */
function warnings({ recalls, holds, disputed }) {
  /** @type {(title: string, text: string) => HTMLElement} */
  const warn = (title, text) =>
    make("div", { class: "warning" }, make("strong", {}, title), make("p", {}, text));
  return [
    ...recalls.map((recall) =>
      warn(
        "Do not use: recalled",
        `${recall.chain}. Campaign ${isolate(recall.campaign)}, severity ${recall.severity}, action: ${words(recall.action)}. Ask ${isolate(recall.contact)}.`,
      ),
    ),
    ...holds.map((hold) => warn(`On hold by ${hold.authority}`, hold.chain)),
    ...disputed.map((event) =>
      warn(
        "Disputed",
        `${words(event.kind)} of ${event.chain} was signed with a key that was compromised.`,
      ),
    ),
  ];
}

/** @type {(report: Verified) => HTMLElement[]} */
function facts({
  item,
  state,
  overlays,
  origin,
  size,
  as_of: asOf,
  cosigners,
  parties,
  parts,
  attested,
  asserted,
}) {
  /** @type {(mentions: Mention[]) => string} */
  const kinds = (mentions) => [...new Set(mentions.map(({ kind }) => words(kind)))].join(", ");
  const rows = [
    ["Part", item],
    ["State", [state, ...overlays].map(words).join(", ")],
    ["As of", asOf === undefined ? "no time is proven" : moment(asOf)],
    ["Ledger", `${origin}, ${size.toLocaleString()} entries`],
    [
      "Cosigned by",
      cosigners.map(({ name, time }) => `${name} (${moment(time)})`).join("; ") || "no witness",
    ],
    ["Signed by", parties.map(({ party, name }) => `${isolate(name)} (${party})`).join("; ")],
    [
      "Made from",
      parts
        .map((part) => `${part.item} (${[part.state, ...part.overlays].map(words).join(", ")})`)
        .join("; "),
    ],
    ["Attested by customs", attested.length ? `signed or confirmed: ${kinds(attested)}` : ""],
    ["Asserted about customs", asserted.length ? `by others only: ${kinds(asserted)}` : ""],
  ];
  return section("What the record states", pairs(rows.filter(([, value]) => value)));
}

/** @type {(report: Verified) => HTMLElement[]} */
function unchecked({ unchecked: newer, withheld, erased, not_followed: links }) {
  /** @type {(list: MentionOfFields[]) => string} */
  const names = (list) => [...new Set(list.flatMap(({ fields }) => fields))].sort().join(", ");
  const texts = [
    newer.length &&
      `Events that this version cannot judge: ${newer.map(({ kind, chain }) => `${words(kind)} of ${chain}`).join(", ")}.`,
    withheld.length && `Fields that are not shown to you: ${names(withheld)}.`,
    erased.length && `Fields that were erased: ${names(erased)}.`,
    links.length && `The histories of ${[...new Set(links.map((link) => link.item))].join(", ")}.`,
    "Whether the claims are true, the event times are right, and the object in your hand is this part.",
  ];
  return section("What was not checked", bullets(texts.flatMap((text) => text || [])));
}

// Every event of the items shown, grouped by item.
/** @type {(report: Verified, passport: Uint8Array) => HTMLElement} */
function history({ parties }, passport) {
  const names = new Map(parties.map(({ party, name }) => [party, name]));
  const things = listEvents(passport).filter(
    ({ item }) => !/^(?:ledger$|party\/|key\/)/.test(item),
  );
  const items = [...new Set(things.map(({ item }) => item))];
  /** @type {(event: ShownEvent) => HTMLElement} */
  const describeEvent = ({ kind, occurred, party, data }) =>
    make(
      "li",
      {},
      make("strong", {}, words(kind)),
      ` by ${names.get(party) ?? party}, ${occurred.replace("T", " ")}`,
      make("p", { class: "help" }, plain(data)),
    );
  return make(
    "details",
    {},
    make("summary", {}, `All ${things.length} events, as signed`),
    items.map((item) => [
      make("h3", {}, item),
      make("ol", {}, things.filter((one) => one.item === item).map(describeEvent)),
    ]),
  );
}

// Formats the value of a field as text: {"km": 40000, "months": 24} is "km 40000, months 24".
/** @type {(value: Json, depth?: number) => string} */
function plain(value, depth = 0) {
  if (Array.isArray(value)) return value.map((one) => plain(one, depth)).join("; ") || "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "object") return isolate(String(value));
  const [colon, comma] = depth ? [" ", ", "] : [": ", " · "];
  return Object.entries(value)
    .map(([name, one]) => words(name) + colon + plain(one, depth + 1))
    .join(comma);
}

/** @type {(report: Report) => HTMLElement} */
const expert = (report) =>
  make(
    "details",
    {},
    make("summary", {}, "The report as JSON"),
    make("pre", { tabindex: "0", id: "report" }, JSON.stringify(report, undefined, 2)),
  );

listen();
