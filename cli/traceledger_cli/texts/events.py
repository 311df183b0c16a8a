"""Events as text: every value whole, wrapped at the width of a terminal, measurements in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from traceledger.identifiers.excerpt import printable
from traceledger.views.answers import Event
from traceledger_cli.texts.layout import width

__all__ = ["render_event"]

_WIDTH = 80
_INDENT = "   "
_GAP = "  "
_LEAST = 24  # columns for values, however long the longest name is


def render_event(event: Event) -> str:
    """Returns an event as text, no line wider than 80 columns."""
    kind = click.style(event.kind, bold=True)
    place = f" at {printable(event.site)}" if event.site else ""
    title = f"{event.seq}  {kind}  {event.occurred}{place}, signed by {event.party}"
    rows = [
        *((ref.as_, [ref.item]) for ref in event.refs),
        *((name.replace("_", " "), list(_lines(value))) for name, value in event.data.items()),
        ("withheld", [", ".join(event.withheld)]),
        ("event", [f"{event.event} at entry {event.index:,}"]),
    ]
    return "\n".join([*_wrap(title, _WIDTH), *_pairs(rows)])


def _pairs(rows: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    filled = [(name, [line for line in lines if line]) for name, lines in rows]
    shown = [(name, lines) for name, lines in filled if lines]
    longest = max((width(name) for name, _ in shown), default=0)
    names = min(longest, _WIDTH - len(_INDENT) - len(_GAP) - _LEAST)
    room = _WIDTH - len(_INDENT) - len(_GAP) - names
    for name, lines in shown:
        label = click.style(name, dim=True) + " " * (names - width(name))
        for part in (part for line in lines for part in _wrap(line, room)):
            yield f"{_INDENT}{label}{_GAP}{part}".rstrip()
            label = " " * names


def _lines(value: Any) -> Iterator[str]:
    """Yields a value as lines: a line for each member of a list of objects."""
    match value:
        case list() if any(isinstance(one, dict) for one in value):
            for one in value:
                yield _measurement(one) if _is_measurement(one) else _plain(one)
        case _:
            yield _plain(value)


def _is_measurement(value: Any) -> bool:
    return isinstance(value, dict) and {"name", "value", "pass"} <= set(value)


def _measurement(result: dict[str, Any]) -> str:
    """Formats a measurement: `supply current 0.70 A (0.30–0.60) FAIL`."""
    low, high = (_plain(result.get(name, "")) for name in ("low", "high"))
    limits = f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
    parts = (
        _plain(result["name"]),
        _plain(result["value"]),
        _plain(result.get("unit", "")),
        f"({limits})" if limits else "",
        "" if result["pass"] else click.style("FAIL", fg="red", bold=True),
    )
    return " ".join(part for part in parts if part)


def _plain(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case {"amount": str(amount), "currency": str(currency)}:
            return printable(f"{amount} {currency}")
        case dict():
            return ", ".join(
                f"{name.replace('_', ' ')} {_plain(one)}" for name, one in value.items()
            )
        case list():
            return ", ".join(map(_plain, value)) or "none"
        case _:
            return printable(str(value))


def _wrap(text: str, room: int) -> Iterator[str]:
    """Breaks a text at spaces, and a longer word anywhere; nothing is lost."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer) > room:
            yield line
            longer = word
        while width(longer) > room:
            cut = _fitting(longer, room)
            yield longer[:cut]
            longer = longer[cut:]
        line = longer
    yield line


def _fitting(word: str, room: int) -> int:
    """Counts the leading characters of a word that fit."""
    count = taken = 0
    for character in word:
        taken += width(character)
        if taken > room:
            break
        count += 1
    return max(1, count)
