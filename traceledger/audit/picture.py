"""P(n): the records of a log up to size n, with what every computation asks of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

from traceledger.audit.figures import Figure
from traceledger.audit.policy import Policy
from traceledger.audit.recording import RecorderState
from traceledger.audit.things import Thing, Things
from traceledger.audit.values import Unknown, number, read

__all__ = ["Picture", "Weighed"]

_HOUR = 3600


class Weighed(NamedTuple):
    """A thing with what most sums ask of it: its book, empty if it has none, and its kg."""

    item: str
    thing: Thing
    book: str
    weight: Figure


class Picture:
    """A log as of a size: its records, its policy and its time `as_of` (seconds since 1970)."""

    def __init__(self, state: RecorderState, as_of: int | None = None) -> None:
        self.state = state
        self.things = Things(state.things)
        self.policy = Policy(state.policy)
        self.as_of = state.as_of if as_of is None else as_of
        self.line = functools.lru_cache(maxsize=None)(self._line)

    @functools.cached_property
    def books(self) -> dict[str, Thing]:
        """The books that were not voided, by item, in log order."""
        found = self.things.each("book/")
        return {item: thing for item, thing in found if thing.life != "VOIDED"}

    @functools.cached_property
    def lines(self) -> dict[str, Thing]:
        """The declaration lines that were not voided, by item, in log order."""
        found = self.things.each("decl/")
        return {item: thing for item, thing in found if thing.life != "VOIDED"}

    def each(self) -> Iterator[tuple[str, Thing]]:
        """Yields all cores, components, units and lots that were not voided, in log order."""
        for item, thing in self.things.each():
            if thing.chain not in {"book", "declaration"} and thing.life != "VOIDED":
                yield item, thing

    def book_of(self, thing: Thing) -> str:
        """Returns the book of a lot, otherwise that of the root core; empty if it has none."""
        if thing.chain == "lot":
            return thing.book
        line = thing.line if thing.chain == "core" else self.things[thing.root].line
        return self.line(line).book if line else ""

    def book_line_of(self, thing: Thing) -> int | Unknown | None:
        """Returns the number of the inbound book line of a thing's root core; None without one."""
        line = thing.line if thing.chain == "core" else self.things[thing.root].line
        return self.book_line(self.line(line)) if line else None

    def book_line(self, line: Thing) -> int | Unknown | None:
        """Returns the number of the book line that a declaration line names."""
        found: int | Unknown | None = read(line, line.opened, "book_line")
        return found

    def weigh(self, item: str, thing: Thing) -> Weighed:
        """Returns a thing with its book and weight."""
        return Weighed(item, thing, self.book_of(thing), self.weight(thing))

    def weight(self, thing: Thing) -> Figure:
        """Returns a thing's own net weight in kg."""
        return number(thing, thing.opened, "net_kg")

    def opening(self, book: str) -> int:
        """Returns the index of the first count of a book that claims to open it, otherwise 1."""
        counts = self.books[book].all("stocktake") if book in self.books else iter(())
        return next((step.index for step in counts if step.value("opening")), 1)

    def is_old(self, seconds: int) -> bool:
        """Reports whether a moment is more than the policy's `late_hours` ago."""
        return self.as_of - seconds > self.policy.late_hours * _HOUR

    def _line(self, item: str) -> Thing:
        return self.things[item]
