"""Replaying a whole log, entry by entry: the work behind a replaying witness's cosignature.

Nothing is taken from the log's word: leaves, seals, the map of latest heads and the tree are
computed anew, every signature is checked, every rule applied.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import parse_token
from traceledger.formats.seal import is_seal, parse_seal
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.memorymap import MemoryMap
from traceledger.merkle.tree import Frontier
from traceledger.rules.replay import Replay

__all__ = ["LogReplay"]


@dataclass(slots=True)
class LogReplay:
    """A log replayed so far: its tree, its map of latest heads and the world it made.

    `last_seal` is the leaf index of the newest seal, None before the first. Illegal events are in
    `world.illegal`; they do not stop the replay, dishonesty does.
    """

    origin: str
    world: Replay
    frontier: Frontier = field(default_factory=Frontier)
    last_seal: int | None = None
    _map: MemoryMap = field(default_factory=MemoryMap)
    _changed: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, origin: str) -> LogReplay:
        """The replay of an empty log."""
        return cls(origin, Replay(origin))

    @classmethod
    def resume(cls, world: Replay, frontier: Frontier, last_seal: int | None) -> LogReplay:
        """The replay as it was when it stopped at a seal."""
        replay = cls(world.origin, world, frontier, last_seal)
        replay._changed.update(world.states)
        return replay

    @property
    def size(self) -> int:
        """How many entries were replayed."""
        return self.frontier.size

    def take(self, entry: bytes) -> None:
        """Replays the next entry; raises VerificationError when the log is dishonest."""
        index = self.size
        try:
            if is_seal(entry):
                self._take_seal(index, entry)
            else:
                event = parse_token(entry)
                self.world.apply(index, event)
                self._changed.add(event.payload.sub)
                if event.kind_name == "admit":
                    self._changed.add("ledger")
        except MalformedError as error:
            raise VerificationError(
                "log.entry", f"{error.message} [{error.code}]", where=f"entry {index}"
            ) from error
        except TraceledgerError as error:
            raise error.at(f"entry {index}") from error
        self.frontier = self.frontier.extended([leaf_hash(entry)])

    def _take_seal(self, index: int, entry: bytes) -> None:
        seal = parse_seal(entry)
        for item in self._changed:
            state = self.world.states[item]
            self._map.put(item, state.seq, decode_base64url(state.head.encode()))
        self._changed.clear()
        expected = (index, self._map.root(), len(self._map), self.last_seal)
        if (seal.index, seal.map_root, seal.items, seal.previous) != expected:
            raise VerificationError(
                "seal.false", "the seal does not commit to the events before it"
            )
        self.world.seal(index)
        self.last_seal = index
