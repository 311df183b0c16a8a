// @ts-check
// Signs in with a key that this browser keeps and cannot export (WebCrypto, IndexedDB).
//
// The key signs an access token whose nonce is the server's challenge. A new key is registered like
// any other: the request file contains its public half and a proof of possession.

const STORE = "keys";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** @typedef {{ private: CryptoKey, jwk: { crv: string, kty: string, x: string, y: string }, kid: string }} Kept */

/** @param {ArrayBuffer | Uint8Array} bytes */
function base64url(bytes) {
  const text = [...new Uint8Array(bytes)].map((byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {string} text */
function encode(text) {
  return new TextEncoder().encode(text);
}

/** @returns {Promise<IDBDatabase>} */
function openStore() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("traceledger-customs", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Reads the key of this browser for a ledger, or stores one.
 * @param {string} origin
 * @param {Kept} [value]
 * @returns {Promise<Kept | undefined>}
 */
async function keyOf(origin, value) {
  const database = await openStore();
  return new Promise((resolve, reject) => {
    const store = database.transaction(STORE, value ? "readwrite" : "readonly").objectStore(STORE);
    const request = value ? store.put(value, origin) : store.get(origin);
    request.onsuccess = () => resolve(value ?? request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<Kept>} */
async function makeKey() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { crv: String(crv), kty: String(kty), x: String(x), y: String(y) };
  const digest = await crypto.subtle.digest("SHA-256", encode(JSON.stringify(jwk)));
  return { private: pair.privateKey, jwk, kid: base64url(digest) };
}

/**
 * @param {Kept} key
 * @param {string} text
 */
async function sign(key, text) {
  return base64url(await crypto.subtle.sign(SIGNING, key.private, encode(text)));
}

/**
 * Returns the request to register a key, as `traceledger key export --request` writes it.
 * @param {string} origin
 * @param {Kept} key
 */
async function makeRequest(origin, key) {
  const item = `key/${key.kid}`;
  const possession = await sign(key, `traceledger/key/v1\n${origin}\n${item}\n${key.kid}\n`);
  return `${JSON.stringify({ item, jwk: key.jwk, possession }, null, 2)}\n`;
}

/**
 * Returns an access token for the challenge; the members are in canonical order.
 * @param {string} root
 * @param {Kept} key
 */
async function makeToken(root, key) {
  const [challenge, identity] = await Promise.all([
    fetchJson(`${root}/customs/challenge`),
    fetchJson(`${root}/api/v1/keys/${key.kid}`),
  ]);
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "ES256", kid: key.kid, typ: "tl-access+jwt" };
  const payload = {
    aud: challenge.aud,
    auth: identity.authority,
    exp: now + 300,
    iat: now,
    iss: identity.issuer,
    jti: challenge.jti,
  };
  const parts = [header, payload].map((part) => base64url(encode(JSON.stringify(part)))).join(".");
  return `${parts}.${await sign(key, parts)}`;
}

/**
 * @param {string} address
 * @returns {Promise<Record<string, string>>}
 */
async function fetchJson(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return /** @type {Record<string, string>} */ (await answer.json());
}

/** @param {Record<string, string>} fields */
function post(fields) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = location.pathname;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/**
 * @param {string} name
 * @param {string} text
 */
function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
}

/** @param {HTMLElement} box */
async function start(box) {
  const { origin = "", root = "", next = "", failed = "" } = box.dataset;
  const use = /** @type {HTMLButtonElement} */ (document.getElementById("use-key"));
  const make = /** @type {HTMLFormElement} */ (document.getElementById("make-key"));
  const status = /** @type {HTMLElement} */ (document.getElementById("key-status"));
  const none = /** @type {HTMLElement} */ (box.querySelector(".key-none"));
  const has = /** @type {HTMLElement} */ (box.querySelector(".key-has"));
  const kid = /** @type {HTMLElement} */ (document.getElementById("kid"));
  let key = await keyOf(origin);

  const show = () => {
    box.hidden = false;
    use.hidden = !key;
    make.hidden = Boolean(key);
    none.hidden = Boolean(key);
    has.hidden = !key;
    kid.textContent = key?.kid ?? "";
  };

  make.addEventListener("submit", (event) => {
    event.preventDefault();
    void makeKey().then(async (created) => {
      key = await keyOf(origin, created);
      save("key-request.json", await makeRequest(origin, created));
      show();
    });
  });
  use.addEventListener("click", () => {
    if (!key) return;
    makeToken(root, key).then((token) => post({ token, next }), () => { status.textContent = failed; });
  });
  show();
}

const box = document.getElementById("browser-key");
if (box && globalThis.crypto?.subtle && globalThis.indexedDB) void start(box);
