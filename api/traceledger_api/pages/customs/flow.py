"""The picture of flow: from import through the zone to the fates, pieces to scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from traceledger.audit.cores import CoreRow
from traceledger.audit.fates import FATES, OPEN
from traceledger.audit.figures import ZERO, Figure, add
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.visit import Visit

__all__ = ["Band", "Flow", "Node", "draw_flow", "stage_of"]

_STAGES = ("built", "apart", "as_came")
_HEIGHT, _GAP, _LEAST = 150.0, 24.0, 2.0
_COLUMNS = (0.0, 440.0, 840.0)
_WIDTH = 12.0


@dataclass(frozen=True, slots=True)
class Node:
    """A bar of the picture with its label."""

    name: str
    x: float
    y: float
    height: float
    pieces: Cell
    kg: Cell
    is_open: bool = False

    @property
    def middle(self) -> float:
        """The height at which its label stands."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Band:
    """A band between two bars, as the data of an SVG path."""

    path: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture: bars of each column, and the bands between them."""

    imported: Node
    stages: tuple[Node, ...]
    fates: tuple[Node, ...]
    bands: tuple[Band, ...]
    height: float


def draw_flow(visit: Visit) -> Flow | None:
    """Draws the cores of the account; None without any."""
    rows = visit.computed.cores
    if not rows:
        return None
    pairs: Counter[tuple[str, str]] = Counter()
    kg: dict[str, Figure] = {}
    for row in rows:
        stage = stage_of(visit, row)
        pairs[stage, row.fate] += 1
        for name in ("imported", stage, row.fate):
            kg[name] = add(kg.get(name, ZERO), row.weight)
    scale = _HEIGHT / len(rows)
    places = decimals(Cell.of(weight).text for weight in kg.values())
    stages = [stage for stage in _STAGES if any(pair[0] == stage for pair in pairs)]
    ends = [fate for fate in FATES if any(pair[1] == fate for pair in pairs)]

    def column(names: Sequence[str], place: int, at: int) -> tuple[Node, ...]:
        nodes, y = [], 0.0
        for name in names:
            count = sum(n for pair, n in pairs.items() if pair[at] == name)
            height = max(_LEAST, count * scale)
            href = visit.at("/items", **{("fate" if at else "stage"): name})
            cells = Cell(str(count), href), Cell.of(kg[name], "", places)
            nodes.append(Node(name, _COLUMNS[place], y, height, *cells, name in OPEN))
            y += max(height + 6, _GAP)
        return tuple(nodes)

    middle, last = column(stages, 1, 0), column(ends, 2, 1)
    whole = Cell(str(len(rows)), visit.at("/items")), Cell.of(kg["imported"], "", places)
    first = Node("imported", 0.0, 0.0, _HEIGHT, *whole)
    bottom = max(node.y + max(node.height, _GAP) for node in (first, *middle, *last))
    return Flow(first, middle, last, tuple(_bands(first, middle, last, pairs, scale)), bottom)


def stage_of(visit: Visit, row: CoreRow) -> str:
    """Returns what was done with a core in the zone: `built`, `apart` or `as_came`."""
    into = visit.account.picture.things.get(row.became) if row.became else None
    if into is not None and into.chain == "unit":
        return "built"
    return "apart" if row.parts else "as_came"


def _bands(
    first: Node,
    stages: tuple[Node, ...],
    fates: tuple[Node, ...],
    pairs: Counter[tuple[str, str]],
    scale: float,
) -> list[Band]:
    bands = []
    left = 0.0
    for stage in stages:
        count = sum(n for pair, n in pairs.items() if pair[0] == stage.name)
        bands.append(_band(first, left, stage, 0.0, count * scale, is_open=False))
        left += count * scale
    arrived: Counter[str] = Counter()
    for stage in stages:
        out = 0.0
        for fate in fates:
            count = pairs[stage.name, fate.name]
            if count:
                begin = arrived[fate.name] * scale
                bands.append(_band(stage, out, fate, begin, count * scale, is_open=fate.is_open))
                out += count * scale
                arrived[fate.name] += count
    return bands


def _band(
    start: Node, out: float, end: Node, begin: float, height: float, *, is_open: bool
) -> Band:
    x, to = start.x + _WIDTH, end.x
    high = max(height, _LEAST)
    top, target = start.y + out, end.y + begin
    bend = (x + to) / 2
    return Band(
        f"M{x:.1f} {top:.1f}C{bend:.1f} {top:.1f} {bend:.1f} {target:.1f} {to:.1f} {target:.1f}"
        f"V{target + high:.1f}"
        f"C{bend:.1f} {target + high:.1f} {bend:.1f} {top + high:.1f} {x:.1f} {top + high:.1f}Z",
        is_open,
    )
