// @ts-check
// The effects of events of the ledger, of parties and of keys (docs/spec/events.md, Registration).

import { bytesOf, encode } from "../bytes.js";
import { refuse } from "../errors.js";
import { loadJwk, thumbprint } from "../events/keys.js";
import { has } from "../values.js";

/** @import { Event, Jwk, RegisteringEvent, Registrations } from "../types.d.ts" */

// The field that holds the key, by kind.
/** @type {Record<string, "root_jwk" | "admin_jwk" | "jwk">} */
const NEW_KEYS = { found: "root_jwk", rotate_root: "root_jwk", admit: "admin_jwk", add_key: "jwk" };

// The thumbprint of the key that an event registers, if it registers one.
/** @type {(event: Event) => Promise<string | undefined>} */
export async function newKidOf({ kind, row, data }) {
  const name = has(NEW_KEYS, kind) ? NEW_KEYS[kind] : undefined;
  return row && name ? thumbprint(data[name]) : undefined;
}

/**
 * @type {(event: RegisteringEvent, jwk: Jwk, granted: Set<string>) => Promise<void>}
 */
async function checkNewKey(event, jwk, granted) {
  if (granted.has(event.newKid)) refuse("key.reused", `key ${event.newKid} was already granted`);
  const { verify } = await loadJwk(jwk);
  const message = `traceledger/key/v1\n${event.origin}\n${event.item}\n${event.newKid}\n`;
  if (!(await verify(bytesOf(event.data.possession), encode(message))))
    refuse("key.possession", "the new key did not sign its own registration");
}

// The state after each kind on the chains ledger, party and key, from the state before.
/** @type {Registrations} */
export const GRANTS = {
  found: async (event, rights, before, granted) => {
    await checkNewKey(event, event.data.root_jwk, granted);
    return {
      kid: event.newKid,
      jwk: event.data.root_jwk,
      authority: event.id,
      rules: event.data.rules,
    };
  },
  rotate_root: async (event, rights, before, granted) => {
    await checkNewKey(event, event.data.root_jwk, granted);
    return { ...before, kid: event.newKid, jwk: event.data.root_jwk, authority: event.id };
  },
  rules: async (event, rights, before) => {
    if (event.data.version <= before.rules) refuse("life.rules", "the version is not higher than that in force");
    return { ...before, rules: event.data.version };
  },
  admit: async (event, rights, before, granted) => {
    if (before?.ended) refuse("key.ended", "the party was dismissed");
    const { admin_jwk: jwk, name, roles, prefixes } = event.data;
    await checkNewKey(event, jwk, granted);
    return { kid: event.newKid, jwk, name, roles, prefixes, authority: event.id };
  },
  profile: async (event, rights, before) => {
    if (!before) refuse("key.unknown", "the party was never admitted");
    if (event.issuer !== event.item) refuse("key.role", "only the party itself signs its profile");
    return before;
  },
  dismiss: async (event, rights, before) => {
    if (!before) refuse("key.unknown", "the party was never admitted");
    if (before.ended) refuse("key.ended", "the party was dismissed");
    return { ...before, ended: true };
  },
  add_key: async (event, { party }, before, granted) => {
    const { jwk, roles } = event.data;
    if (event.item !== `key/${event.newKid}`)
      refuse("key.auth", "the chain is not the one of the key");
    await checkNewKey(event, jwk, granted);
    if (!roles.every((role) => party?.roles.includes(role)))
      refuse("key.role", "the party is not admitted for every role of the key");
    const separate = event.catalogue.separate_roles;
    if (separate.every((role) => roles.includes(role)))
      refuse("key.role", `no key has the roles ${separate.join(" and ")} together`);
    return { kid: event.newKid, jwk, roles, party: event.issuer, authority: event.id };
  },
  revoke_key: async (event, rights, before) => {
    if (!before) refuse("key.unknown", "the key was never added");
    if (event.issuer !== "ledger" && event.issuer !== before.party)
      refuse("key.role", "only its party or the root key may revoke a key");
    if (before.ended) refuse("key.ended", "the key was already revoked");
    return { ...before, ended: true, since: event.data.compromised_since };
  },
};
