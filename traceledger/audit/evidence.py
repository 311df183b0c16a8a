"""The events behind a figure or a finding: the first 64 in log order, and their number."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Iterable

from traceledger.audit.things import Step
from traceledger.events.encoding import encode_base64url

__all__ = ["SHOWN", "Evidence"]

SHOWN = 64
"""The number of events that are shown."""


class Evidence:
    """A set of events. Of those after the first 64, only the log indexes are kept: 8 bytes each.

    `unlisted` is the number of further events, of which nothing is known.
    """

    def __init__(self, events: Iterable[tuple[int, bytes]] = (), *, unlisted: int = 0) -> None:
        self._first: list[tuple[int, bytes]] = []
        self._others = array("Q")  # with repetitions; all are greater than those in `_first`
        self._unlisted = unlisted
        for index, leaf in events:
            self.add(index, leaf)

    @classmethod
    def of(cls, *steps: Step | None) -> Evidence:
        """Returns these steps as evidence; absent ones are skipped."""
        return cls((step.index, step.leaf) for step in steps if step is not None)

    @classmethod
    def union(cls, parts: Iterable[Evidence]) -> Evidence:
        """Returns the events of all parts, which stay as they are."""
        joined = cls()
        for part in parts:
            joined.extend(part)
        return joined

    @property
    def count(self) -> int:
        """The number of events."""
        return len(self._first) + len(set(self._others)) + self._unlisted

    @property
    def ids(self) -> list[str]:
        """The event ids shown, by log index."""
        return [encode_base64url(leaf) for _, leaf in self._first]

    @property
    def places(self) -> list[tuple[int, bytes]]:
        """The events shown as pairs of log index and id, by log index."""
        return list(self._first)

    def add(self, index: int, leaf: bytes) -> None:
        """Adds an event, unless it is among them already."""
        event = (index, leaf)
        place = bisect.bisect_left(self._first, event)
        if place == SHOWN:
            self._others.append(index)
        elif place == len(self._first) or self._first[place] != event:
            self._first.insert(place, event)
            if len(self._first) > SHOWN:
                self._others.append(self._first.pop()[0])

    def extend(self, other: Evidence) -> None:
        """Adds the events of another, which stays as it is."""
        for index, leaf in other._first:
            self.add(index, leaf)
        self._others.extend(other._others)
        self._unlisted += other._unlisted
