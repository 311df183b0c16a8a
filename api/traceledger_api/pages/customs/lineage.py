"""The lineage of an item as of the account's size: a tree to read, and a graph of its relatives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from traceledger.audit.things import Thing
from traceledger_api.pages.customs.visit import Visit

__all__ = ["Graph", "draw_graph", "draw_tree"]

_MOST = 60  # items of a graph, beyond which nobody can read it
_WIDTH, _HEIGHT = 184.0, 38.0
_STEP, _ROW = 244.0, 50.0
_ENDS = frozenset({"declaration", "lot"})
"""Chains from which no links are followed: their other items are no relatives."""


class Edge(NamedTuple):
    """A link in the direction of time.

    `link` is `declaration`, `parent`, `input`, `left` (on an export line) or `lot`.
    """

    source: str
    target: str
    link: str


@dataclass(frozen=True, slots=True)
class Node:
    """An item of the graph: where its box stands, its texts and its address."""

    x: float
    y: float
    name: str
    caption: str
    href: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """A drawing of lineage in pixels; `paths` are the data of SVG paths, `more` what is omitted."""

    nodes: tuple[Node, ...]
    paths: tuple[str, ...]
    width: float
    height: float
    box: tuple[float, float]
    more: int


def draw_tree(visit: Visit, item: str) -> list[dict[str, Any]]:
    """Returns what an item was made from, at any depth, then where it went."""
    rows: list[dict[str, Any]] = []
    _climb(visit, item, 0, rows, {item})
    after = (edge for edge in _edges(visit, item) if edge.source == item)
    return rows + [_row(visit, edge.target, 0, edge.link, into=True) for edge in after]


def draw_graph(visit: Visit, item: str) -> Graph | None:
    """Draws the relatives of an item; None if the tree shows as much."""
    edges, more = _follow(visit, item)
    names = list(dict.fromkeys((item, *(name for edge in edges for name in edge[:2]))))
    if len(names) < 3:
        return None
    ranks = _rank(names, edges)
    columns: dict[int, list[str]] = {}
    for name in sorted(names):
        columns.setdefault(ranks[name], []).append(name)
    tallest = max(map(len, columns.values()))
    places = {
        name: (rank * _STEP, (row + (tallest - len(column)) / 2) * _ROW)
        for rank, column in columns.items()
        for row, name in enumerate(column)
    }
    return Graph(
        nodes=tuple(
            _node(visit, name, places[name], is_own=name == item)
            for rank in sorted(columns)
            for name in columns[rank]
        ),
        paths=tuple(_path(places[edge.source], places[edge.target]) for edge in edges),
        width=max(columns) * _STEP + _WIDTH,
        height=(tallest - 1) * _ROW + _HEIGHT,
        box=(_WIDTH, _HEIGHT),
        more=more,
    )


def _climb(visit: Visit, item: str, depth: int, rows: list[dict[str, Any]], seen: set[str]) -> None:
    for edge in _edges(visit, item):
        if edge.target != item or edge.source in seen or len(rows) >= _MOST:
            continue
        seen.add(edge.source)
        rows.append(_row(visit, edge.source, depth, edge.link, into=False))
        if edge.link != "declaration":
            _climb(visit, edge.source, depth + 1, rows, seen)


def _follow(visit: Visit, item: str) -> tuple[list[Edge], int]:
    """Follows links from an item in both directions; returns them, and how many items are left."""
    things = visit.account.picture.things
    edges: dict[Edge, None] = {}
    found, waiting, left = {item}, deque([item]), set()
    while waiting:
        name = waiting.popleft()
        thing = things.get(name)
        if name != item and (thing is None or thing.chain in _ENDS):
            continue
        for edge in _edges(visit, name):
            other = edge.source if edge.target == name else edge.target
            if other not in found and len(found) >= _MOST:
                left.add(other)
                continue
            edges[edge] = None
            if other not in found:
                found.add(other)
                waiting.append(other)
    return list(edges), len(left)


def _edges(visit: Visit, item: str) -> Iterator[Edge]:
    """Yields the links of an item to others of the account."""
    things = visit.account.picture.things
    thing = things.get(item)
    if thing is not None:
        for edge in _links(item, thing):
            if edge.source in things and edge.target in things:
                yield edge


def _links(item: str, thing: Thing) -> Iterator[Edge]:
    if thing.line:
        yield Edge(thing.line, item, "declaration")
    if thing.origin:
        yield Edge(thing.origin, item, "parent")
    yield from (Edge(part, item, "input") for part in thing.parts)
    yield from (Edge(item, output, "parent") for output in thing.outputs)
    if thing.unit:
        yield Edge(item, thing.unit, "input")
    for step in thing.all("export", "return", "divert"):
        yield Edge(item, step.linked, "left")
    for step in thing.all("scrap", "draw_lot"):
        yield Edge(item, step.linked, "left" if step.linked.startswith("decl/") else "lot")


def _rank(names: Iterable[str], edges: list[Edge]) -> dict[str, int]:
    """Returns the column of each item: one more than the last of those that it came from."""
    ranks = dict.fromkeys(names, 0)
    for _ in ranks:
        before = dict(ranks)
        for edge in edges:
            ranks[edge.target] = max(ranks[edge.target], ranks[edge.source] + 1)
        if ranks == before:
            break
    return ranks


def _path(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + _WIDTH, start[1] + _HEIGHT / 2
    to, down = end[0], end[1] + _HEIGHT / 2
    bend = (x + to) / 2
    return f"M{x:.1f} {y:.1f}C{bend:.1f} {y:.1f} {bend:.1f} {down:.1f} {to:.1f} {down:.1f}"


def _node(visit: Visit, item: str, place: tuple[float, float], *, is_own: bool) -> Node:
    thing = visit.account.picture.things[item]
    caption = visit.words.label("chains", thing.chain)
    if thing.life and thing.chain not in _ENDS:
        caption = visit.words.label("states", thing.life)
    return Node(*place, visit.short(item), caption, visit.item(item), is_own)


def _row(visit: Visit, item: str, depth: int, link: str, *, into: bool) -> dict[str, Any]:
    thing = visit.account.picture.things[item]
    labelled = link == "left" or (into and link != "lot")
    return {
        "name": visit.short(item),
        "href": visit.item(item),
        "depth": depth,
        "link": "" if labelled else visit.words.label("links", link),
        "into": ("left-on" if link == "left" else "into") if labelled else "",
        "life": visit.words.label("states", thing.life) if thing.life else "",
    }
