"""A replaying witness's replay of its log, in a scratch file to which each request appends.

The record of the tree cosigned last (`traceledger.witness.record`) is authoritative. For each
request, the new entries are replayed in a transaction. The record is written, then the transaction
is committed, both durably, and only then is the answer returned. So there are three cases:

- The replay has the size of the record: the normal case.
- The replay is behind: the process ended between the two writes, the file was deleted, or an
  earlier version without this file wrote the record. The replay catches up from the entries, from
  its size or an earlier one, and must reach exactly the tree in the record.
- The replay is ahead, or has the record's size with a different root. A crash cannot cause that:
  the record is an older copy, or the file belongs to a different log. Nothing is cosigned.

Opening the file reads only the states that the new entries need. Before the log is accused, the
whole file is checked: damage to the file must not look like a dishonest log.
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
    """The part of a log that a witness has replayed, with its leaves."""

    def __init__(self, scratch: Scratch, origin: str) -> None:
        """Resumes from the scratch file; raises StorageError `witness.replay`."""
        self._scratch = scratch
        self._origin = origin
        self.log = LogReplay(StoredReplay(origin, scratch.states, scratch.seals), scratch.map)
        if scratch.progress is not None:
            self._resume(scratch.progress)

    @property
    def size(self) -> int:
        """The number of replayed entries."""
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
        """The leaf hash at an index, None beyond the end of the log."""
        return self._scratch.leaves.find(index)

    def keep(self) -> None:
        """Commits the replayed entries durably."""
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
    """Opens a replay, an empty one if the file does not exist; uncommitted entries are rolled back.

    Without a path, the replay is kept in memory. Raises StorageError `witness.replay` for a file
    that is damaged, belongs to a different log or is in use. If the file is damaged, that error
    replaces a VerificationError that the caller raises.
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
