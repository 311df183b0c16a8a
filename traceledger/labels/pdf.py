"""Labels as PDF: sheets of A4 or Letter in a grid, or a page for each label."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from reportlab.pdfgen.canvas import (  # type: ignore[import-untyped]  # reportlab has no types
    FILL_NON_ZERO,
    Canvas,
)
from reportlab.pdfgen.pathobject import PDFPathObject  # type: ignore[import-untyped]  # as above

from traceledger.errors import UsageError
from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label
from traceledger.labels.layout import Layout, lay_out, module_dots
from traceledger.labels.outlines import Outline
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Paper", "draw_pdf"]

Paper = Literal["a4", "letter", "label"]

_POINTS_PER_INCH = 72
_POINTS_PER_MM = 72 / 25.4
_SHEETS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # mm
_EM = 1000  # units in the height of a text
# ISO 32000-2, table 58.
_OPERATORS = {"move": "m", "line": "l", "curve": "c", "close": "h"}
_MARGIN, _GAP = 10 * _POINTS_PER_MM, 3 * _POINTS_PER_MM


class _Pen(NamedTuple):
    """The size of a module in points, and the form for each weight and text."""

    module: float
    lines: Mapping[tuple[str, str], str]


class _Piece(NamedTuple):
    symbol: Symbol
    layout: Layout


def draw_pdf(
    labels: Sequence[tuple[Label, Symbol]], dpi: int, fonts: Fonts, *, paper: Paper = "a4"
) -> bytes:
    """Draws labels, at least one, row by row, with modules of whole dots at that resolution.

    The same labels give the same bytes. Raises UsageError `label.size` for a label that is larger
    than the paper.
    """
    pieces = [_Piece(symbol, lay_out(label, symbol, fonts)) for label, symbol in labels]
    module = module_dots(dpi) * _POINTS_PER_INCH / dpi
    written = io.BytesIO()
    canvas = Canvas(written, invariant=1, pageCompression=1)
    canvas.setTitle("Labels")
    pen = _Pen(module, _define_lines(canvas, pieces))
    if paper == "label":
        for piece in pieces:
            width, height = piece.layout.width * module, piece.layout.height * module
            canvas.setPageSize((width, height))
            _draw(canvas, piece, (0, height), pen)
            canvas.showPage()
    else:
        _draw_sheets(canvas, pieces, _SHEETS[paper], pen)
    canvas.save()
    return written.getvalue()


def _draw_sheets(
    canvas: Canvas, pieces: Sequence[_Piece], size: tuple[float, float], pen: _Pen
) -> None:
    width, height = (side * _POINTS_PER_MM for side in size)
    cell_width = max(piece.layout.width for piece in pieces) * pen.module + _GAP
    cell_height = max(piece.layout.height for piece in pieces) * pen.module + _GAP
    across = int((width - 2 * _MARGIN + _GAP) / cell_width)
    down = int((height - 2 * _MARGIN + _GAP) / cell_height)
    if across < 1 or down < 1:
        raise UsageError(
            "label.size", "a label is larger than the sheet; the paper `label` has room"
        )
    for number, piece in enumerate(pieces):
        row, column = divmod(number % (across * down), across)
        if (row, column) == (0, 0):
            if number:
                canvas.showPage()
            canvas.setPageSize((width, height))
        corner = (_MARGIN + column * cell_width, height - _MARGIN - row * cell_height)
        _draw(canvas, piece, corner, pen)
    canvas.showPage()


def _draw(canvas: Canvas, piece: _Piece, corner: tuple[float, float], pen: _Pen) -> None:
    """Draws a label whose upper left corner is there, in units of a module."""
    canvas.saveState()
    canvas.translate(*corner)
    canvas.scale(pen.module, pen.module)
    canvas.drawPath(PDFPathObject(list(_runs(piece))), stroke=0, fill=1)
    for placed in piece.layout.lines:
        canvas.saveState()
        canvas.translate(placed.x, -placed.y)
        canvas.scale(placed.height / _EM, placed.height / _EM)
        canvas.doForm(pen.lines[placed.line.weight, placed.line.text])
        canvas.restoreState()
    canvas.restoreState()


def _define_lines(canvas: Canvas, pieces: Sequence[_Piece]) -> Mapping[tuple[str, str], str]:
    """Defines each line of text once, for all labels that have it; returns the names."""
    names: dict[tuple[str, str], str] = {}
    for placed in (placed for piece in pieces for placed in piece.layout.lines):
        key = (placed.line.weight, placed.line.text)
        if key in names:
            continue
        names[key] = f"line{len(names)}"
        width = math.ceil(placed.outline.width + 1) * _EM
        canvas.beginForm(names[key], -_EM, -_EM, width, 2 * _EM)
        path = PDFPathObject(list(_trace(placed.outline)))
        canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)
        canvas.endForm()
    return names


def _runs(piece: _Piece) -> Iterator[str]:
    """Yields the symbol as rectangles, a run of dark modules each."""
    for y, row in enumerate(piece.symbol.rows, piece.layout.top + 1):
        x = QUIET
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield f"{x} {-y} {length} 1 re"
            x += length


def _trace(outline: Outline) -> Iterator[str]:
    """Yields a text as outlines, in thousandths of its height."""
    for kind, points in outline.steps:
        numbers = "".join(f"{x * _EM:.0f} {-y * _EM:.0f} " for x, y in points)
        yield numbers + _OPERATORS[kind]
