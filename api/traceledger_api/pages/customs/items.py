"""One item: its chain with signatures, its lineage, and what is withheld from this reader."""

from __future__ import annotations

from typing import Any

from traceledger.audit.stock import part_of
from traceledger.errors import NotFoundError
from traceledger.events.token import parse_token
from traceledger.rules.links import SOURCES
from traceledger_api.pages.customs.events import draw_event
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_item"]

_NODES = 60


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
        "tree": _tree(visit, item),
        "withheld": list(withheld.values()),
        "findings": [
            {**one, "href": visit.at(f"/findings/{one['code']}/{item}")}
            for one in visit.described["findings"]
            if one["subject"] == item
        ],
        "page": f"{visit.at.root}/{item}" if thing and thing.chain == "unit" else "",
    }


def _tree(visit: Visit, item: str) -> list[dict[str, Any]]:
    """Returns what an item was made from, at any depth, then what it went into."""
    rows: list[dict[str, Any]] = []
    _sources(visit, item, 0, rows, {item})
    thing = visit.account.picture.things.get(item)
    if thing is not None:
        after = (other for other in (thing.unit, *thing.outputs) if other)
        rows += [_node(visit, other, 0, "into") for other in after]
    return rows


def _sources(
    visit: Visit, item: str, depth: int, rows: list[dict[str, Any]], seen: set[str]
) -> None:
    first = visit.ledger.find_place(item, 0)
    if first is None:
        return
    for ref in parse_token(first.body).refs:
        if ref.as_ not in SOURCES | {"declaration"} or ref.item in seen or len(rows) >= _NODES:
            continue
        seen.add(ref.item)
        rows.append(_node(visit, ref.item, depth, ref.as_))
        if ref.as_ != "declaration":
            _sources(visit, ref.item, depth + 1, rows, seen)


def _node(visit: Visit, item: str, depth: int, link: str) -> dict[str, Any]:
    thing = visit.account.picture.things.get(item)
    return {
        "item": item,
        "name": visit.short(item),
        "href": visit.item(item),
        "depth": depth,
        "link": link,
        "chain": thing.chain if thing else "",
        "life": visit.words.label("states", thing.life) if thing else "",
    }
