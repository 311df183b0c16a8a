"""The replay of a whole log, entry by entry, on which a replaying witness's cosignature is based.

Nothing is taken on trust: seals and the map of latest heads are recomputed, every signature is
verified and every rule applied.
"""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import field

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.formats.seal import is_seal, parse_seal
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.memorymap import MemoryMap
from traceledger.rules.fold import Joins
from traceledger.rules.replay import Replay

__all__ = ["HeadMap", "LogReplay", "LogState"]


class HeadMap(Protocol):
    """A map of latest heads that grows."""

    def __len__(self) -> int:
        """Returns the number of items."""

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id (32 bytes)."""

    def root(self) -> bytes:
        """Returns the map root over all items, 32 bytes."""


class LogState(msgspec.Struct):
    """The progress of a replay: all that it needs in addition to its world's states and its map.

    `size` counts the entries replayed; `last_seal` is the leaf index of the newest seal, None
    before the first; `changed` contains the items of the events after it; `joins` is the world's.
    """

    size: int = 0
    last_seal: int | None = None
    changed: set[str] = set()
    joins: Joins = field(default_factory=Joins)


class LogReplay:
    """A replay in progress: its world, its map of latest heads and its position.

    Illegal events are collected in `world.illegal` and do not stop the replay; dishonesty does. The
    caller maintains the tree over the leaves.
    """

    def __init__(self, world: Replay, heads: HeadMap, state: LogState | None = None) -> None:
        """Begins with an empty log, or where another replay with this world and map stopped."""
        self.world = world
        self.map = heads
        self.resume(state or LogState())

    @classmethod
    def start(cls, origin: str) -> LogReplay:
        """The replay of an empty log, in memory."""
        return cls(Replay(origin), MemoryMap())

    @property
    def state(self) -> LogState:
        """How far this is; a stopped replay resumes from it."""
        return self._state

    @property
    def size(self) -> int:
        """The number of entries replayed."""
        return self._state.size

    @property
    def last_seal(self) -> int | None:
        """The leaf index of the newest seal, None before the first."""
        return self._state.last_seal

    def resume(self, state: LogState) -> None:
        """Continues where another replay stopped; requires that replay's world states and map."""
        self._state = state
        self.world.joins = state.joins

    def take(self, entry: bytes) -> bytes:
        """Replays the next entry and returns its leaf hash.

        Raises VerificationError when the log is dishonest.
        """
        if is_seal(entry):
            self.take_seal(entry)
            return leaf_hash(entry)
        try:
            event = parse_token(entry)
        except MalformedError as error:
            raise _bad_entry(error, self.size) from error
        self.take_event(event)
        return event.leaf

    def take_event(self, event: Event, *, signature_checked: bool = False) -> None:
        """Replays a parsed event; equivalent to `take` with its token."""
        state = self._state
        try:
            self.world.apply(state.size, event, signature_checked=signature_checked)
        except TraceledgerError as error:
            raise error.at(f"entry {state.size}, event {event.id}") from error
        state.changed.add(event.payload.sub)
        state.size += 1

    def take_seal(self, entry: bytes) -> None:
        """Replays a seal; raises VerificationError `seal.false` or `log.entry`."""
        state = self._state
        index = state.size
        try:
            seal = parse_seal(entry)
        except MalformedError as error:
            raise _bad_entry(error, index) from error
        for item in state.changed:
            chain = self.world.states[item]
            self.map.put(item, chain.seq, decode_base64url(chain.head.encode()))
        state.changed.clear()
        expected = (index, self.map.root(), len(self.map), state.last_seal)
        if (seal.index, seal.map_root, seal.items, seal.previous) != expected:
            raise VerificationError(
                "seal.false",
                "the seal does not commit to the events before it",
                where=f"entry {index}",
            )
        self.world.seal(index)
        state.last_seal = index
        state.size += 1


def _bad_entry(error: MalformedError, index: int) -> VerificationError:
    where = f"entry {index}, {error.where}" if error.where else f"entry {index}"
    return VerificationError("log.entry", f"{error.message} [{error.code}]", where=where)
