"""Where things stand on a label, in modules of the symbol, and how large a module is printed."""

from __future__ import annotations

import math
import unicodedata
from typing import NamedTuple

from traceledger.errors import UsageError
from traceledger.labels.label import Label, Line
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Layout", "Placed", "lay_out", "module_dots"]

LEAST_MODULE_MM = 0.396
"""GS1 General Specifications: the least module of a QR code for general scanning."""

_MM_PER_INCH = 25.4
_LEAST_DPI, _MOST_DPI = 100, 2400
_LINE_HEIGHT = 1.3
_MOST_TEXT = 5.0  # modules; more only makes the label longer
_WIDE, _NARROW, _BOLD = 1.0, 0.6, 1.08


class Placed(NamedTuple):
    """A line of text, its left end and base line, and its height, in modules."""

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
    """The least whole number of printer's dots that is at least 0.396 mm."""
    if not _LEAST_DPI <= dpi <= _MOST_DPI:
        raise UsageError(
            "usage.option", f"{dpi} dots per inch given; allowed: {_LEAST_DPI} to {_MOST_DPI}"
        )
    return math.ceil(LEAST_MODULE_MM * dpi / _MM_PER_INCH)


def lay_out(label: Label, symbol: Symbol) -> Layout:
    """Puts the lines right of the symbol, over its full height."""
    total = sum(line.scale for line in label.lines) * _LINE_HEIGHT
    unit = min(symbol.size / total, _MOST_TEXT)
    x = float(symbol.size + 2 * QUIET)
    y = QUIET + (symbol.size - unit * total) / 2
    placed = []
    for line in label.lines:
        height = unit * line.scale
        y += height * _LINE_HEIGHT
        placed.append(Placed(line, x, y - height * (_LINE_HEIGHT - 1), height))
    widest = max((one.height * _ems(one.line) for one in placed), default=0)
    return Layout(math.ceil(x + widest) + QUIET, symbol.size + 2 * QUIET, tuple(placed))


def _ems(line: Line) -> float:
    """A width that the text does not exceed in common fonts, against its height."""
    wide = sum(unicodedata.east_asian_width(character) in {"F", "W"} for character in line.text)
    narrow = len(line.text) - wide
    return (wide * _WIDE + narrow * _NARROW) * (_BOLD if line.bold else 1)
