"""The lineage of an item: its origins and what it became part of."""

from __future__ import annotations

from msgspec import Struct

from traceledger.events.token import parse_token
from traceledger.identifiers.items import parse_item
from traceledger.rules.links import SOURCES
from traceledger.views.items import find_row
from traceledger.views.ledger import LedgerView

__all__ = ["Lineage", "LineageEdge", "LineageNode", "find_origins", "read_lineage"]

_SOURCES = SOURCES | {"declaration"}
_MAX_NODES = 10_000


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
    """All items connected with an item, including itself; nodes ascend by id."""

    item: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]


def read_lineage(ledger: LedgerView, item: str) -> Lineage:
    """Follows an item back to its declaration and on to its unit; raises `item.unknown`.

    A declaration line is an end: its other parts are no relatives of the item.
    """
    find_row(ledger, item)
    edges: dict[LineageEdge, None] = {}
    seen: dict[str, None] = {}
    waiting = [item]
    while waiting and len(seen) < _MAX_NODES:
        name = waiting.pop()
        if name in seen:
            continue
        seen[name] = None
        if _is_declaration(name) and name != item:
            continue
        for edge in _edges(ledger, name):
            edges[edge] = None
            waiting += [edge.source, edge.target]
    heads = ledger.read_heads(seen)
    nodes = tuple(
        LineageNode(name, heads[name].chain, heads[name].life, heads[name].part_no)
        for name in sorted(seen)
        if name in heads
    )
    return Lineage(item, nodes, tuple(edges))


def find_origins(lineage: Lineage) -> Lineage:
    """The part of a lineage that leads to what the item was made from, without declaration lines.

    It is what the item's passport shows; the way on would lead to other units.
    """
    kept = {lineage.item}
    waiting = [lineage.item]
    while waiting:
        target = waiting.pop()
        for edge in lineage.edges:
            source = edge.source
            if edge.target == target and source not in kept and not _is_declaration(source):
                kept.add(source)
                waiting.append(source)
    return Lineage(
        lineage.item,
        tuple(node for node in lineage.nodes if node.item in kept),
        tuple(edge for edge in lineage.edges if {edge.source, edge.target} <= kept),
    )


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
