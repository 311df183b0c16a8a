"""The checks of an archive's checkpoints against its seals and its tree."""

from __future__ import annotations

import sys
from bisect import bisect_left
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError, VerificationError
from traceledger.formats.archive import CHECKPOINTS, checkpoint_path
from traceledger.formats.encoding import parse_decimal
from traceledger.formats.trust import TrustFile
from traceledger.identifiers.excerpt import excerpt
from traceledger.verify.archive.checkpoints import check_log_key, read_note, without_proven
from traceledger.verify.archive.fold import ReplayedEntry
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.tree import SourceTiles

__all__ = ["CheckpointFold", "Published", "Seals"]

_WIDTH = 8


class Seals(msgspec.Struct):
    """The indexes of the seals so far, eight bytes each in the machine's order."""

    packed: bytearray = bytearray()


class Published(NamedTuple):
    """Counts of seals, of checkpoints, and of lines on checkpoints by unknown keys."""

    seals: int
    checkpoints: int
    unknown_lines: int


class CheckpointFold:
    """Checks that each seal has a checkpoint, signed over this tree."""

    def __init__(self, source: ArchiveSource, trust: TrustFile, tiles: SourceTiles) -> None:
        self.state = Seals()
        self._source = source
        self._trust = trust
        self._tiles = tiles

    def resume(self, state: Seals) -> None:
        """Continues from a stopped run's seals."""
        self.state = state

    def step(self, entry: ReplayedEntry) -> None:
        """Records the index of a seal."""
        if entry.event is None:
            self.state.packed += entry.index.to_bytes(_WIDTH, sys.byteorder)

    def finish(self) -> Published:
        """Reads every checkpoint; raises VerificationError with the path."""
        seals = memoryview(self.state.packed).cast("Q")
        names = set(self._source.names(CHECKPOINTS))
        unknown = 0
        for name in sorted(names, key=lambda name: (len(name), name)):
            unknown += self._check(name, seals)
        for seal in seals if len(names) < len(seals) else ():
            path = checkpoint_path(seal + 1)
            if str(seal + 1) not in names:
                raise VerificationError("archive.missing", "does not exist", where=path)
        return Published(len(seals), len(names), unknown)

    def _check(self, name: str, seals: memoryview[int]) -> int:
        """Checks one checkpoint and counts its unknown lines."""
        path = f"{CHECKPOINTS}/{name}"
        try:
            size = parse_decimal(name.encode(errors="replace"), "archive.checkpoint")
        except MalformedError as error:
            raise VerificationError(
                "archive.checkpoint", f"{excerpt(name)} is not a size", where=CHECKPOINTS
            ) from error
        note = read_note(self._source, path, self._trust)
        checkpoint = note.opened.checkpoint
        if checkpoint.size != size or size > self._tiles.size:
            raise VerificationError(
                "archive.checkpoint",
                f"the note states size {checkpoint.size}",
                where=path,
            )
        if self._tiles.root(size) != checkpoint.root:
            raise VerificationError(
                "archive.root", "the entries do not hash to the signed root", where=path
            )
        place = bisect_left(seals, size - 1)
        if place == len(seals) or seals[place] != size - 1:
            raise VerificationError(
                "seal.missing", "the checkpoint does not end in a seal", where=path
            )
        check_log_key(note, without_proven(self._trust, size), path)
        return note.unknown
