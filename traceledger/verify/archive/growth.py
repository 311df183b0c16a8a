"""Two trees of one log: that the larger extends the smaller, or the evidence that it does not."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import TraceledgerError, UsageError, VerificationError
from traceledger.formats.archive import CHECKPOINT
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE
from traceledger.formats.trust import TrustFile
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import TILE_WIDTH, Tile, format_tile_path, tile_width
from traceledger.verify.archive.source import ArchiveSource

__all__ = ["Fork", "check_extends", "prove_fork"]


class Fork(NamedTuple):
    """Two roots that one log signed for one size: it showed two histories."""

    origin: str
    size: int
    roots: tuple[bytes, bytes]


class _SourceTiles:
    """An archive's tiles for proofs of any smaller tree."""

    def __init__(self, source: ArchiveSource, size: int) -> None:
        self._source = source
        self._size = size

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads the tile's first hashes; the archive holds it as wide as its tree has it."""
        tile = Tile(level, index, tile_width(level, index, self._size))
        data = self._source.read(format_tile_path(tile), TILE_WIDTH * HASH_SIZE)
        return data[: width * HASH_SIZE]


def check_extends(source: ArchiveSource, size: int, note: bytes, trust: TrustFile) -> None:
    """Checks that a verified archive of that size extends the checkpoint in the note.

    Raises VerificationError `archive.older` or `archive.fork`.
    """
    held = _open(note, trust, "the checkpoint held")
    if held.size > size:
        raise VerificationError(
            "archive.older", f"the archive has {size} entries, the checkpoint held {held.size}"
        )
    if StoredTree(held.size, _SourceTiles(source, size)).root != held.root:
        raise VerificationError(
            "archive.fork", f"at size {held.size} the archive is not what the ledger signed before"
        )


def prove_fork(one: ArchiveSource, other: ArchiveSource, trust: TrustFile) -> Fork:
    """Shows that two archives of one log contradict each other, for whoever needs to see it.

    Only the log's own signatures and the tiles of the larger archive are used. Raises UsageError
    `archive.no-fork` when the two are consistent.
    """
    first, second = (_read(source, trust) for source in (one, other))
    if first.size > second.size:
        one, other, first, second = other, one, second, first
    root = StoredTree(first.size, _SourceTiles(other, second.size)).root
    whole = StoredTree(second.size, _SourceTiles(other, second.size)).root
    if whole != second.root:
        raise VerificationError("archive.root", "the larger archive's tiles hash to another root")
    if root == first.root:
        raise UsageError(
            "archive.no-fork", f"size {second.size} extends size {first.size}: one history"
        )
    return Fork(first.origin, first.size, (first.root, root))


def _read(source: ArchiveSource, trust: TrustFile) -> Checkpoint:
    return _open(source.read(CHECKPOINT, MAX_NOTE_SIZE), trust, CHECKPOINT)


def _open(note: bytes, trust: TrustFile, where: str) -> Checkpoint:
    log_keys = [log.key for log in trust.policy.logs]
    try:
        return open_checkpoint(note, trust.origin, log_keys).checkpoint
    except TraceledgerError as error:
        raise VerificationError(error.code, error.message, where=where) from error
