"""Directions of text: splits a line into runs in the order in which they are drawn.

Source: Unicode Standard Annex 9, for lines without explicit embeddings, which texts never contain.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

__all__ = ["Run", "order_runs"]

_LEFT, _RIGHT = 0, 1
_STRONG = {"L": _LEFT, "R": _RIGHT, "AL": _RIGHT}
_NUMBERS = frozenset({"EN", "AN"})
_SEPARATORS = frozenset({"ES", "CS"})


class Run(NamedTuple):
    """Characters of one direction, in the order in which they are read."""

    text: str
    right_to_left: bool


class _Place(NamedTuple):
    """The level of a character, odd from right to left, and the direction that it counts as."""

    level: int
    direction: int


def order_runs(text: str) -> tuple[Run, ...]:
    """Returns the runs of a line from left to right; its first letter determines its direction."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    base = next((_STRONG[kind] for kind in kinds if kind in _STRONG), _LEFT)
    levels = _fill_neutral(kinds, _place_strong(kinds, base), base)
    pairs = zip(levels, text, strict=True)
    runs = [
        (level, "".join(character for _, character in run))
        for level, run in groupby(pairs, lambda pair: pair[0])
    ]
    # Rule L2: from the highest level down to 1, each sequence at or above it is reversed.
    for least in range(max(levels, default=0), 0, -1):
        runs = _reverse_from(runs, least)
    return tuple(Run(part, bool(level % 2)) for level, part in runs)


def _place_strong(kinds: Sequence[str], base: int) -> list[_Place | None]:
    """Places letters and numbers (rules W1, W2, W7, I1, I2); None for neutral characters."""
    places: list[_Place | None] = []
    last = base
    for kind in kinds:
        if kind in _STRONG:
            last = _STRONG[kind]
            places.append(_letter(last, base))
        elif kind in _NUMBERS:
            places.append(_Place(2, _RIGHT) if last == _RIGHT else _letter(_LEFT, base))
        elif kind == "NSM" and places:
            places.append(places[-1])
        else:
            places.append(None)
    return places


def _fill_neutral(kinds: Sequence[str], places: list[_Place | None], base: int) -> list[int]:
    """Gives neutral characters a level (rules W4, N1, N2)."""
    levels = []
    edge = _Place(base, base)
    for at, place in enumerate(places):
        if place is not None:
            levels.append(place.level)
            continue
        before = next((one for one in reversed(places[:at]) if one is not None), edge)
        after = next((one for one in places[at + 1 :] if one is not None), edge)
        inside = {*kinds[max(0, at - 1) : at], *kinds[at + 1 : at + 2]}
        if kinds[at] in _SEPARATORS and inside and inside <= _NUMBERS:
            levels.append(before.level)
        elif before.direction == after.direction:
            levels.append(_letter(before.direction, base).level)
        else:
            levels.append(base)
    return levels


def _letter(direction: int, base: int) -> _Place:
    return _Place(_RIGHT if direction == _RIGHT else 2 * base, direction)


def _reverse_from(runs: list[tuple[int, str]], least: int) -> list[tuple[int, str]]:
    ordered: list[tuple[int, str]] = []
    for high, group in groupby(runs, lambda run: run[0] >= least):
        part = list(group)
        ordered += part[::-1] if high else part
    return ordered
