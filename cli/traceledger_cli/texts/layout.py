"""The layout of text: aligned columns, with wide characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import click

from traceledger_cli.texts.terminal import style

__all__ = ["columns", "pairs", "width"]

_GAP = "  "


def width(text: str) -> int:
    """Returns the number of terminal columns that a text occupies, without its colours."""
    return sum(_columns(character) for character in click.unstyle(text))


def columns(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Aligns rows of cells; the last cell of a row is never padded."""
    table = list(rows)
    count = max(map(len, table), default=0)
    widths = [
        max((width(row[place]) for row in table if place < len(row) - 1), default=0)
        for place in range(count)
    ]
    return "\n".join(
        indent
        + _GAP.join(
            cell if place == len(row) - 1 else cell + " " * (widths[place] - width(cell))
            for place, cell in enumerate(row)
        ).rstrip()
        for row in table
    )


def pairs(rows: Iterable[tuple[str, str]], *, indent: str = "") -> str:
    """Lays out names and values in rows; omits rows without a value."""
    return columns(((style(name, dim=True), value) for name, value in rows if value), indent=indent)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"F", "W"} else 1
