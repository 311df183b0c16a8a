"""Labels as PNG in the printer's own dots, black and white.

The font that comes with Pillow has no Chinese characters. They are drawn if the system or the
caller has a font with them; else what cannot be drawn is left out, and the caller is told: an empty
box on a label would look like a fault of the part.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from traceledger.errors import UsageError
from traceledger.labels.label import Label, Line
from traceledger.labels.layout import lay_out, module_dots
from traceledger.labels.symbol import QUIET, Symbol

__all__ = ["Drawn", "draw_image", "draw_png"]

_BLACK, _WHITE = 0, 1
_SEPARATOR = " / "
_SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
)
# No font has a glyph for it, so that it shows what the font draws for a missing one.
_MISSING = "\U0010ffff"

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


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
    names = (str(font),) if font else _SYSTEM_FONTS
    if font is not None and _load(str(font), 12) is None:
        raise UsageError("usage.option", f"{font} is not a font")
    lines, left_out = _drawable(label, names)
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
        chosen = _choose(placed.line.text, names, round(placed.height * dots))
        if chosen is not None:
            place = (placed.x * dots, placed.y * dots)
            drawing.text(place, placed.line.text, fill=_BLACK, font=chosen, anchor="ls")
    return image, left_out


def _drawable(label: Label, names: tuple[str, ...]) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines as far as a font has their characters, and what is left out."""
    lines, left_out = [], []
    for line in label.lines:
        parts = line.text.split(_SEPARATOR)
        good = [part for part in parts if _choose(part, names, 24) is not None]
        left_out += [part for part in parts if part not in good]
        whole = _SEPARATOR.join(good)
        if _choose(whole, names, 24) is None:
            left_out.append(whole)
        elif good:
            lines.append(line._replace(text=whole))
    return tuple(lines), tuple(left_out)


def _choose(text: str, names: tuple[str, ...], size: int) -> _Font | None:
    return next((font for font in _fonts(names, size) if _covers(font, text)), None)


def _fonts(names: tuple[str, ...], size: int) -> Iterator[_Font]:
    yield ImageFont.load_default(size)
    for name in names:
        font = _load(name, size)
        if font is not None:
            yield font


def _load(name: str, size: int) -> _Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _covers(font: _Font, text: str) -> bool:
    missing = bytes(font.getmask(_MISSING))
    return all(character == " " or bytes(font.getmask(character)) != missing for character in text)
