"""Imported cores by their fate, for each inbound declaration line."""

from __future__ import annotations

from dataclasses import dataclass, field

from traceledger.audit.fates import OPEN, Fate, Fates
from traceledger.audit.figures import ZERO, Figure, add
from traceledger.audit.picture import Picture, Weighed
from traceledger.audit.things import Thing

__all__ = ["PieceTally", "Pieces", "age_in_days", "is_overdue", "moment_of"]

_DAY = 86_400


@dataclass(slots=True)
class Pieces:
    """Cores by fate, in pieces and kg; `oldest` is when the oldest open one came, `overdue` counts.

    Times are in seconds since 1970.
    """

    counts: dict[Fate, int] = field(default_factory=dict)
    kg: dict[Fate, Figure] = field(default_factory=dict)
    oldest: int | None = None
    overdue: int = 0

    @property
    def open(self) -> int:
        """The pieces that are still in the account."""
        return sum(count for fate, count in self.counts.items() if fate in OPEN)


def moment_of(core: Thing) -> int:
    """Returns when a core was imported, in seconds since 1970."""
    return core.opened.at


def age_in_days(picture: Picture, seconds: int) -> int:
    """Returns the age of a moment as of the picture, in whole 24 hours."""
    return (picture.as_of - seconds) // _DAY


def is_overdue(picture: Picture, core: Thing) -> bool:
    """Reports whether an open core is older than its book allows."""
    return age_in_days(picture, moment_of(core)) > picture.policy.max_days(picture.book_of(core))


class PieceTally:
    """Adds up the cores of each line; `lines` has an empty id for cores without one."""

    def __init__(self, picture: Picture, fates: Fates) -> None:
        self.lines: dict[str, Pieces] = {}
        self._picture = picture
        self._fates = fates
        self._missing: list[Weighed] = []

    def take(self, weighed: Weighed) -> None:
        """Counts one core; the fate of a missing one is known when lines are settled."""
        if weighed.thing.life == "MISSING":
            self._missing.append(weighed)
        elif weighed.thing.chain == "core":
            self._add(weighed)

    def settle(self) -> None:
        """Counts the missing cores, once `fates` knows those that customs discharged."""
        for weighed in self._missing:
            self._add(weighed)
        self._missing = []

    def _add(self, weighed: Weighed) -> None:
        item, core, _, weight = weighed
        pieces = self.lines.get(core.line)
        if pieces is None:
            pieces = self.lines[core.line] = Pieces()
        fate = self._fates.of(item, core)
        pieces.counts[fate] = pieces.counts.get(fate, 0) + 1
        pieces.kg[fate] = add(pieces.kg.get(fate, ZERO), weight)
        if fate in OPEN:
            moment = moment_of(core)
            pieces.oldest = moment if pieces.oldest is None else min(pieces.oldest, moment)
            pieces.overdue += is_overdue(self._picture, core)
