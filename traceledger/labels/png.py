"""Labels as PNG in the printer's own dots, black and white."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from traceledger.labels.fonts import Fonts
from traceledger.labels.label import Label
from traceledger.labels.layout import lay_out, module_dots
from traceledger.labels.raster import draw_dots
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["draw_image", "draw_png"]

_BLACK, _WHITE = 0, 1


def draw_png(label: Label, symbol: Symbol, dpi: int, fonts: Fonts) -> bytes:
    """Draws a label in the dots of a printer."""
    written = io.BytesIO()
    draw_image(label, symbol, dpi, fonts).save(written, "PNG", dpi=(dpi, dpi), optimize=True)
    return written.getvalue()


def draw_image(label: Label, symbol: Symbol, dpi: int, fonts: Fonts) -> Image.Image:
    """Draws a label as `draw_png` does: the image, black and white."""
    layout = lay_out(label, symbol, fonts)
    dots = module_dots(dpi)
    image = Image.new("1", (layout.width * dots, layout.height * dots), _WHITE)
    drawing = ImageDraw.Draw(image)
    for y, row in enumerate(symbol.rows, layout.top):
        for x, dark in enumerate(row, QUIET):
            if dark:
                corner = (x * dots, y * dots, (x + 1) * dots - 1, (y + 1) * dots - 1)
                drawing.rectangle(corner, fill=_BLACK)
    for placed in layout.lines:
        draw_dots(image, placed, dots, _BLACK)
    return image
