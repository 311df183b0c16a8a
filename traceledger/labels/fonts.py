"""Fonts for labels: which is installed, which has the characters, how wide a line may get.

Text that no font can draw is left out and reported: an empty box on a label would look like a fault
of the part. A font file that the caller gives is used for all text.

In a picture, Latin text is in the font that comes with Pillow, which has no Chinese characters;
those need an installed font. In a PDF, Latin text is in Helvetica, which every reader has, and
Chinese text in Adobe's STSong-Light, which readers and printers supply. A font of the
caller's is embedded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # reportlab has no types
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # as above
from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]  # as above

from traceledger.errors import UsageError
from traceledger.labels.label import Line

__all__ = ["Fonts", "PdfFonts", "PictureFonts", "keep_drawable", "max_width", "split_runs"]

PictureFont = ImageFont.FreeTypeFont | ImageFont.ImageFont

_SEPARATOR = " / "
_INSTALLED = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
)
_CHINESE = "STSong-Light"
_EMBEDDED = "label"
# No font has a glyph for it, so that it shows what the font draws for a missing one.
_MISSING = "\U0010ffff"
_PROBE_SIZE = 24  # dots; coverage does not depend on the size
_WIDE, _NARROW, _BOLD = 1.0, 0.6, 1.08


class Fonts(Protocol):
    """The fonts that text can be drawn in."""

    def covers(self, text: str, *, bold: bool) -> bool:
        """Tells whether every character can be drawn."""


class PictureFonts:
    """Fonts for pictures in a printer's dots."""

    def __init__(self, names: Sequence[str] = _INSTALLED) -> None:
        self._names = tuple(names)

    @classmethod
    def choose(cls, font: Path | None) -> PictureFonts:
        """Takes the caller's font file, or what is installed; raises UsageError `usage.option`."""
        if font is None:
            return cls()
        if _load(str(font), _PROBE_SIZE) is None:
            raise UsageError("usage.option", f"{font} is not a font")
        return cls((str(font),))

    def covers(self, text: str, *, bold: bool) -> bool:
        """Tells whether one font has all characters; there is no bold one."""
        del bold
        return self.find(text, _PROBE_SIZE) is not None

    def find(self, text: str, size: int) -> PictureFont | None:
        """Finds a font with all characters, at a size in dots."""
        return next((font for font in self._load_all(size) if _has_glyphs(font, text)), None)

    def _load_all(self, size: int) -> Iterator[PictureFont]:
        yield ImageFont.load_default(size)
        for name in self._names:
            font = _load(name, size)
            if font is not None:
                yield font


class PdfFonts:
    """Fonts for PDF, by the names under which reportlab knows them."""

    def __init__(self, font: Path | None = None) -> None:
        """Embeds the caller's font file, if any; raises UsageError `usage.option`."""
        self._embedded = None if font is None else _embed(font)

    def covers(self, text: str, *, bold: bool) -> bool:
        """Tells whether each run of the text has a font."""
        return all(self.find(run, bold=bold) for run in split_runs(text))

    def find(self, run: str, *, bold: bool) -> str | None:
        """Finds the font for a run of `split_runs`."""
        if self._embedded is not None:
            glyphs = self._embedded.face.charToGlyph
            return _EMBEDDED if all(ord(character) in glyphs for character in run) else None
        if all(map(_is_latin, run)):
            return "Helvetica-Bold" if bold else "Helvetica"
        try:
            run.encode("gb2312")
        except UnicodeEncodeError:
            return None
        if _CHINESE not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
        return _CHINESE


def keep_drawable(lines: Iterable[Line], fonts: Fonts) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Keeps of each line the translations that can be drawn.

    Returns the lines that are left, and the texts that are left out.
    """
    kept, left_out = [], []
    for line in lines:
        parts = line.text.split(_SEPARATOR)
        good = [part for part in parts if fonts.covers(part, bold=line.bold)]
        left_out += [part for part in parts if part not in good]
        whole = _SEPARATOR.join(good)
        if not fonts.covers(whole, bold=line.bold):
            left_out.append(whole)
        elif good:
            kept.append(line._replace(text=whole))
    return tuple(kept), tuple(left_out)


def split_runs(text: str) -> list[str]:
    """Splits a text into runs of Latin and of other characters: few fonts have both well."""
    return ["".join(run) for _, run in groupby(text, _is_latin)]


def max_width(line: Line) -> float:
    """A width that the line does not exceed in common fonts, as a multiple of its height."""
    wide = sum(unicodedata.east_asian_width(character) in {"F", "W"} for character in line.text)
    narrow = len(line.text) - wide
    return (wide * _WIDE + narrow * _NARROW) * (_BOLD if line.bold else 1)


def _is_latin(character: str) -> bool:
    return ord(character) < 0x100


def _load(name: str, size: int) -> PictureFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _has_glyphs(font: PictureFont, text: str) -> bool:
    missing = bytes(font.getmask(_MISSING))
    return all(character == " " or bytes(font.getmask(character)) != missing for character in text)


def _embed(path: Path) -> TTFont:
    try:
        font = TTFont(_EMBEDDED, str(path))
    except (TTFError, OSError) as error:
        raise UsageError(
            "usage.option", f"{path} is not a TrueType font that can be embedded"
        ) from error
    pdfmetrics.registerFont(font)
    return font
