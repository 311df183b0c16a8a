// @ts-check
// The passport as a file (docs/spec/passport.md).

import { recoded, refuse } from "../errors.js";
import { isHash, parseCanonical } from "../events/encoding.js";
import { isThing, parseItem } from "../identifiers/items.js";
import { ascends, hasMembers, isCount, isText } from "../values.js";
import { decodeHash } from "./encoding.js";

/** @import { Bytes, Catalogue, Passport } from "../types.d.ts" */

const MAX_PASSPORT = 1 << 20;

/** @type {(bytes: Uint8Array, catalogue: Catalogue) => Promise<Passport>} */
export async function parsePassport(bytes, catalogue) {
  /** @type {(holds: unknown, message: string) => asserts holds} */
  function check(holds, message) {
    if (!holds) refuse("passport.form", message);
  }
  check(bytes.length <= MAX_PASSPORT, "the passport is larger than 1 MiB");
  const passport = await recoded("passport.form", ["encoding."], () => parseCanonical(bytes));
  check(
    hasMembers(passport, ["chains", "checkpoint", "format", "item", "order", "seal"]),
    "members",
  );
  const { chains, checkpoint, format, item, order, seal } = passport;
  check(format === "traceledger/passport/v1", "format");
  check(
    isText(item) && isText(checkpoint) && Array.isArray(chains) && Array.isArray(order),
    "members",
  );
  check(hasMembers(seal, ["proof", "text"]) && isText(seal.text), "seal");
  check(isProof(seal.proof, 63) && chains.length >= 2, "members");
  const histories = chains.map((chain) => {
    check(hasMembers(chain, ["events", "item", "map_proof"]) && isText(chain.item), "a chain");
    const { events, map_proof: mapProof } = chain;
    check(Array.isArray(events) && events.length && events.every(isText), "events");
    check(isProof(mapProof, 256), "a map proof");
    return { item: chain.item, events, mapProof };
  });
  const positions = order.map((entry) => {
    check(hasMembers(entry, ["event", "index", "proof"]), "an entry of order");
    const { event, index, proof } = entry;
    check(isHash(event) && isCount(index) && isProof(proof, 63), "an entry of order");
    return { event, index, proof };
  });
  parseItem(item);
  check(isThing(item, catalogue), "item");
  const [first, second, ...others] = histories.map((chain) => parseItem(chain.item));
  check(first === item && second === "ledger", "the first chains");
  check(
    ascends(others) && !others.includes(item) && !others.includes("ledger"),
    "the order of chains",
  );
  check(ascends(positions.map((entry) => entry.index)), "the order of positions");
  /** @type {(proof: string[]) => Bytes[]} */
  const hashes = (proof) =>
    proof.map((hash) => decodeHash(hash) ?? refuse("passport.form", "a hash"));
  return {
    item,
    checkpoint,
    seal: { text: seal.text, proof: hashes(seal.proof) },
    chains: histories.map((chain) => ({ ...chain, mapProof: hashes(chain.mapProof) })),
    order: positions.map((entry) => ({ ...entry, proof: hashes(entry.proof) })),
  };
}

/** @type {(hashes: unknown, most: number) => hashes is string[]} */
const isProof = (hashes, most) =>
  Array.isArray(hashes) && hashes.length <= most && hashes.every(isText);
