"""Two trees of one log: that the larger extends the smaller, or the evidence that it does not."""

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

_HELD = "the checkpoint held"

Evidence = ArchiveSource | bytes
"""What shows a history: an archive, or the note of a checkpoint."""


class Fork(NamedTuple):
    """Two roots that one log signed for one size: it showed two histories."""

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
            "archive.older", f"the archive has {size} entries, the checkpoint held {held.size}"
        )
    return held


def check_extends(source: ArchiveSource, size: int, note: bytes, trust: TrustFile) -> None:
    """Checks that a verified archive of that size extends the checkpoint in the note.

    Raises VerificationError `archive.older` or `archive.fork`.
    """
    held = check_not_older(size, note, trust)
    if SourceTiles(source, size).root(held.size) != held.root:
        raise VerificationError(
            "archive.fork", f"at size {held.size} the archive is not what the ledger signed before"
        )


def prove_fork(one: Evidence, other: Evidence, trust: TrustFile) -> Fork:
    """Shows that two archives, or an archive and a checkpoint, of one log contradict each other.

    Only the log's own signatures and the tiles of the larger archive are used. Raises UsageError
    `archive.no-fork` when the two are consistent or when nothing shows the larger one's tree, and
    VerificationError when a note or a tile is false.
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
            "archive.no-fork", f"size {second.size} extends size {first.size}: one history"
        )
    return Fork(first.origin, first.size, (first.root, root))


def _root_at(size: int, checkpoint: Checkpoint, evidence: Evidence) -> bytes:
    """The root that the log's larger tree had at that size."""
    if size == checkpoint.size:
        return checkpoint.root
    if isinstance(evidence, bytes):
        raise UsageError(
            "archive.no-fork",
            f"only an archive of size {checkpoint.size} shows what the tree was at size {size}",
        )
    tiles = SourceTiles(evidence, checkpoint.size)
    if tiles.root(checkpoint.size) != checkpoint.root:
        raise VerificationError("archive.root", "the larger archive's tiles hash to another root")
    return tiles.root(size)


def _read(evidence: Evidence, which: str, trust: TrustFile) -> Checkpoint:
    if isinstance(evidence, bytes):
        return open_archived(evidence, which, trust).opened.checkpoint
    note = evidence.read(CHECKPOINT, MAX_NOTE_SIZE)
    return open_archived(note, f"{CHECKPOINT} of {which}", trust).opened.checkpoint
