"""Events that this version cannot judge, because their kind or their rules are newer.

An event of an unknown kind changes no state that this version knows, so later events of its chain
may wrongly appear forbidden. Such events are listed as not checked and cause no refusal; they
change no state either, so the same applies to the events after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.rules.lifecycle import RULES
from traceledger.verify.chains import Shown

__all__ = ["Unjudged", "newer_code"]

# The field that names a version of the rules, by the kind of event on the ledger's chain.
_VERSION_FIELDS = {"found": "rules", "rules": "version"}


class Unjudged:
    """The events that could not be judged, and the chains that contain them."""

    def __init__(self, shown: Shown) -> None:
        unknown = [e for chain in shown.values() for e in chain.events if newer_code(e)]
        self._chains = {event.payload.sub for event in unknown}
        self._unchecked = {event.id for event in unknown}
        self.codes = tuple(sorted({newer_code(event) for event in unknown}))

    def covers(self, *items: str) -> bool:
        """Tells whether rules about these chains may fail only because this version is older."""
        return not self._chains.isdisjoint(("ledger", *items))

    def has(self, event: Event) -> bool:
        """Tells whether the event could not be judged."""
        return event.id in self._unchecked

    @contextmanager
    def tolerating(self, event: Event, *items: str) -> Iterator[None]:
        """Suppresses a failed rule inside if newer events may explain it; marks the event."""
        try:
            yield
        except NotAllowedError:
            if not self.covers(*items):
                raise
            self._unchecked.add(event.id)
            self._chains.add(event.payload.sub)


def newer_code(event: Event) -> str:
    """Returns the code of an event of unknown kind or that requires newer rules, or empty."""
    if event.kind is None:
        return "event.kind"
    field = _VERSION_FIELDS.get(event.kind_name)
    if field is None or event.payload.sub != "ledger":
        return ""
    return "rules.newer" if getattr(event.data, field) > RULES else ""
