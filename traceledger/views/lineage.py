"""The lineage of an item: its origins and what it became part of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from msgspec import Struct

from traceledger.events.token import parse_token
from traceledger.identifiers.items import parse_item
from traceledger.rules.links import SOURCES
from traceledger.views.items import find_row
from traceledger.views.ledger import LedgerView

__all__ = ["MAX_NODES", "Lineage", "LineageEdge", "LineageNode", "read_lineage", "read_origins"]

_SOURCES = SOURCES | {"declaration"}
MAX_NODES = 10_000
"""The number of items from which a lineage follows no further links."""


class LineageNode(Struct, frozen=True, rename={"life": "state"}):
    """An item in the graph with its current state."""

    item: str
    chain: str
    life: str
    part_no: str


class LineageEdge(Struct, frozen=True):
    """A link in the direction of time: `source` went into `target` through the link `link`."""

    source: str
    target: str
    link: str


class Lineage(Struct, frozen=True):
    """The items connected with an item, including itself; nodes ascend by id.

    `rest` lists the items whose own links were not followed, because there are too many: ask for
    their lineage to continue.
    """

    item: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
    rest: tuple[str, ...] = ()


def read_lineage(ledger: LedgerView, item: str, *, limit: int = MAX_NODES) -> Lineage:
    """Follows an item back to its declaration and on to its unit; raises `item.unknown`.

    A declaration line is an end: its other parts are no relatives of the item. No links are
    followed after `limit` items have been found, the nearest first.
    """
    return _follow(ledger, item, limit, lambda name: _edges(ledger, name))


def read_origins(ledger: LedgerView, item: str, *, limit: int = MAX_NODES) -> Lineage:
    """Follows an item back to the items that it was made from, without declaration lines.

    This is what the item's passport shows, and no other chain is read. Raises `item.unknown`.
    """
    return _follow(ledger, item, limit, lambda name: _origins(ledger, name))


def _follow(
    ledger: LedgerView, item: str, limit: int, read_edges: Callable[[str], Iterable[LineageEdge]]
) -> Lineage:
    find_row(ledger, item)
    edges: dict[LineageEdge, None] = {}
    found: dict[str, None] = {item: None}
    waiting = deque([item])
    while waiting and len(found) < limit:
        name = waiting.popleft()
        for edge in read_edges(name) if name == item or not _is_declaration(name) else ():
            edges[edge] = None
            new = [end for end in (edge.source, edge.target) if end not in found]
            found.update(dict.fromkeys(new))
            waiting.extend(new)
    heads = ledger.read_heads(found)
    nodes = tuple(
        LineageNode(name, heads[name].chain, heads[name].life, heads[name].part_no)
        for name in sorted(found)
        if name in heads
    )
    rest = tuple(name for name in waiting if not _is_declaration(name))
    return Lineage(item, nodes, tuple(edges), rest)


def _origins(ledger: LedgerView, item: str) -> list[LineageEdge]:
    first = ledger.find_place(item, 0)
    refs = parse_token(first.body).refs if first else ()
    return [LineageEdge(ref.item, item, ref.as_) for ref in refs if ref.as_ in SOURCES]


def _edges(ledger: LedgerView, item: str) -> list[LineageEdge]:
    found = []
    for entry in ledger.read_chain(item):
        for ref in parse_token(entry.body).refs:
            if ref.as_ in _SOURCES:
                found.append(LineageEdge(ref.item, item, ref.as_))
            elif ref.as_ == "output":
                found.append(LineageEdge(item, ref.item, "parent"))
            elif ref.as_ == "unit":
                found.append(LineageEdge(item, ref.item, "input"))
    return found


def _is_declaration(item: str) -> bool:
    return parse_item(item).form == "declaration"
