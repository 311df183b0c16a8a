// @ts-check
// Keys for tables, the search field, and the seed of samples. Every page works without this script.

const FIGURES = "a[href]";

/** @param {HTMLTableElement} table */
function cellsOf(table) {
  return [...table.rows].map((row) => /** @type {HTMLAnchorElement[]} */ ([...row.querySelectorAll(FIGURES)]));
}

/**
 * Moves between the links of a table: one tab stop a table, arrows within it.
 * @param {HTMLTableElement} table
 */
function rove(table) {
  const links = cellsOf(table).flat();
  links.forEach((link, place) => { link.tabIndex = place === 0 ? 0 : -1; });
  table.addEventListener("focusin", (event) => {
    for (const link of links) link.tabIndex = link === event.target ? 0 : -1;
  });
  table.addEventListener("keydown", (event) => {
    const rows = cellsOf(table).filter((row) => row.length > 0);
    const at = rows.findIndex((row) => row.includes(/** @type {HTMLAnchorElement} */ (event.target)));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const column = row.indexOf(/** @type {HTMLAnchorElement} */ (event.target));
    const to = target(event.key, rows, at, column);
    if (to) {
      event.preventDefault();
      to.focus();
    }
  });
}

/**
 * @param {string} key
 * @param {HTMLAnchorElement[][]} rows
 * @param {number} at
 * @param {number} column
 * @returns {HTMLAnchorElement | undefined}
 */
function target(key, rows, at, column) {
  switch (key) {
    case "ArrowRight": return rows[at][column + 1];
    case "ArrowLeft": return rows[at][column - 1];
    case "ArrowDown": return rows[at + 1]?.[Math.min(column, rows[at + 1].length - 1)];
    case "ArrowUp": return rows[at - 1]?.[Math.min(column, rows[at - 1].length - 1)];
    case "Home": return rows[at][0];
    case "End": return rows[at][rows[at].length - 1];
    default: return undefined;
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const field = /** @type {HTMLElement} */ (event.target);
  if (field.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q")?.focus();
  } else if (event.key === "Backspace") {
    event.preventDefault();
    history.back();
  } else if (event.key === "c") {
    const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector('a[href*=".csv"]'));
    link?.click();
  }
}

/** Focuses the link that was followed, when the reader comes back. */
function keepFocus() {
  const name = `focus ${location.pathname}${location.search}`;
  document.addEventListener("click", (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest("a");
    if (link) sessionStorage.setItem(name, link.getAttribute("href") ?? "");
  });
  const kept = sessionStorage.getItem(name);
  if (kept === null) return;
  sessionStorage.removeItem(name);
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("main a"));
  [...links].find((link) => link.getAttribute("href") === kept)?.focus({ preventScroll: false });
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Chooses the seed of a sample before its list is seen: SHA-256 of the root and 16 random bytes. */
function seedSamples() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.draw[data-root]"));
  if (!form || !globalThis.crypto?.subtle) return;
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("seed"));
  field.placeholder = field.dataset.browser ?? "";
  form.addEventListener("submit", (event) => {
    if (field.value) return;
    event.preventDefault();
    const root = Uint8Array.from(atob(form.dataset.root ?? ""), (char) => char.charCodeAt(0));
    const random = crypto.getRandomValues(new Uint8Array(16));
    const bytes = new Uint8Array([...root, ...random]);
    void crypto.subtle.digest("SHA-256", bytes).then((digest) => {
      field.value = hex(new Uint8Array(digest));
      form.submit();
    });
  });
}

/** Offers to copy the address of the page, which always shows the same figures. */
function offerAddress() {
  const button = document.getElementById("permalink");
  if (!button || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(location.href).then(() => {
      button.textContent = button.dataset.done ?? "";
    });
  });
}

document.documentElement.dataset.script = "";
for (const table of document.querySelectorAll("table[data-keys]")) rove(/** @type {HTMLTableElement} */ (table));
document.addEventListener("keydown", onKey);
if (matchMedia("(min-width: 64rem)").matches) {
  for (const table of document.querySelectorAll("details.as-table")) table.removeAttribute("open");
}
keepFocus();
seedSamples();
offerAddress();
