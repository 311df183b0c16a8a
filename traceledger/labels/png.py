"""Labels as PNG in the printer's own dots, black and white."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from traceledger.labels.fonts import PictureFonts, keep_drawable
from traceledger.labels.label import Label
from traceledger.labels.layout import lay_out, module_dots
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Drawn", "draw_image", "draw_png"]

_BLACK, _WHITE = 0, 1


class Drawn(NamedTuple):
    """A PNG file, and the texts that no font could draw."""

    data: bytes
    left_out: tuple[str, ...]


def draw_png(label: Label, symbol: Symbol, dpi: int, font: Path | None = None) -> Drawn:
    """Draws a label in the dots of a printer; `font` is a font file to use for all text.

    Raises UsageError `usage.option` for a font file that cannot be read.
    """
    image, left_out = draw_image(label, symbol, dpi, font)
    written = io.BytesIO()
    image.save(written, "PNG", dpi=(dpi, dpi), optimize=True)
    return Drawn(written.getvalue(), left_out)


def draw_image(
    label: Label, symbol: Symbol, dpi: int, font: Path | None = None
) -> tuple[Image.Image, tuple[str, ...]]:
    """Draws a label as `draw_png` does: the image, black and white, and what no font could draw."""
    fonts = PictureFonts.choose(font)
    lines, left_out = keep_drawable(label.lines, fonts)
    layout = lay_out(Label(label.link, lines), symbol)
    dots = module_dots(dpi)
    image = Image.new("1", (layout.width * dots, layout.height * dots), _WHITE)
    drawing = ImageDraw.Draw(image)
    for y, row in enumerate(symbol.rows, QUIET):
        for x, dark in enumerate(row, QUIET):
            if dark:
                corner = (x * dots, y * dots, (x + 1) * dots - 1, (y + 1) * dots - 1)
                drawing.rectangle(corner, fill=_BLACK)
    for placed in layout.lines:
        chosen = fonts.find(placed.line.text, round(placed.height * dots))
        if chosen is not None:
            place = (placed.x * dots, placed.y * dots)
            drawing.text(place, placed.line.text, fill=_BLACK, font=chosen, anchor="ls")
    return image, left_out
