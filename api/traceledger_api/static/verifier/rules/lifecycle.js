// @ts-check
// The life cycle, by the table in the catalogue.

import { refuse } from "../errors.js";

/** @import { Catalogue, KnownEvent } from "../types.d.ts" */

export const RULES = 1;

export const UNKNOWN = "UNKNOWN";

// Whether a kind takes effect only once it is confirmed.
/** @type {(kind: string, sort: string, catalogue: Catalogue) => boolean} */
export const isPendingKind = (kind, sort, { pending }) =>
  pending.some(([one, chain]) => one === kind && chain === sort);

/** @type {(sort: string, life: string, event: KnownEvent, catalogue: Catalogue) => string} */
export function nextLife(sort, life, event, catalogue) {
  if (life !== "" && catalogue.anytime.includes(event.kind)) return life;
  const row = catalogue.life.find(
    ({ chain, before, kind, field, values }) =>
      chain === sort &&
      kind === event.kind &&
      before.includes(life) &&
      (!field || values.includes(event.data[field])),
  );
  return row
    ? row.to
    : refuse("life.transition", `${event.kind} is not possible: ${life || "new"}`);
}
