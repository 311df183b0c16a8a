"""Text for a terminal: aligned columns, wide characters, escaped control characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import click

__all__ = ["columns", "pairs", "plain", "width"]

_GAP = "  "


def plain(text: str) -> str:
    """Escapes control and format characters in untrusted text; keeps line ends and tabs."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text)


def width(text: str) -> int:
    """Returns the number of terminal columns that a text occupies, without its colours."""
    plain = click.unstyle(text)
    return sum(_columns(character) for character in plain)


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
    return columns(
        ((click.style(name, dim=True), value) for name, value in rows if value), indent=indent
    )


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"F", "W"} else 1
