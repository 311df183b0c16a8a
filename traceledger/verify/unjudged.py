"""What this version cannot judge: kinds and rules that are newer than it.

An event of an unknown kind changes no state that is known here, so what follows it in its chain may
look forbidden without being so. Such events are listed as not checked; they refuse nothing.
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
_ASKING = {"found": "rules", "rules": "version"}


class Unjudged:
    """The chains that hold events of unknown kinds, and the events that could not be judged."""

    def __init__(self, shown: Shown) -> None:
        unknown = [e for chain in shown.values() for e in chain.events if newer_code(e)]
        self._chains = {event.payload.sub for event in unknown}
        self._unchecked = {event.id for event in unknown}
        self.codes = tuple(sorted({newer_code(event) for event in unknown}))

    def covers(self, *items: str) -> bool:
        """Tells whether rules about these chains can fail only because this version is older."""
        return not self._chains.isdisjoint(("ledger", *items))

    def has(self, event: Event) -> bool:
        """Tells whether the event could not be judged."""
        return event.id in self._unchecked

    @contextmanager
    def tolerating(self, event: Event, *items: str) -> Iterator[None]:
        """Lets a rule fail inside, if doubt covers one of these chains; notes the event then."""
        try:
            yield
        except NotAllowedError:
            if not self.covers(*items):
                raise
            self._unchecked.add(event.id)


def newer_code(event: Event) -> str:
    """The code of an event that a newer version wrote or that asks for newer rules; else empty."""
    if event.kind is None:
        return "event.kind"
    asking = _ASKING.get(event.kind_name)
    if asking is None or event.payload.sub != "ledger":
        return ""
    return "rules.newer" if getattr(event.data, asking) > RULES else ""
