"""Fonts for labels: the caller's own, then those of the packages that the extras install.

The packages contain Google's Noto Sans for nearly all scripts and JetBrains Mono, all under the SIL
Open Font License. Every character of a label has a glyph, or the label is not drawn: without the
maker's name, or with boxes in its place, it would look like that of a forger.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

import uharfbuzz as hb  # type: ignore[import-untyped]  # uharfbuzz has no types

from traceledger.errors import UsageError
from traceledger.identifiers.excerpt import excerpt

__all__ = ["Face", "Fonts", "Weight"]

Weight = Literal["regular", "bold", "mono"]

_AXES: dict[Weight, int] = {"regular": 400, "bold": 700, "mono": 700}
# Where each folder is: a missing package is reported with the extra that installs it.
_NOTO, _CJK, _MONO = (
    Path(str(files(package)))
    for package in ("manimgx_fonts", "manimgx_fonts_cjk", "fontpkg_jetbrains_mono")
)
_SIMPLIFIED = 2  # of the faces in the collection: JP, KR, SC, TC, HK
_FIRST = ("NotoSans[wght].ttf", "NotoSansArabic[wght].ttf")


class _File(NamedTuple):
    path: Path
    face: int = 0


class Face(NamedTuple):
    """A font at one weight, the number of its units in an em, and its file."""

    font: hb.Font
    units: int
    path: Path

    def has(self, character: str) -> bool:
        """Reports whether the font has a glyph for a character."""
        return self.font.get_nominal_glyph(ord(character)) is not None


@dataclass(frozen=True, slots=True)
class Fonts:
    """Finds the font for each character of a text, first in the caller's own font file, if any.

    Raises UsageError `usage.option` for a file that is not a font.
    """

    own: Path | None = None

    def __post_init__(self) -> None:
        if self.own is not None:
            _check(self.own)

    def find(self, character: str, weight: Weight) -> Face:
        """Finds the first font with a character; raises UsageError `label.font`."""
        found = next((face for face in self._faces(weight) if face.has(character)), None)
        if found is None:
            raise UsageError(
                "label.font",
                f"no font has the character U+{ord(character):04X} {excerpt(character)}",
            )
        return found

    def _faces(self, weight: Weight) -> Iterator[Face]:
        if self.own is not None:
            yield _load(_File(self.own), weight)
        for file in _packaged(weight):
            yield _load(file, weight)


@functools.cache
def _packaged(weight: Weight) -> Sequence[_File]:
    """Lists the files of the packages, in the order in which they are asked for a character."""
    names = sorted(path.name for path in _NOTO.glob("*.ttf") if "Italic" not in path.name)
    others = [name for name in names if name not in _FIRST]
    mono = [_File(_MONO / "files" / "JetBrainsMono[wght].ttf")] if weight == "mono" else []
    first, *rest = (_File(_NOTO / name) for name in (*_FIRST, *others))
    return (*mono, first, _File(_CJK / "NotoSansCJK-VF.otf.ttc", _SIMPLIFIED), *rest)


@functools.cache
def _load(file: _File, weight: Weight) -> Face:
    face = hb.Face(hb.Blob.from_file_path(str(file.path)), file.face)
    font = hb.Font(face)
    font.set_variations({"wght": _AXES[weight]})
    return Face(font, face.upem, file.path)


def _check(path: Path) -> None:
    try:
        usable = hb.Face(hb.Blob.from_file_path(str(path))).glyph_count
    except (hb.HarfBuzzError, OSError):
        usable = 0
    if not usable:
        raise UsageError("usage.option", f"{path} is not a font")
