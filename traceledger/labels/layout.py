"""The layout of a label in modules of the symbol, and the printed size of a module."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from traceledger.errors import UsageError
from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label, Line
from traceledger.labels.outlines import Outline, measure, outline
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Layout", "Placed", "lay_out", "module_dots"]

MIN_MODULE_MM = 0.396
"""GS1 General Specifications: the minimum module size of a QR code for general scanning."""

_MM_PER_INCH = 25.4
_MIN_DPI, _MAX_DPI = 100, 2400
_LINE_HEIGHT = 1.25
_BASELINE = 0.95  # of the height of a line, from its top
_COLUMN = 84.0  # modules, at most, for the text
# Modules, from the largest to the smallest text; the smallest is 1.6 mm, 16 dots at 203 dpi.
_SIZES = tuple(size / 2 for size in range(20, 7, -1))
_WORD = re.compile(r"\S+\s*")


class Placed(NamedTuple):
    """A line of text with its left end, baseline and height, in modules."""

    line: Line
    outline: Outline
    x: float
    y: float
    height: float


class Layout(NamedTuple):
    """The size of a label, its lines of text and the top of its symbol, in modules."""

    width: int
    height: int
    top: int
    lines: tuple[Placed, ...]


class _Block(NamedTuple):
    """Lines of text in a size, and how much of a label they take, in modules."""

    lines: tuple[Line, ...]
    size: float
    width: float
    height: float


def module_dots(dpi: int) -> int:
    """Returns the smallest whole number of printer dots that measures at least 0.396 mm."""
    if not _MIN_DPI <= dpi <= _MAX_DPI:
        raise UsageError(
            "usage.option", f"{dpi} dots per inch given; allowed: {_MIN_DPI} to {_MAX_DPI}"
        )
    return math.ceil(MIN_MODULE_MM * dpi / _MM_PER_INCH)


def lay_out(label: Label, symbol: Symbol, fonts: Fonts) -> Layout:
    """Places the lines to the right of the symbol, as large as its height and a column allow.

    Long lines are wrapped. Text that does not fit at its smallest size makes the label higher than
    the symbol. Raises UsageError `label.font` for a character that no font has.
    """
    block = _fill(label.lines, symbol.size, fonts)
    inner = max(symbol.size, math.ceil(block.height))
    x = float(symbol.size + 2 * QUIET)
    y = QUIET + (inner - block.height) / 2
    placed = []
    for line in block.lines:
        em = block.size * line.scale
        drawn = outline(line.text, line.weight, fonts)
        placed.append(Placed(line, drawn, x, y + em * _BASELINE, em))
        y += em * _LINE_HEIGHT
    return Layout(
        math.ceil(x + block.width) + QUIET,
        inner + 2 * QUIET,
        QUIET + (inner - symbol.size) // 2,
        tuple(placed),
    )


def _fill(lines: Sequence[Line], height: float, fonts: Fonts) -> _Block:
    """Returns the lines in the largest size in which they fit, or in the smallest."""
    for size in _SIZES[:-1]:
        block = _break(lines, size, fonts)
        if block.height <= height and block.width <= _COLUMN:
            return block
    return _break(lines, _SIZES[-1], fonts)


def _break(lines: Sequence[Line], size: float, fonts: Fonts) -> _Block:
    parts = tuple(part for line in lines for part in _wrap(line, _COLUMN / size, fonts))
    height = sum(line.scale for line in parts) * _LINE_HEIGHT * size
    width = max((_measure(line, fonts) * size for line in parts), default=0.0)
    return _Block(parts, size, width, height)


def _measure(line: Line, fonts: Fonts) -> float:
    return measure(line.text, line.weight, fonts) * line.scale


def _wrap(line: Line, width: float, fonts: Fonts) -> Iterator[Line]:
    """Breaks a line at spaces and between Chinese characters, and a longer word anywhere."""
    if line.whole or _measure(line, fonts) <= width:
        yield line
        return
    now = ""
    for piece in _pieces(line.text):
        longer = now + piece
        if now and _measure(line._replace(text=longer.rstrip()), fonts) > width:
            yield line._replace(text=now.rstrip())
            longer = piece
        now = longer
        while _measure(line._replace(text=now.rstrip()), fonts) > width and len(now) > 1:
            cut = _fitting(line, now, width, fonts)
            yield line._replace(text=now[:cut].rstrip())
            now = now[cut:]
    if now.strip():
        yield line._replace(text=now.rstrip())


def _fitting(line: Line, word: str, width: float, fonts: Fonts) -> int:
    """Counts the leading characters of a word that fit, at least 1."""
    fits, over = 1, len(word)
    while over - fits > 1:
        middle = (fits + over) // 2
        if _measure(line._replace(text=word[:middle]), fonts) <= width:
            fits = middle
        else:
            over = middle
    return fits


def _pieces(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        start = 0
        for place, character in enumerate(word):
            if place and unicodedata.east_asian_width(character) in {"F", "W"}:
                yield word[start:place]
                start = place
        yield word[start:]
