"""The in-memory replay of a log by a witness or an auditor, entry by entry in order.

An illegal event becomes its chain's head but changes no state; a dishonest entry ends the replay
(docs/spec/events.md, "What breaks what").
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from traceledger.errors import MalformedError, NotAllowedError, VerificationError
from traceledger.events.keys import load_jwk
from traceledger.events.token import Event, check_signature
from traceledger.rules.authority import find_key
from traceledger.rules.fold import Joins, fold
from traceledger.rules.place import check_place
from traceledger.rules.state import Goods, State, Trace

__all__ = ["IllegalEvent", "Replay"]


@dataclass(frozen=True, slots=True)
class IllegalEvent:
    """An event in the log that the rules forbid, which is a finding of the highest severity."""

    index: int
    event: str
    error: NotAllowedError


@dataclass(slots=True)
class Replay:
    """The state of a log as far as it was replayed; implements `World` for the fold.

    `states` contains each chain's state, `trails` the kind and issuer of each of its events,
    `published` the sizes that seals ended, and `illegal` the events that the rules forbid.
    """

    origin: str
    states: MutableMapping[str, State] = field(default_factory=dict)
    trails: dict[str, dict[str, Trace]] = field(default_factory=dict)
    illegal: list[IllegalEvent] = field(default_factory=list)
    joins: Joins = field(default_factory=Joins)
    published: set[int] = field(default_factory=set)

    def state(self, item: str) -> State | None:
        """Returns the state of a chain, or None if it has no event yet."""
        return self.states.get(item)

    def trace(self, item: str, event: str) -> Trace | None:
        """Returns the kind and issuer of an earlier event of a chain, by its id."""
        return self.trails.get(item, {}).get(event)

    def remember(self, item: str, event: str, trace: Trace) -> None:
        """Records the kind and issuer of an event for `trace`."""
        self.trails.setdefault(item, {})[event] = trace

    def is_published(self, size: int) -> bool:
        """Reports whether a seal ended the log at this size."""
        return size in self.published

    def publish(self, size: int) -> None:
        """Records a size that a seal ended for `is_published`."""
        self.published.add(size)

    def apply(self, index: int, event: Event, *, signature_checked: bool = False) -> None:
        """Replays the event at a log index and verifies its signature unless already verified.

        Raises VerificationError when the log is dishonest: a false signature or a wrong place.
        """
        item, founding = event.payload.sub, self.states.get("ledger")
        before = self.states.get(item)
        check_place(event, before, origin=self.origin, founding=founding.first if founding else "")
        if not signature_checked:
            self._check_signature(event)
        try:
            changes = fold(self, event)
            self.joins.add(event)
        except NotAllowedError as error:
            self.illegal.append(IllegalEvent(index, event.id, error))
            self.states[item] = _ignored(before, event)
        else:
            self.states.update(changes)
            self.remember(item, event.id, Trace(event.kind_name, event.payload.iss))

    def seal(self, index: int) -> None:
        """Replays a seal, at which every join must be complete."""
        try:
            self.joins.close()
        except NotAllowedError as error:
            self.illegal.append(IllegalEvent(index, "", error))
            self.joins.discard()
        self.publish(index + 1)

    def heads(self) -> dict[str, tuple[int, str]]:
        """Returns the content of the map: each item's latest position and event id."""
        return {item: (state.seq, state.head) for item, state in self.states.items()}

    def _check_signature(self, event: Event) -> None:
        key = find_key(self, event)
        if key is None:
            return  # the key is unknown, so the rules forbid the event
        try:
            public = load_jwk(key)
        except MalformedError as error:
            raise VerificationError(error.code, error.message) from error
        check_signature(event, public)


def _ignored(before: State | None, event: Event) -> State:
    """Returns the chain's state when its new head changes nothing else."""
    if before is not None:
        return replace(before, seq=event.payload.seq, head=event.id)
    return Goods(
        first=event.id, seq=0, head=event.id, chain="", party=event.payload.iss, life="ILLEGAL"
    )
