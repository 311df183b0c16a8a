// @ts-check
// The trust file (docs/spec/trust.md).

import { sha256, toHex } from "../bytes.js";
import { recoded, refuse } from "../errors.js";
import { isHash, isUnique, parseCanonical } from "../events/encoding.js";
import { isJwk, loadJwk } from "../events/keys.js";
import { formOf, isPrefix } from "../identifiers/items.js";
import { has, hasMembers, isCount, isText } from "../values.js";
import { decodeHash, isOrigin } from "./encoding.js";
import { parsePolicy } from "./policy.js";

/** @import { Json, LabelKey, Trust } from "../types.d.ts" */

const MAX_TRUST = 1 << 16;
const TRUST = ["customs", "format", "founding", "items", "max_age", "origin", "policy"];

/** @type {(value: unknown, least: number) => value is Json[]} */
const isList = (value, least) =>
  Array.isArray(value) && value.length >= least && value.length <= 64;

/** @type {(bytes: Uint8Array) => Promise<Trust>} */
export async function parseTrust(bytes) {
  /** @type {(holds: unknown, message: string) => asserts holds} */
  function check(holds, message) {
    if (!holds) refuse("trust.form", message);
  }
  check(bytes.length <= MAX_TRUST, "the trust file is larger than 64 KiB");
  const trust = await recoded("trust.form", ["encoding."], () => parseCanonical(bytes));
  check(
    hasMembers(trust, TRUST, ["replayed_by", "until", "label_keys", "verifier"]),
    "a member is missing or unknown",
  );
  const { customs, founding, items, max_age, origin, replayed_by: replayer } = trust;
  const { until = [], label_keys: labels = [], verifier } = trust;
  check(trust.format === "traceledger/trust/v1", "format");
  check(isOrigin(origin), "origin");
  check(isHash(founding), "founding");
  check(isList(customs, 0) && customs.every(isHash), "customs");
  check(isList(items, 1), "items");
  check(items.every(isText), "items");
  check(isCount(max_age) && max_age >= 1, "max_age");
  check(isText(trust.policy), "policy");
  check(replayer === undefined || (isText(replayer) && replayer !== ""), "replayed_by");
  check(isList(until, has(trust, "until") ? 1 : 0), "until");
  check(until.every(isReplaced), "until");
  check(verifier === undefined || isWebAddress(verifier), "verifier");
  check(isList(labels, has(trust, "label_keys") ? 1 : 0), "label_keys");
  const labelKeys = labels.map((one) =>
    isLabelKey(one) ? one : refuse("trust.form", "label_keys"),
  );
  const policy = await parsePolicy(trust.policy);
  check(
    policy.logs.some((log) => log.name === origin),
    "no log of the policy is the origin",
  );
  check(
    replayer === undefined ||
      policy.witnesses.has(replayer) ||
      policy.groups.has(replayer),
    "replayed_by",
  );
  check(items.every(isPrefix), "items");
  check([customs, items, until.map((one) => one.key)].every(isUnique), "twice");
  const vkeys = [...policy.logs, ...policy.witnesses.values()].map((key) => key.text);
  check(
    until.every((one) => vkeys.includes(one.key)),
    "until",
  );
  for (const one of labelKeys) await loadJwk(one.jwk);
  check(isUnique(labelKeys.map((one) => one.jwk)), "label_keys");
  const retired = new Set(until.map((one) => one.key));
  return { customs, founding, items, max_age, origin, policy, replayer, retired, verifier };
}

// A web address as docs/spec/events.md defines it.
const WEB =
  /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[1-9][0-9]{0,4})?(?:\/[!#-;=?-Z_a-z~]*)?$/u;

/** @type {(value: unknown) => value is string} */
const isWebAddress = (value) => isText(value) && value.length <= 500 && WEB.test(value);

// A log key that was replaced, and the last checkpoint that it may sign.
/** @type {(value: unknown) => value is { key: string }} */
function isReplaced(value) {
  return (
    hasMembers(value, ["key", "root", "size"]) &&
    isText(value.key) &&
    decodeHash(value.root) !== undefined &&
    isCount(value.size) &&
    value.size >= 1
  );
}

/** @type {(value: unknown) => value is LabelKey} */
function isLabelKey(value) {
  return (
    hasMembers(value, ["jwk", "party"]) &&
    isJwk(value.jwk) &&
    isText(value.party) &&
    formOf(value.party) === "party"
  );
}

// The fingerprint of a trust file, for comparing by eye (docs/spec/trust.md).
/** @type {(trust: Uint8Array) => Promise<string>} */
export async function fingerprintOf(trust) {
  return toHex((await sha256(trust)).slice(0, 16)).replaceAll(/....(?=.)/g, "$& ");
}
