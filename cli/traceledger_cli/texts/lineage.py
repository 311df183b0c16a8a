"""A lineage as a text tree or an SVG image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from traceledger.views.lineage import Lineage, LineageNode
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.terminal import style
from traceledger_cli.texts.words import life

__all__ = ["draw_svg", "draw_tree"]

_LINKS = {
    "declaration": ("declared on", "covers"),
    "input": ("made from", "went into"),
    "parent": ("taken from", "gave"),
}
_WIDTH, _HEIGHT = 290, 56
_STEP_X, _STEP_Y = 360, 76
_MARGIN = 20


def draw_tree(lineage: Lineage) -> str:
    """Draws the connected items as a tree with the item at its root, each item once."""
    nodes = {node.item: node for node in lineage.nodes}
    near: dict[str, list[tuple[str, str]]] = {item: [] for item in nodes}
    for edge in lineage.edges:
        backward, forward = _LINKS[edge.link]
        near[edge.target].append((backward, edge.source))
        if edge.source in near:
            near[edge.source].append((forward, edge.target))
    rows = [(style(lineage.item, bold=True), _about(nodes[lineage.item]))]
    rows += _branches(lineage.item, "", near, nodes, {lineage.item})
    return columns(rows)


def draw_svg(lineage: Lineage) -> str:
    """Draws the lineage as an SVG image, from left to right in the order of time."""
    places = _places(lineage)
    parts = []
    for edge in lineage.edges:
        if edge.source in places and edge.target in places:
            (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
            start, end, middle = x1 + _WIDTH, x2, (x1 + _WIDTH + x2) // 2
            y1, y2 = y1 + _HEIGHT // 2, y2 + _HEIGHT // 2
            parts.append(
                f'<path d="M{start} {y1}C{middle} {y1} {middle} {y2} {end} {y2}" fill="none"'
                ' stroke="#888" stroke-width="1.5"/>'
            )
    for node in lineage.nodes:
        x, y = places[node.item]
        fill = "#fff3c4" if node.item == lineage.item else "#fff"
        parts.append(
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{fill}"'
            ' stroke="#333"/>'
            f'<text x="{x + 10}" y="{y + 23}" font-size="13">{escape(node.item)}</text>'
            f'<text x="{x + 10}" y="{y + 43}" font-size="12" fill="#555">'
            f"{escape(_about(node))}</text>"
        )
    width = max(x for x, _ in places.values()) + _WIDTH + _MARGIN
    height = max(y for _, y in places.values()) + _HEIGHT + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif">'
        f"<title>{escape(lineage.item)}</title>{''.join(parts)}</svg>\n"
    )


def _about(node: LineageNode) -> str:
    return ", ".join(
        word for word in (node.chain, node.part_no, life(node.life, node.chain)) if word
    )


def _branches(
    item: str,
    indent: str,
    near: Mapping[str, list[tuple[str, str]]],
    nodes: Mapping[str, LineageNode],
    seen: set[str],
) -> Iterator[tuple[str, str]]:
    branches = [(word, other) for word, other in near[item] if other not in seen]
    seen.update(other for _, other in branches)
    for number, (word, other) in enumerate(branches, 1):
        last = number == len(branches)
        about = _about(nodes[other]) if other in nodes else "not in this ledger"
        yield f"{indent}{'└─' if last else '├─'} {word} {other}", about
        yield from _branches(other, f"{indent}{'   ' if last else '│  '}", near, nodes, seen)


def _places(lineage: Lineage) -> dict[str, tuple[int, int]]:
    """Returns the upper left corner of each item; its column is its longest path from a source."""
    depth = {node.item: 0 for node in lineage.nodes}
    for _ in lineage.nodes:
        moved = False
        for edge in lineage.edges:
            if edge.source in depth and depth.get(edge.target, 0) <= depth[edge.source]:
                depth[edge.target] = depth[edge.source] + 1
                moved = True
        if not moved:
            break
    rows: dict[int, int] = {}
    places = {}
    for item in sorted(depth):
        column = depth[item]
        row = rows.get(column, 0)
        rows[column] = row + 1
        places[item] = (_MARGIN + column * _STEP_X, _MARGIN + row * _STEP_Y)
    return places
