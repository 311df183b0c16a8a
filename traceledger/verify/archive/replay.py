"""The replay of an archive's entries: the rules, the map of latest heads and the seals.

States are in the scratch file. The map is in memory, where it takes less than the nodes of a stored
one, and is built again from the states when a stopped run resumes.
"""

from __future__ import annotations

import msgspec
from msgspec import field

from traceledger.errors import VerificationError
from traceledger.events.encoding import decode_base64url
from traceledger.events.packed import unpack_event
from traceledger.events.token import Event
from traceledger.formats.archive import CHECKPOINT
from traceledger.formats.trust import TrustFile
from traceledger.merkle.memorymap import MemoryMap
from traceledger.verify.archive.entry import EntryFacts
from traceledger.verify.archive.fold import ReplayedEntry
from traceledger.verify.archive.judge import Judge
from traceledger.verify.log import LogReplay, LogState
from traceledger.verify.scratch.scratch import Scratch
from traceledger.verify.scratch.states import StoredReplay

__all__ = ["ArchiveReplay", "ReplayState"]


class ReplayState(msgspec.Struct):
    """The progress of a replay and its findings; states are in the scratch file."""

    log: LogState = field(default_factory=LogState)
    judge: Judge = field(default_factory=Judge)


class ArchiveReplay:
    """Replays an archive's entries in order and returns them for the folds."""

    def __init__(self, trust: TrustFile, scratch: Scratch) -> None:
        self._founding = trust.founding
        self._state = ReplayState()
        self._states = scratch.states
        self._world = StoredReplay(trust.origin, scratch.states, scratch.seals)
        self._log = LogReplay(self._world, MemoryMap(), self._state.log)

    @property
    def state(self) -> ReplayState:
        """The progress of the replay and its findings."""
        return self._state

    @property
    def items(self) -> int:
        """The number of items that have an event."""
        return len(self._log.map)

    def resume(self, state: ReplayState) -> None:
        """Continues from a stopped run's state."""
        self._state = state
        self._log.resume(state.log)
        # Items that changed after the newest seal are as of later; the next seal puts them anyway.
        for item, chain in self._states.stored():
            self._log.map.put(item, chain.seq, decode_base64url(chain.head.encode()))

    def step(self, facts: EntryFacts) -> ReplayedEntry:
        """Replays the next entry; raises VerificationError when the log is dishonest."""
        if facts.event is None:
            return self._replay_seal(facts.seal)
        return self._replay_event(unpack_event(facts.event), facts)

    def finish(self, size: int) -> Judge:
        """Checks that the log ends in a seal; raises VerificationError `seal.missing`."""
        if self._log.last_seal != size - 1:
            raise VerificationError(
                "seal.missing", "the checkpoint does not end in a seal", where=CHECKPOINT
            )
        return self._state.judge

    def _replay_seal(self, seal: bytes) -> ReplayedEntry:
        index, world = self._state.log.size, self._world
        parts = world.joins.half_done()
        self._log.take_seal(seal)
        refused = ""
        while world.illegal:
            refused = self._state.judge.judge_joins(index, parts, world.illegal.pop().error)
        return ReplayedEntry(index, refused=refused)

    def _replay_event(self, event: Event, facts: EntryFacts) -> ReplayedEntry:
        index, illegal, judge = self._state.log.size, self._world.illegal, self._state.judge
        if index == 0 and event.id != self._founding:
            raise VerificationError(
                "trust.founding",
                f"the ledger was not founded by event {self._founding}",
                where=f"entry 0, event {event.id}",
            )
        judge.watch(event)
        self._log.take_event(event, signature_checked=True)
        refused = judge.judge(index, event, illegal.pop().error) if illegal else ""
        return ReplayedEntry(index, event, refused, facts.shown, facts.disclosed, facts.undisclosed)
