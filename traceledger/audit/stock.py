"""The pieces that are in the zone at each moment, by book, class and part number.

It is kept up to date with every event, because a count is compared with the stock at its own
position in the log.
"""

from __future__ import annotations

import functools

from traceledger.audit.things import Thing, Things
from traceledger.audit.values import text

__all__ = ["Stock", "is_here", "part_of"]

_HERE = {
    "core": frozenset({"RECEIVED", "ACCEPTED", "DONOR", "REJECTED", "CONDEMNED", "IN_PROCESS"}),
    "component": frozenset({"AVAILABLE"}),
    "unit": frozenset({"ASSEMBLED", "TESTED", "FAILED", "APPROVED", "PACKED"}),
}


def is_here(thing: Thing) -> bool:
    """Reports whether a core, component or unit is in the zone."""
    return not thing.left and thing.life in _HERE.get(thing.chain, ())


def part_of(thing: Thing) -> str:
    """Returns the part number of a thing, for a component otherwise its name."""
    step = thing.opened
    return text(thing, step, "part_no") or text(thing, step, "part") or ""


class Stock:
    """Running counts of what is here; `counts` is their state."""

    def __init__(self, counts: dict[str, dict[str, int]], things: Things) -> None:
        self._counts = counts
        self._things = things
        # The book of a line never changes, and many things share a line.
        self._book_of = functools.lru_cache(1024)(lambda line: things[line].book)

    def change(self, thing: Thing, by: int) -> None:
        """Adds a thing to what is here, or removes it."""
        line = thing.line if thing.chain == "core" else self._things[thing.root].line
        counts = self._counts.setdefault(self._book_of(line) if line else "", {})
        name = f"{thing.chain} {part_of(thing)}"
        counts[name] = counts.get(name, 0) + by

    def count(self, book: str) -> dict[str, int]:
        """Returns a copy of what is here of a book."""
        return dict(self._counts.get(book, {}))
