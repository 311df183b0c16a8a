// @ts-check
// The signed token of an event (docs/spec/events.md, The token).

import { decodeBase64url, encode, encodeBase64url, sha256 } from "../bytes.js";
import { recoded, refuse } from "../errors.js";
import { parseItem } from "../identifiers/items.js";
import { has, hasMembers, isText } from "../values.js";
import { isHash, parseCanonical } from "./encoding.js";
import { checkClaims, checkData, checkDigests, checkRestricted } from "./payload.js";

/** @import { Bytes, Catalogue, Event, Token } from "../types.d.ts" */

const MAX_TOKEN = 32_768;

// The content of a token; `row` is its kind in the catalogue, if known.
/** @type {(token: string, catalogue: Catalogue) => Promise<Token & Pick<Event, "row">>} */
export async function parseToken(token, catalogue) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("token.form", message);
  if (token.length > MAX_TOKEN) refuse("token.size", "the token is larger than 32 KiB");
  const parts = token.split(".");
  const [header, claims, signature] = parts.map(decodeBase64url);
  if (parts.length !== 3 || !header || !claims || signature?.length !== 64)
    return refused("a token is header.payload.signature in canonical base64url");
  const { alg, kid } = await recoded("token.form", ["encoding."], () => parseHeader(header));
  /** @type {unknown} */
  const payload = parseCanonical(claims);
  checkClaims(payload);
  const row = has(catalogue.kinds, payload.kind) ? catalogue.kinds[payload.kind] : undefined;
  if (row) checkData(payload.data, row, catalogue);
  else if (has(payload.data, "_sd")) checkDigests(payload.data._sd);
  for (const item of [payload.sub, ...(payload.refs ?? []).map((link) => link.item)])
    parseItem(item);
  if (row) checkRestricted(payload.data._sd ?? {}, row);
  const leaf = await sha256([0], encode(token));
  return {
    id: encodeBase64url(leaf),
    leaf,
    alg,
    kid,
    row,
    signature,
    catalogue,
    signed: encode(token.slice(0, token.lastIndexOf("."))),
    kind: payload.kind,
    item: payload.sub,
    issuer: payload.iss,
    auth: payload.auth ?? "",
    seq: payload.seq,
    prev: payload.prev ?? "",
    origin: payload.aud,
    links: payload.refs ?? [],
    data: payload.data,
    digests: payload.data._sd ?? {},
  };
}

/** @type {(bytes: Bytes) => { alg: string; kid: string }} */
function parseHeader(bytes) {
  const header = parseCanonical(bytes);
  if (
    hasMembers(header, ["alg", "kid", "typ"]) &&
    header.typ === "tl-event+jwt" &&
    isText(header.alg) &&
    ["Ed25519", "EdDSA", "ES256"].includes(header.alg) &&
    isHash(header.kid)
  )
    return { alg: header.alg, kid: header.kid };
  return refuse("token.form", "the header is not that of an event");
}
