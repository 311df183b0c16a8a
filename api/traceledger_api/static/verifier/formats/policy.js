// @ts-check
// Which log and which witnesses are trusted (docs/spec/trust.md, The policy).

import { equal } from "../bytes.js";
import { refuse } from "../errors.js";
import { has } from "../values.js";
import { isOrigin } from "./encoding.js";
import { TYPE_LOG, TYPE_WITNESS, parseVkey } from "./vkey.js";

/** @import { Policy, Vkey } from "../types.d.ts" */

// C2SP tlog-policy: the logs, the witnesses and groups by name, and the quorum.
/** @type {(text: string) => Promise<Policy>} */
export async function parsePolicy(text) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("policy.form", message);
  if (!text.endsWith("\n") || /[\x00-\x08\x0b-\x1f\x7f]/.test(text))
    refused("the policy contains a control character or does not end in a line break");
  /** @type {Omit<Policy, "quorum"> & { quorum: string | undefined }} */
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined };
  /** @type {Set<string>} */
  const members = new Set();
  /** @type {(name: string) => string} */
  const define = (name) => {
    if (name === "none" || policy.witnesses.has(name) || policy.groups.has(name))
      refused(`the name ${name} is taken`);
    return name;
  };
  /** @type {(name: string) => boolean} */
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  /** @type {Vkey[]} */
  const keys = [];
  /** @type {(vkey: string, type: number) => Promise<Vkey>} */
  const newKey = async (vkey, type) => {
    const key = await parseVkey(vkey);
    if (key.type !== type) refused(`the key of ${key.name} is of the wrong type`);
    if (keys.some((other) => equal(other.raw, key.raw))) refused("a public key occurs twice");
    keys.push(key);
    return key;
  };
  /** @type {Record<string, (...words: string[]) => Promise<void>>} */
  const statements = {
    log: async (vkey, ...url) => {
      if (vkey === undefined || url.length > 1) refused("log VKEY [URL]");
      const key = await newKey(vkey, TYPE_LOG);
      if (!isOrigin(key.name)) refused(`${key.name} is not an origin`);
      policy.logs.push(key);
    },
    witness: async (name, vkey, ...url) => {
      if (vkey === undefined || url.length > 1) refused("witness NAME VKEY [URL]");
      const key = await newKey(vkey, TYPE_WITNESS);
      policy.witnesses.set(define(name), key);
    },
    group: async (name, threshold, ...names) => {
      if (!names.length) refused("group NAME all|any|K MEMBER...");
      for (const member of names) {
        if (!known(member) || members.has(member)) refused(`${member} cannot be a member`);
        members.add(member);
      }
      /** @type {Record<string, number>} */
      const words = { all: names.length, any: 1 };
      const needed = has(words, threshold) ? words[threshold] : Number(threshold);
      if (!/^(?:all|any|[1-9][0-9]*)$/.test(threshold) || needed > names.length)
        refused(`${threshold} of ${names.length} members cannot be required`);
      policy.groups.set(define(name), { needed, members: names });
    },
    quorum: async (name, ...rest) => {
      if (name === undefined || rest.length || policy.quorum !== undefined)
        refused("quorum NAME, once");
      if (name !== "none" && !known(name)) refused(`${name} is neither witness nor group`);
      policy.quorum = name;
    },
  };
  for (const line of text.split("\n").slice(0, -1)) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === undefined || word.startsWith("#")) continue;
    if (!has(statements, word)) refused(`${word} is not a statement of a policy`);
    await statements[word](...rest);
  }
  const { quorum } = policy;
  if (quorum === undefined) return refused("the policy has no quorum");
  return { ...policy, quorum };
}

// The latest time for which the cosignatures of that time or later satisfy a name.
/** @type {(policy: Policy, name: string, times: Map<string, bigint>) => bigint | undefined} */
export function timeOf(policy, name, times) {
  const group = policy.groups.get(name);
  if (!group) return times.get(name);
  const { needed, members } = group;
  const met = members
    .map((member) => timeOf(policy, member, times))
    .filter((time) => time !== undefined);
  return met.sort((one, other) => (one < other ? 1 : -1))[needed - 1];
}
