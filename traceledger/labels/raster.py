"""Outlines as printer dots: every dot is black whose area is at least half covered."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

from traceledger.labels.layout import Placed
from traceledger.labels.outlines import Step

__all__ = ["draw_dots"]

_FINE = 3  # steps in a dot, each way
_CURVE = 6  # straight lines for a curve
_HALF = [255 if value >= 128 else 0 for value in range(256)]

Point = tuple[float, float]
Crossing = tuple[float, int]
"""Where a contour crosses a row, and in which direction: 1 or -1."""


def draw_dots(image: Image.Image, placed: Placed, dots: int, ink: int) -> None:
    """Draws a line of text into an image of one bit, with modules of that many dots."""
    scale = placed.height * dots * _FINE
    x, y = placed.x * dots * _FINE, placed.y * dots * _FINE
    rows = _cross(
        [(x + at_x * scale, y + at_y * scale) for at_x, at_y in contour]
        for contour in _flatten(placed.outline.steps)
    )
    if not rows:
        return
    top = min(rows) // _FINE
    width, height = image.width, max(rows) // _FINE + 1 - top
    fine = Image.new("L", (width * _FINE, height * _FINE))
    drawing = ImageDraw.Draw(fine)
    for row, crossings in rows.items():
        for start, end in _inside(crossings):
            drawing.rectangle((start, row - top * _FINE, end - 1, row - top * _FINE), fill=255)
    image.paste(ink, (0, top), fine.reduce(_FINE).point(_HALF))


def _cross(contours: Iterator[Sequence[Point]]) -> Mapping[int, list[Crossing]]:
    """Returns the crossings of the middle of each row that the contours cross."""
    rows: dict[int, list[Crossing]] = defaultdict(list)
    for contour in contours:
        for (x0, y0), (x1, y1) in pairwise((*contour, contour[0])):
            if y0 == y1:
                continue
            slope = (x1 - x0) / (y1 - y0)
            turn = 1 if y1 > y0 else -1
            first, last = math.ceil(min(y0, y1) - 0.5), math.ceil(max(y0, y1) - 0.5)
            for row in range(first, last):
                rows[row].append((x0 + (row + 0.5 - y0) * slope, turn))
    return rows


def _inside(crossings: list[Crossing]) -> Iterator[tuple[int, int]]:
    """Yields where a row is inside by the nonzero rule, from a step to before another."""
    winding = 0
    start = 0.0
    for x, turn in sorted(crossings):
        if not winding:
            start = x
        winding += turn
        if not winding and round(x) > round(start):
            yield round(start), round(x)


def _flatten(steps: Sequence[Step]) -> Iterator[list[Point]]:
    """Yields the contours as polygons."""
    contour: list[Point] = []
    for kind, points in steps:
        if kind == "close":
            yield contour
            contour = []
        elif kind == "curve":
            contour += _bend(contour[-1], points)
        else:
            contour += points


def _bend(start: Point, points: Sequence[Point]) -> Iterator[Point]:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (start, *points)
    for step in range(1, _CURVE + 1):
        part = step / _CURVE
        rest = 1 - part
        a, b, c, d = rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
