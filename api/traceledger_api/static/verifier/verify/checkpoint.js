// @ts-check
// Checks 3, 4 and 13: the signed checkpoint, the seal that ends it, and its cosignatures.

import { bigint, encode, equal } from "../bytes.js";
import { refuse } from "../errors.js";
import { parseCheckpoint } from "../formats/checkpoint.js";
import { parseNote } from "../formats/note.js";
import { timeOf } from "../formats/policy.js";
import { parseSeal } from "../formats/seal.js";
import { MAX_AHEAD } from "../formats/trust-list.js";
import { TYPE_LOG, TYPE_WITNESS } from "../formats/vkey.js";
import { leafHash } from "../merkle/hashing.js";
import { checkInclusion } from "../merkle/proofs.js";

/** @import { Bytes, Checkpoint, Opened, Passport, Trust, Vkey } from "../types.d.ts" */

/** @type {(passport: Passport, trust: Trust) => Promise<Opened>} */
export async function openNote(passport, trust) {
  const { text, signatures } = parseNote(passport.checkpoint);
  const keys = [...trust.policy.logs, ...trust.policy.witnesses.values()];
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("note.signature", message);
  const signers = signatures.map((line) =>
    keys.find((key) => key.name === line.name && equal(key.id, line.id)),
  );
  const known = signers.filter((key) => key !== undefined);
  if (new Set(known).size !== known.length) refuse("note.form", "two lines are by the same key");
  /** @type {Map<Vkey, bigint>} */
  const times = new Map();
  for (const [at, key] of signers.entries()) {
    if (!key) continue;
    let [message, { signature }] = [encode(text), signatures[at]];
    if (key.type === TYPE_WITNESS) {
      const time = signature.length === 72 ? bigint(signature.slice(0, 8)) : 0n;
      if (time < 1n || time >= 1n << 63n)
        refuse("cosignature.form", "a cosignature is a time and 64 bytes");
      times.set(key, time);
      [message, signature] = [encode(`cosignature/v1\ntime ${time}\n${text}`), signature.slice(8)];
    }
    if (!(await key.verify(signature, message)))
      refused(`the signature line of ${key.name} does not verify`);
  }
  const logs = known.filter((key) => key.type === TYPE_LOG && key.name === trust.origin);
  if (!logs.length) refused("the log did not sign");
  const checkpoint = await parseCheckpoint(text);
  if (checkpoint.origin !== trust.origin) refused("the checkpoint is from another log");
  if (checkpoint.size > Number.MAX_SAFE_INTEGER)
    refuse("checkpoint.form", "the size exceeds 2^53 - 1");
  if (logs.every((key) => trust.retired.has(key.text)))
    refused("the log signed only with a replaced key");
  return { checkpoint, times };
}

/** @type {(passport: Passport, checkpoint: Checkpoint) => Promise<Bytes>} */
export async function checkSeal({ seal }, checkpoint) {
  const { index, mapRoot } = parseSeal(seal.text);
  if (index !== checkpoint.size - 1n)
    refuse("seal.last", "the seal is not the checkpoint's last leaf");
  const leaf = await leafHash(seal.text);
  await checkInclusion(leaf, index, checkpoint.size, seal.proof, checkpoint.root);
  return mapRoot;
}

// The time as of which the result holds, the cosigners, and the codes of what is missing.
/**
 * @param {Opened} opened
 * @param {Trust} trust
 * @param {number} now
 */
export function judgeFinality({ times }, trust, now) {
  const { policy, replayer, retired } = trust;
  /** @type {Map<string, bigint>} */
  const byName = new Map();
  for (const [name, key] of policy.witnesses) {
    const time = times.get(key);
    if (time !== undefined && !retired.has(key.text) && time <= BigInt(now) + MAX_AHEAD)
      byName.set(name, time);
  }
  const quorum = policy.quorum === "none" ? undefined : timeOf(policy, policy.quorum, byName);
  const replay = replayer === undefined ? undefined : timeOf(policy, replayer, byName);
  const codes = [];
  if (policy.quorum === "none") codes.push("quorum.none");
  else if (quorum === undefined) codes.push("quorum.missing");
  if (replay === undefined) codes.push("replay.missing");
  let asOf;
  if (quorum !== undefined && replay !== undefined) asOf = quorum < replay ? quorum : replay;
  if (asOf !== undefined && BigInt(now) - asOf > BigInt(trust.max_age)) codes.push("age.stale");
  const cosigners = [...byName].map(([name, time]) => ({ name, time: Number(time) }));
  return { codes, cosigners, asOf: asOf === undefined ? {} : { as_of: Number(asOf) } };
}
