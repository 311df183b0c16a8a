"""Labels as PDF: sheets of A4 or Letter in a grid, or a page for each label."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # reportlab has no types

from traceledger.errors import UsageError
from traceledger.labels.fonts import PdfFonts, keep_drawable, split_runs
from traceledger.labels.label import Label
from traceledger.labels.layout import Layout, lay_out, module_dots
from traceledger.labels.png import Drawn
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Paper", "draw_pdf"]

Paper = Literal["a4", "letter", "label"]

_POINTS_PER_INCH = 72
_POINTS_PER_MM = 72 / 25.4
_SHEETS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # mm
_MARGIN, _GAP = 10 * _POINTS_PER_MM, 3 * _POINTS_PER_MM


class _Pen(NamedTuple):
    """The size of a module in points, and the fonts."""

    module: float
    fonts: PdfFonts


class _Piece(NamedTuple):
    label: Label
    symbol: Symbol
    layout: Layout


def draw_pdf(
    labels: Sequence[tuple[Label, Symbol]],
    dpi: int,
    *,
    paper: Paper = "a4",
    font: Path | None = None,
) -> Drawn:
    """Draws labels, at least one, row by row, with modules of whole dots at that resolution.

    The same labels give the same bytes. Raises UsageError `usage.option` for a font that cannot be
    embedded, `label.size` for a label that is larger than the paper.
    """
    fonts = PdfFonts(font)
    left_out: list[str] = []
    pieces = []
    for label, symbol in labels:
        lines, missing = keep_drawable(label.lines, fonts)
        left_out += missing
        drawable = Label(label.link, lines)
        pieces.append(_Piece(drawable, symbol, lay_out(drawable, symbol)))
    pen = _Pen(module_dots(dpi) * _POINTS_PER_INCH / dpi, fonts)
    written = io.BytesIO()
    canvas = Canvas(written, invariant=1, pageCompression=1)
    canvas.setTitle("Labels")
    if paper == "label":
        for piece in pieces:
            width, height = piece.layout.width * pen.module, piece.layout.height * pen.module
            canvas.setPageSize((width, height))
            _draw(canvas, piece, (0, height), pen)
            canvas.showPage()
    else:
        _draw_sheets(canvas, pieces, _SHEETS[paper], pen)
    canvas.save()
    return Drawn(written.getvalue(), tuple(left_out))


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
    path = canvas.beginPath()
    for y, row in enumerate(piece.symbol.rows, QUIET):
        x = QUIET
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.rect(x, -(y + 1), length, 1)
            x += length
    canvas.drawPath(path, stroke=0, fill=1)
    for placed in piece.layout.lines:
        text = canvas.beginText(placed.x, -placed.y)
        for part in split_runs(placed.line.text):
            text.setFont(pen.fonts.find(part, bold=placed.line.bold), placed.height)
            text.textOut(part)
        canvas.drawText(text)
    canvas.restoreState()
