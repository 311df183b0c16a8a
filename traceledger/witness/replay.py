"""A replaying witness's replay of its log, in a scratch file that a request only adds to.

The record of what was cosigned last (`traceledger.witness.record`) decides; the replay serves it.
For each request the new entries are replayed in a transaction. Then the record is written, then the
transaction is committed, both durably, and only then is the answer given. So there are three cases:

- The replay is where the record is: the normal one.
- The replay is behind: the process ended between the two writes, or the file was deleted, or the
  record is of a version that kept no replay here. It is brought forward from entries, from its own
  size or an earlier one, and must pass through the very tree that the record names.
- The replay is ahead, or at the record's size with another root. No accident of this program does
  that: the record is an older copy or the file is of another log. Nothing is cosigned.

Opening reads nothing of what is stored but what the new entries need. Before a log is accused, the
file is read in full: damage to it must not look like a false log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from traceledger.errors import StorageError, TraceledgerError, VerificationError
from traceledger.merkle.tree import Frontier
from traceledger.verify.log import LogReplay, LogState
from traceledger.verify.scratch.scratch import Scratch
from traceledger.verify.scratch.states import StoredReplay

__all__ = ["WitnessReplay", "open_replay"]

_VERSION = 1
_SCRATCH = "archive.scratch"


class _Progress(msgspec.Struct, frozen=True):
    version: int
    origin: str
    log: LogState


class WitnessReplay:
    """A log as far as a witness replayed it, with its leaves."""

    def __init__(self, scratch: Scratch, origin: str) -> None:
        """Resumes from the scratch file; raises StorageError `witness.replay`."""
        self._scratch = scratch
        self._origin = origin
        self.log = LogReplay(StoredReplay(origin, scratch.states), scratch.map)
        if scratch.progress is not None:
            self._resume(scratch.progress)

    @property
    def size(self) -> int:
        """The entries replayed."""
        return self.log.size

    @property
    def frontier(self) -> Frontier:
        """The frontier of the tree over the entries replayed."""
        return self._scratch.leaves.frontier

    def take(self, entries: Iterable[bytes]) -> None:
        """Replays the next entries; raises VerificationError when the log is dishonest."""
        for entry in entries:
            self._scratch.leaves.append(self.log.take(entry))

    def leaf(self, index: int) -> bytes | None:
        """The leaf hash at an index, None when the log is shorter."""
        return self._scratch.leaves.find(index)

    def keep(self) -> None:
        """Commits what was replayed, durably."""
        progress = _Progress(_VERSION, self._origin, self.log.state)
        self._scratch.keep(msgspec.msgpack.encode(progress))

    def _resume(self, data: bytes) -> None:
        try:
            progress = msgspec.msgpack.decode(data, type=_Progress)
        except msgspec.DecodeError as error:
            raise StorageError("witness.replay", "another version wrote the replay") from error
        if progress.version != _VERSION:
            raise StorageError("witness.replay", "another version wrote the replay")
        if progress.origin != self._origin:
            raise StorageError(
                "witness.replay", f"the replay is of {progress.origin}, not {self._origin}"
            )
        self.log.resume(progress.log)


@contextmanager
def open_replay(path: Path | None, origin: str) -> Iterator[WitnessReplay]:
    """Opens a replay, of an empty log when there is no file; what is not kept is rolled back.

    Without a path nothing is written anywhere. Raises StorageError `witness.replay` for a file that
    is damaged, of another log or in use, also in place of a VerificationError raised inside.
    """
    try:
        try:
            with closing(Scratch(path)) as scratch, scratch.failing():
                yield WitnessReplay(scratch, origin)
        except VerificationError:
            with closing(Scratch(path)) as stored, stored.failing():
                stored.check()
            raise
    except TraceledgerError as error:
        if error.code != _SCRATCH:
            raise
        where = str(path) if path else ""
        raise StorageError("witness.replay", error.message, where=where) from error
