// @ts-check
// Check 11: items that link to each other, so that no part is used twice.

import { refuse } from "../errors.js";
import { checkLinksForm } from "../rules/links.js";
import { has, lookUp } from "../values.js";
import { eventsOf, goodsOf } from "./chains.js";

/** @import { Unjudged } from "./unjudged.js" */
/** @import { Chain, Event, Link, Shown } from "../types.d.ts" */

/** @type {(shown: Shown, doubts: Unjudged) => Promise<void>} */
export async function checkJoins(shown, doubts) {
  const things = goodsOf(shown);
  for (const [chain, event] of eventsOf(things))
    if (event.row) await doubts.tolerate(event, [chain.item], () => checkLinksForm(event));
  /** @type {Map<string, string>} */
  const successors = new Map();
  for (const {
    item,
    events: [opening],
  } of things)
    for (const link of opening.links.filter(({ as }) => opening.catalogue.sources.includes(as)))
      await doubts.tolerate(opening, [item, link.item], () =>
        checkSource(lookUp(shown, link.item), link, opening, successors),
      );
  for (const [chain, event] of eventsOf(things)) {
    if (event.kind !== "void") continue;
    const users = things.filter((other) => other !== chain && names(other, event.links));
    // One user about which nothing is in doubt is enough, whatever the others contain.
    const user = users.find(({ item }) => !doubts.covers(chain.item, item)) ?? users[0];
    if (user)
      await doubts.tolerate(event, [chain.item, user.item], () =>
        refuse("life.void", `${user.item} names the event that is voided`),
      );
  }
}

/** @type {(chain: Chain, targets: Link[]) => boolean} */
const names = ({ events }, targets) =>
  events.some(({ links }) =>
    links.some((link) =>
      targets.some((target) => has(link, "event") && link.event === target.event),
    ),
  );

// A source of an item names the item in turn.
/** @type {(source: Chain, link: Link, opening: Event, successors: Map<string, string>) => void} */
function checkSource({ events }, link, opening, successors) {
  const named = events.find((event) => event.id === link.event);
  if (!named) refuse("ref.event", `${link.item} has no event ${link.event}`);
  /** @type {(kind: string) => Event[]} */
  const all = (kind) => events.filter((event) => event.kind === kind);
  if (link.as === "input") {
    const uses = all("consume").flatMap((use) =>
      use.links.map((back) => ({ ...back, seq: use.seq })),
    );
    if (uses.length !== 1 || uses[0].item !== opening.item || uses[0].event !== opening.id)
      refuse("ref.join", `${link.item} is not consumed once, by this event`);
    if (uses[0].seq <= named.seq) refuse("ref.event", "the event named comes after the use");
  } else if (opening.kind === "harvest") {
    const [taken, ...more] = all("disassemble");
    const outputs =
      taken?.links.filter((back) => back.as === "output").map((back) => back.item) ?? [];
    if (taken !== named || more.length || !outputs.includes(opening.item))
      refuse("ref.join", `${link.item} was not taken apart into this part`);
  } else if (opening.kind === "import") {
    const undone = all("void").flatMap((event) => event.links.map((back) => back.event));
    if (!all("reimport").some(({ id, seq }) => seq <= named.seq && !undone.includes(id)))
      refuse("ref.parent", `${link.item} was not reimported`);
    if (successors.has(link.item)) refuse("ref.used", `${link.item} was already reimported as another core`);
    successors.set(link.item, opening.item);
  }
}
