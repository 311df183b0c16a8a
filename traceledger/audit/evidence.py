"""The events behind a figure or a finding: the first 64 in log order, and their number."""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from traceledger.audit.things import Step
from traceledger.events.encoding import encode_base64url

__all__ = ["SHOWN", "Evidence"]

SHOWN = 64
"""The number of events that are shown."""


class Evidence:
    """Events by log index; memory stays bounded however many there are."""

    def __init__(self, events: Iterable[tuple[int, bytes]] = ()) -> None:
        self.count = 0
        self._first: list[tuple[int, bytes]] = []
        for index, leaf in events:
            self.add(index, leaf)

    @classmethod
    def of(cls, *steps: Step | None) -> Evidence:
        """Returns these steps as evidence; absent ones are skipped."""
        return cls((step.index, step.leaf) for step in steps if step is not None)

    @property
    def ids(self) -> list[str]:
        """The event ids shown, by log index."""
        return [encode_base64url(leaf) for _, leaf in self._first]

    @property
    def places(self) -> list[tuple[int, bytes]]:
        """The events shown as pairs of log index and id, by log index."""
        return list(self._first)

    def add(self, index: int, leaf: bytes) -> None:
        """Adds an event unless it is shown already."""
        event = (index, leaf)
        place = bisect.bisect_left(self._first, event)
        if place < len(self._first) and self._first[place] == event:
            return
        self.count += 1
        if place < SHOWN:
            self._first.insert(place, event)
            del self._first[SHOWN:]

    def extend(self, other: Evidence) -> None:
        """Adds the events that another shows, and counts those that it does not show."""
        hidden = other.count - len(other._first)
        for index, leaf in other._first:
            self.add(index, leaf)
        self.count += hidden
