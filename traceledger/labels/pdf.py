"""Labels as PDF: sheets of A4 or Letter in a grid, or a page for each label.

Latin text is in Helvetica, which every reader has. Chinese text is in Adobe's STSong-Light, which
readers and printers supply; with a font of the caller's, all text is in that and it is embedded.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # reportlab has no types
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # as above
from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]  # as above
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # as above

from traceledger.errors import UsageError
from traceledger.labels.label import Label, Line
from traceledger.labels.layout import Layout, lay_out, module_dots
from traceledger.labels.png import Drawn
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Paper", "draw_pdf"]

Paper = Literal["a4", "letter", "label"]

_POINTS_PER_INCH = 72
_POINTS_PER_MM = 72 / 25.4
_SHEETS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # mm
_MARGIN, _GAP = 10 * _POINTS_PER_MM, 3 * _POINTS_PER_MM
_SEPARATOR = " / "
_CHINESE = "STSong-Light"
_OWN = "label"


_Choose = Callable[[str, bool], str | None]


class _Pen(NamedTuple):
    """The size of a module in points, and the font for a text."""

    module: float
    choose: _Choose


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
    choose = _own_font(font) if font else _system_font
    left_out: list[str] = []
    pieces = []
    for label, symbol in labels:
        drawable = Label(label.link, tuple(_drawable(label.lines, choose, left_out)))
        pieces.append(_Piece(drawable, symbol, lay_out(drawable, symbol)))
    pen = _Pen(module_dots(dpi) * _POINTS_PER_INCH / dpi, choose)
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


def _draw(canvas: Canvas, piece: _Piece, corner: tuple[float, float], draw: _Pen) -> None:
    """Draws a label whose upper left corner is there, in units of a module."""
    canvas.saveState()
    canvas.translate(*corner)
    canvas.scale(draw.module, draw.module)
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
        for part in _parts(placed.line.text):
            text.setFont(draw.choose(part, placed.line.bold), placed.height)
            text.textOut(part)
        canvas.drawText(text)
    canvas.restoreState()


def _drawable(lines: Sequence[Line], choose: _Choose, left_out: list[str]) -> list[Line]:
    """The lines as far as a font has their characters."""
    kept = []
    for line in lines:
        good = []
        for part in line.text.split(_SEPARATOR):
            if all(choose(one, line.bold) for one in _parts(part)):
                good.append(part)
            else:
                left_out.append(part)
        if good:
            kept.append(line._replace(text=_SEPARATOR.join(good)))
    return kept


def _parts(text: str) -> list[str]:
    """Runs of Latin and of other characters: one font has seldom both well."""
    return ["".join(run) for _, run in groupby(text, _is_latin)]


def _is_latin(character: str) -> bool:
    return ord(character) < 0x100


def _system_font(text: str, bold: bool) -> str | None:  # noqa: FBT001 - a font is bold or not
    if all(map(_is_latin, text)):
        return "Helvetica-Bold" if bold else "Helvetica"
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return None
    if _CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    return _CHINESE


def _own_font(path: Path) -> _Choose:
    try:
        face = TTFont(_OWN, str(path))
    except (TTFError, OSError) as error:
        raise UsageError(
            "usage.option", f"{path} is not a TrueType font that can be embedded"
        ) from error
    pdfmetrics.registerFont(face)

    def choose(text: str, bold: bool) -> str | None:  # noqa: FBT001 - as above
        del bold
        return _OWN if all(ord(one) in face.face.charToGlyph for one in text) else None

    return choose
