"""Replaying a whole log, entry by entry: the work behind a replaying witness's cosignature.

Nothing is taken from the log's word: seals and the map of latest heads are computed anew, every
signature is checked, every rule applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.formats.seal import is_seal, parse_seal
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.memorymap import MemoryMap
from traceledger.rules.fold import Joins
from traceledger.rules.replay import Replay

__all__ = ["HeadMap", "LogReplay"]


class HeadMap(Protocol):
    """A map of latest heads that grows."""

    def __len__(self) -> int:
        """The number of items."""

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id (32 bytes)."""

    def root(self) -> bytes:
        """The map root over all items, 32 bytes."""


@dataclass(slots=True)
class LogReplay:
    """A log replayed so far: its map of latest heads and the world it made.

    `size` counts the entries replayed; `last_seal` is the leaf index of the newest seal, None
    before the first. Illegal events are in `world.illegal`; they do not stop the replay, dishonesty
    does. The tree over the leaves is the caller's.
    """

    origin: str
    world: Replay
    size: int = 0
    last_seal: int | None = None
    map: HeadMap = field(default_factory=MemoryMap)
    _changed: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, origin: str) -> LogReplay:
        """The replay of an empty log."""
        return cls(origin, Replay(origin))

    @classmethod
    def resume(cls, world: Replay, size: int, last_seal: int | None) -> LogReplay:
        """The replay as it was when it stopped at a seal."""
        replay = cls(world.origin, world, size, last_seal)
        replay._changed.update(world.states)
        return replay

    def unfinished(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """What stands between the last seal and here: items that changed, joins half done."""
        return tuple(sorted(self._changed)), self.world.joins.half_done()

    def go_on(
        self, size: int, last_seal: int | None, changed: Iterable[str], joins: Mapping[str, str]
    ) -> None:
        """Puts the replay where another one stopped; its world and map are there already."""
        self.size, self.last_seal = size, last_seal
        self._changed.update(changed)
        self.world.joins = Joins(joins)

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
        """Replays an event that was parsed; the same as `take` with its token."""
        try:
            self.world.apply(self.size, event, signature_checked=signature_checked)
        except TraceledgerError as error:
            raise error.at(f"entry {self.size}, event {event.id}") from error
        self._changed.add(event.payload.sub)
        self.size += 1

    def take_seal(self, entry: bytes) -> None:
        """Replays a seal; raises VerificationError `seal.false` or `log.entry`."""
        index = self.size
        try:
            seal = parse_seal(entry)
        except MalformedError as error:
            raise _bad_entry(error, index) from error
        for item in self._changed:
            state = self.world.states[item]
            self.map.put(item, state.seq, decode_base64url(state.head.encode()))
        self._changed.clear()
        expected = (index, self.map.root(), len(self.map), self.last_seal)
        if (seal.index, seal.map_root, seal.items, seal.previous) != expected:
            raise VerificationError(
                "seal.false",
                "the seal does not commit to the events before it",
                where=f"entry {index}",
            )
        self.world.seal(index)
        self.last_seal = index
        self.size += 1


def _bad_entry(error: MalformedError, index: int) -> VerificationError:
    where = f"entry {index}, {error.where}" if error.where else f"entry {index}"
    return VerificationError("log.entry", f"{error.message} [{error.code}]", where=where)
