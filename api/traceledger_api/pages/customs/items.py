"""One item: its chain with signatures, its lineage, and what is withheld from this reader."""

from __future__ import annotations

from typing import Any

from traceledger.audit.stock import part_of
from traceledger.errors import NotFoundError
from traceledger_api.pages.customs.events import draw_event
from traceledger_api.pages.customs.lineage import draw_graph, draw_tree
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_item"]


def draw_item(visit: Visit, item: str) -> dict[str, Any]:
    """Returns the values of the page of an item; raises NotFoundError `item.unknown`."""
    entries = [entry for entry in visit.ledger.chain(item) if entry.leaf_index < visit.wanted.end]
    if not entries:
        raise NotFoundError("item.unknown", f"this ledger has no {item} at that size")
    events = [draw_event(visit, entry, page=item) for entry in entries]
    thing = visit.account.picture.things.get(item)
    has_steps = thing is not None and bool(thing.steps)
    withheld: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        for field in event["withheld"]:
            row = withheld.setdefault((event["kind"], field["name"]), {**field, "events": []})
            row["events"].append(event)
    return {
        "item": item,
        "chain": thing.chain if thing else item.partition("/")[0],
        "life": visit.words.label("states", thing.life) if thing else "",
        "part_no": part_of(thing) if thing and has_steps else "",
        "line": (visit.line_name(thing.line), visit.item(thing.line))
        if thing and thing.line
        else None,
        "events": events,
        "tree": draw_tree(visit, item),
        "graph": draw_graph(visit, item),
        "withheld": list(withheld.values()),
        "findings": [
            {**one, "href": visit.at(f"/findings/{one['code']}/{item}")}
            for one in visit.described["findings"]
            if one["subject"] == item
        ],
        "page": f"{visit.at.root}/{item}" if thing and thing.chain == "unit" else "",
    }
