// @ts-check
// The links of an event, by the catalogue (docs/spec/events.md, Rules across chains).

import { refuse } from "../errors.js";
import { formOf } from "../identifiers/items.js";
import { has } from "../values.js";

/** @import { KnownEvent } from "../types.d.ts" */

/** @type {(event: KnownEvent) => void} */
export function checkLinksForm({ kind, links, row, data, digests, catalogue }) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("ref.form", message);
  /** @type {Set<string>} */
  const seen = new Set();
  for (const link of links) {
    const rule =
      row.links.find((one) => one.as === link.as) ?? refused(`link ${link.as} is unknown`);
    const forms = rule.chains.flatMap((chain) => catalogue.chains[chain]);
    if (forms.length && !forms.includes(formOf(link.item) ?? ""))
      refuse("ref.unknown", `${link.item} is not the id of a ${rule.chains.join(" or ")}`);
    if (seen.has(`${link.as} ${link.item}`)) refused(`${link.item} is named twice`);
    seen.add(`${link.as} ${link.item}`);
    if (has(link, "event") === (rule.at === "none"))
      refused(`link ${link.as} must ${rule.at === "none" ? "not " : ""}name an event`);
  }
  /** @type {(name: string) => string[]} */
  const linked = (name) => links.filter((link) => link.as === name).map((link) => link.item);
  for (const { as, count } of row.links) {
    const given = linked(as).length;
    if (given < (count === "?" ? 0 : 1) || (count !== "+" && given > 1))
      refused(`${given} links ${as} given`);
  }
  const [inputs, primary] = [linked("input"), linked("primary")];
  if (has(data, "output_count") && data.output_count !== linked("output").length)
    refused("output_count is not the number of outputs");
  if (has(data, "input_count")) {
    if (data.input_count !== inputs.length) refused("input_count is not the number of inputs");
    if ((inputs.length > 1 && !primary.length) || primary.some((item) => !inputs.includes(item)))
      refused("one of several inputs must be named as primary");
  }
  if (has(catalogue.weighed, kind) && linked("lot").length && !has(digests, catalogue.weighed[kind]))
    refused(`what goes into a lot is weighed: ${catalogue.weighed[kind]} is missing`);
  if (kind !== "draw_lot") return;
  for (const [name, reason] of Object.entries(catalogue.drawn))
    if (linked(name).length !== Number(data.reason === reason))
      refused(`new parts that are ${data.reason} have another link than ${name}`);
}

// The sort of chain that an event opens.
/** @type {(event: KnownEvent) => string} */
export function chainOf({ item, kind, row, catalogue }) {
  const form = formOf(item) ?? "";
  return (
    row.chains.find((sort) => catalogue.chains[sort].includes(form)) ??
    refuse("life.chain", `${kind} does not apply to ids of the form ${form}`)
  );
}
