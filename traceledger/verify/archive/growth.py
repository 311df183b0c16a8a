"""Comparison of two trees of a log: the larger extends the smaller, or they prove a fork."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import MalformedError, NotFoundError, UsageError, VerificationError
from traceledger.formats.archive import CHECKPOINT
from traceledger.formats.checkpoint import Checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE
from traceledger.formats.trust import TrustFile
from traceledger.verify.archive.checkpoints import open_archived
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.tree import SourceTiles

__all__ = ["Evidence", "Fork", "check_extends", "check_not_older", "prove_fork"]

_HELD = "the given checkpoint"

Evidence = ArchiveSource | bytes
"""Evidence of a history: an archive or the note of a checkpoint."""


class Fork(NamedTuple):
    """Two roots that a log signed for the same size, which proves that it has two histories."""

    origin: str
    size: int
    roots: tuple[bytes, bytes]


def check_not_older(size: int, note: bytes, trust: TrustFile) -> Checkpoint:
    """Checks that a tree of that size is not older than the checkpoint in the note.

    Returns the checkpoint. Raises VerificationError `archive.older`, or the code of the note.
    """
    held = open_archived(note, _HELD, trust).opened.checkpoint
    if held.size > size:
        raise VerificationError(
            "archive.older",
            f"the archive has {size} entries, the given checkpoint is of size {held.size}",
        )
    return held


def check_extends(source: ArchiveSource, size: int, note: bytes, trust: TrustFile) -> Checkpoint:
    """Checks that a verified archive of that size extends the checkpoint in the note.

    Returns the checkpoint. Raises VerificationError `archive.older` or `archive.fork`.
    """
    held = check_not_older(size, note, trust)
    if SourceTiles(source, size).root(held.size) != held.root:
        raise VerificationError(
            "archive.fork",
            f"at size {held.size} the archive has another root than the given checkpoint",
        )
    return held


def prove_fork(one: Evidence, other: Evidence, trust: TrustFile) -> Fork:
    """Proves that two archives, or an archive and a checkpoint, of one log contradict each other.

    The proof uses only the log's own signatures and the tiles of the larger archive. Raises
    UsageError `archive.no-fork` when the two are consistent, `archive.not-compared` when the tiles
    of the larger tree are not available, and VerificationError when a note or a tile is false.
    """
    try:
        first, second = _read(one, "the first", trust), _read(other, "the second", trust)
        if first.size > second.size:
            other, first, second = one, second, first
        root = _root_at(first.size, second, other)
    except (MalformedError, NotFoundError) as error:
        raise VerificationError(error.code, error.message, where=error.where) from error
    if root == first.root:
        raise UsageError(
            "archive.no-fork",
            f"the tree of size {second.size} extends the tree of size {first.size}",
        )
    return Fork(first.origin, first.size, (first.root, root))


def _root_at(size: int, checkpoint: Checkpoint, evidence: Evidence) -> bytes:
    """Returns the root that the log's larger tree had at that size."""
    if size == checkpoint.size:
        return checkpoint.root
    if isinstance(evidence, bytes):
        raise UsageError(
            "archive.not-compared",
            f"comparing the trees at size {size} requires the archive of size {checkpoint.size}",
        )
    tiles = SourceTiles(evidence, checkpoint.size)
    if tiles.root(checkpoint.size) != checkpoint.root:
        raise VerificationError(
            "archive.root", "the tiles of the larger archive do not hash to the signed root"
        )
    return tiles.root(size)


def _read(evidence: Evidence, which: str, trust: TrustFile) -> Checkpoint:
    if isinstance(evidence, bytes):
        return open_archived(evidence, which, trust).opened.checkpoint
    note = evidence.read(CHECKPOINT, MAX_NOTE_SIZE)
    return open_archived(note, f"{CHECKPOINT} of {which}", trust).opened.checkpoint
