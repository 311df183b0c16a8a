"""Texts as outlines: shaped glyphs, the same in every format of a label."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, NamedTuple

import uharfbuzz as hb  # type: ignore[import-untyped]  # uharfbuzz has no types

from traceledger.labels.bidi import order_runs
from traceledger.labels.fonts import Face, Fonts, Weight

__all__ = ["Outline", "Step", "measure", "outline"]

_FEATURES = {"calt": False, "liga": False}  # a monospaced font joins `--` to a dash


class Step(NamedTuple):
    """Moves to a point, draws a line or a cubic curve to it, or closes the contour.

    `points` are pairs of coordinates: of the point, or of two control points and the point.
    """

    kind: Literal["move", "line", "curve", "close"]
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The contours of a text of height 1, filled by the nonzero rule.

    x grows to the right from the start of the text, y down from its baseline.
    """

    width: float
    steps: tuple[Step, ...]


@functools.lru_cache(maxsize=4096)
def outline(text: str, weight: Weight, fonts: Fonts) -> Outline:
    """Draws a text; raises UsageError `label.font` for a character that no font has."""
    x = 0.0
    steps: list[Step] = []
    for face, buffer in _shape(text, weight, fonts):
        scale = 1 / face.units
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            pen = _Pen(x + place.x_offset * scale, -place.y_offset * scale, scale, steps)
            face.font.draw_glyph(info.codepoint, _functions(), pen)
            x += place.x_advance * scale
    return Outline(x, tuple(steps))


@functools.lru_cache(maxsize=4096)
def measure(text: str, weight: Weight, fonts: Fonts) -> float:
    """Returns the width of an outline; raises UsageError `label.font`."""
    width: float = sum(
        position.x_advance / face.units
        for face, buffer in _shape(text, weight, fonts)
        for position in buffer.glyph_positions
    )
    return width


def _shape(text: str, weight: Weight, fonts: Fonts) -> Iterator[tuple[Face, hb.Buffer]]:
    """Yields the glyphs of a text from left to right, in buffers of one font each."""
    for run in order_runs(text):
        parts = list(_split(run.text, weight, fonts))
        for face, part in reversed(parts) if run.right_to_left else parts:
            buffer = hb.Buffer()
            buffer.add_str(part)
            buffer.guess_segment_properties()
            buffer.direction = "rtl" if run.right_to_left else "ltr"
            hb.shape(face.font, buffer, _FEATURES)
            yield face, buffer


def _split(text: str, weight: Weight, fonts: Fonts) -> Iterator[tuple[Face, str]]:
    """Splits a run where the font changes; spaces and marks keep the font of the letter before."""
    chosen: list[Face] = []
    for character in text:
        depends = unicodedata.category(character) in {"Zs", "Mn", "Mc", "Me"}
        same = chosen and depends and chosen[-1].has(character)
        chosen.append(chosen[-1] if same else fonts.find(character, weight))
    for face, group in groupby(zip(chosen, text, strict=True), lambda pair: pair[0]):
        yield face, "".join(character for _, character in group)


@dataclass(slots=True)
class _Pen:
    """Appends the steps of one glyph at a place."""

    x: float
    y: float
    scale: float
    steps: list[Step]
    last: tuple[float, float] = (0.0, 0.0)

    def add(self, kind: Literal["move", "line", "curve"], *numbers: float) -> None:
        """Appends a step, given in the units of the font."""
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        points = tuple((self.x + x * self.scale, self.y - y * self.scale) for x, y in pairs)
        self.steps.append(Step(kind, points))
        self.last = (numbers[-2], numbers[-1])

    def bend(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Appends a quadratic curve as a cubic one."""
        from_x, from_y = self.last
        first = (from_x + 2 / 3 * (x - from_x), from_y + 2 / 3 * (y - from_y))
        second = (to_x + 2 / 3 * (x - to_x), to_y + 2 / 3 * (y - to_y))
        self.add("curve", *first, *second, to_x, to_y)


@functools.cache
def _functions() -> Any:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, pen: pen.add("move", x, y))
    functions.set_line_to_func(lambda x, y, pen: pen.add("line", x, y))
    functions.set_cubic_to_func(lambda *given: given[-1].add("curve", *given[:-1]))
    functions.set_quadratic_to_func(lambda *given: given[-1].bend(*given[:-1]))
    functions.set_close_path_func(lambda pen: pen.steps.append(Step("close")))
    return functions
