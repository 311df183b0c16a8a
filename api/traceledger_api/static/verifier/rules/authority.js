// @ts-check
// Who may sign what (docs/spec/events.md, Authority).

import { refuse } from "../errors.js";

/** @import { Chain, Event, Jwk, KnownEvent, Rights, Signer } from "../types.d.ts" */

/** @type {(event: KnownEvent) => void} */
export function checkPosition({ seq, row, kind }) {
  if ((row.position === "first" && seq > 0) || (row.position === "later" && seq === 0))
    refuse("life.transition", `${kind} is not possible at position ${seq} of a chain`);
}

/** @type {(event: Event, rights: Rights, chain: Chain) => Signer} */
export function findSigner(event, { ledger, party, key }, chain) {
  /** @type {(authority: string) => unknown} */
  const check = (authority) =>
    event.auth === authority || refuse("key.auth", "auth does not name the key's authority");
  /** @type {(roles: string[]) => Signer} */
  const signer = (roles) => ({
    party: event.issuer,
    roles: new Set(roles),
    prefixes: party?.prefixes ?? [],
  });
  if (event.issuer === "ledger") {
    if (isFound(event, chain)) {
      if (event.newKid !== event.kid || event.auth)
        refuse("key.auth", "found must be signed by the root key that it names");
    } else {
      if (ledger?.kid !== event.kid) refuse("key.unknown", `key ${event.kid} is not the root key`);
      check(ledger.authority);
    }
    return signer(["root"]);
  }
  if (!party) refuse("key.unknown", `${event.issuer} is not admitted`);
  if (party.ended) refuse("key.ended", `${event.issuer} was dismissed`);
  if (party.kid === event.kid) {
    check(party.authority);
    return signer(["admin"]);
  }
  if (key?.party !== event.issuer)
    refuse("key.unknown", `key ${event.kid} does not belong to ${event.issuer}`);
  if (key.ended) refuse("key.ended", `key ${event.kid} was revoked`);
  check(key.authority);
  return signer(key.roles.filter((role) => party.roles.includes(role)));
}

/** @type {(event: Event, chain: Chain) => boolean} */
const isFound = (event, chain) =>
  event.kind === "found" && chain.events[0] === event && chain.item === "ledger";

/** @type {(event: KnownEvent, signer: Signer) => void} */
export function checkRole({ row, kind, catalogue }, { roles }) {
  const station = [...roles].some((role) => !catalogue.managers.includes(role));
  if (!(row.by.includes("*") ? station : row.by.some((role) => roles.has(role))))
    refuse("key.role", `the key has no role that may sign ${kind}`);
}

/** @type {(event: Event, signer: Signer, chain: Chain) => void} */
export function checkMaker({ seq, item, kind, issuer, catalogue }, { prefixes }, chain) {
  if (seq === 0) {
    if (!prefixes.some((prefix) => item.startsWith(prefix)))
      refuse("key.prefix", `${issuer} is not admitted for ${item}`);
  } else if (catalogue.maker_kinds.includes(kind) && chain.events[0].issuer !== issuer) {
    refuse("key.maker", `only the party that assembled the unit may ${kind} it`);
  }
}

// The key that an event's kid identifies.
/** @type {(event: Event, rights: Rights) => Jwk | undefined} */
export function findKey(event, { ledger, party, key }) {
  return (
    [key, ledger, party].find((state) => state?.kid === event.kid)?.jwk ??
    (event.kind === "found" && event.item === "ledger" && !ledger
      ? event.data?.root_jwk
      : undefined)
  );
}
