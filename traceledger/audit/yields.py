"""The yield of cores by part number: how many that were good became part of an approved unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from traceledger.audit.picture import Picture, Weighed
from traceledger.audit.stock import part_of

__all__ = ["Yield", "YieldTally"]

_DECIDED = frozenset({"CONSUMED", "DISASSEMBLED", "SCRAPPED"})


@dataclass(slots=True)
class Yield:
    """Of `of` cores that were ever graded A or B and are used up, `good` are in approved units."""

    good: int = 0
    of: int = 0


@dataclass(slots=True)
class YieldTally:
    """Adds up yields by part number."""

    picture: Picture
    parts: dict[str, Yield] = field(default_factory=dict)

    def take(self, weighed: Weighed) -> None:
        """Counts one core."""
        thing = weighed.thing
        if thing.chain != "core" or not thing.graded or thing.life not in _DECIDED:
            return
        found = self.parts.setdefault(part_of(thing), Yield())
        found.of += 1
        if thing.life == "CONSUMED":
            found.good += self.picture.things[thing.unit].approved
