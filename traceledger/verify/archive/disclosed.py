"""Counts of the fields that an archive discloses, that were erased, and that are missing."""

from __future__ import annotations

import msgspec

from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["Disclosed", "DisclosureFold"]


class Disclosed(msgspec.Struct):
    """Counts of events and disclosures; `missing` names undisclosed customs fields, by event."""

    events: int = 0
    shown: int = 0
    erased: int = 0
    undisclosed: int = 0
    missing: dict[str, tuple[str, ...]] = {}


class DisclosureFold:
    """Counts disclosures; names missing fields only if the archive contains disclosures."""

    def __init__(self, *, disclosed: bool) -> None:
        self.state = Disclosed()
        self._disclosed = disclosed

    def resume(self, state: Disclosed) -> None:
        """Continues from a stopped run's counts."""
        self.state = state

    def step(self, entry: ReplayedEntry) -> None:
        """Counts an event's disclosures and the fields that it erases in other events."""
        event, state = entry.event, self.state
        if event is None:
            return
        state.events += 1
        state.shown += entry.shown
        if entry.undisclosed:
            state.undisclosed += len(entry.undisclosed)
            if self._disclosed:
                state.missing[event.id] = entry.undisclosed
        if entry.allowed and event.kind_name == "erase":
            self._erase(event.refs[0].event or "", event.data.fields)

    def finish(self) -> Disclosed:
        """Returns the counts for the whole archive."""
        return self.state

    def _erase(self, target: str, fields: tuple[str, ...]) -> None:
        """Removes erased customs fields from those that are missing."""
        state = self.state
        state.erased += len(fields)
        missing = state.missing.pop(target, ())
        left = tuple(name for name in missing if name not in fields)
        state.undisclosed -= len(missing) - len(left)
        if left:
            state.missing[target] = left
