"""The layout of a label in modules of the symbol, and the printed size of a module."""

from __future__ import annotations

import math
from typing import NamedTuple

from traceledger.errors import UsageError
from traceledger.labels.fonts import max_width
from traceledger.labels.label import Label, Line
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Layout", "Placed", "lay_out", "module_dots"]

MIN_MODULE_MM = 0.396
"""GS1 General Specifications: the minimum module size of a QR code for general scanning."""

_MM_PER_INCH = 25.4
_MIN_DPI, _MAX_DPI = 100, 2400
_LINE_HEIGHT = 1.3
_MAX_TEXT = 5.0  # modules; larger text only makes the label longer


class Placed(NamedTuple):
    """A line of text with its left end, baseline and height, in modules."""

    line: Line
    x: float
    y: float
    height: float


class Layout(NamedTuple):
    """The size of a label and its lines of text, in modules; the symbol begins at `QUIET`."""

    width: int
    height: int
    lines: tuple[Placed, ...]


def module_dots(dpi: int) -> int:
    """Returns the smallest whole number of printer dots that measures at least 0.396 mm."""
    if not _MIN_DPI <= dpi <= _MAX_DPI:
        raise UsageError(
            "usage.option", f"{dpi} dots per inch given; allowed: {_MIN_DPI} to {_MAX_DPI}"
        )
    return math.ceil(MIN_MODULE_MM * dpi / _MM_PER_INCH)


def lay_out(label: Label, symbol: Symbol) -> Layout:
    """Places the lines to the right of the symbol, over its full height."""
    total = sum(line.scale for line in label.lines) * _LINE_HEIGHT
    unit = min(symbol.size / total, _MAX_TEXT)
    x = float(symbol.size + 2 * QUIET)
    y = QUIET + (symbol.size - unit * total) / 2
    placed = []
    for line in label.lines:
        height = unit * line.scale
        y += height * _LINE_HEIGHT
        placed.append(Placed(line, x, y - height * (_LINE_HEIGHT - 1), height))
    widest = max((text.height * max_width(text.line) for text in placed), default=0)
    return Layout(math.ceil(x + widest) + QUIET, symbol.size + 2 * QUIET, tuple(placed))
