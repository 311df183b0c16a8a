"""The growing end of the log: its size, the open tiles and the peaks of its tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from traceledger.errors import MalformedError, StorageError, VerificationError
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from traceledger.formats.note import NoteVerifier, parse_note
from traceledger.merkle.edge import CompletedTile, TileEdge, read_edge
from traceledger.merkle.nodes import StoredTree, read_frontier
from traceledger.merkle.tree import Frontier
from traceledger.storage.store import CheckpointRow, StoreReader

__all__ = ["LogEnd", "check_newest", "has_tree", "read_log_end"]


class LogEnd(NamedTuple):
    """The part of a log that appending requires."""

    edge: TileEdge
    frontier: Frontier

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.frontier.size

    def extended(self, leaves: Sequence[bytes]) -> tuple[LogEnd, tuple[CompletedTile, ...]]:
        """Returns the end after these leaf hashes, and the tiles that they complete."""
        edge, tiles = self.edge.extended(leaves)
        return LogEnd(edge, self.frontier.extended(leaves)), tiles


def read_log_end(store: StoreReader, size: int) -> LogEnd:
    """Reads the end of a stored log at a size."""
    return LogEnd(read_edge(size, store), read_frontier(size, store))


def has_tree(store: StoreReader, tree: Frontier) -> bool:
    """Reports whether the log extends a tree; raises StorageError `ledger.damaged`."""
    try:
        return store.size() >= tree.size and StoredTree(tree.size, store).root == tree.root
    except MalformedError as error:
        raise StorageError("ledger.damaged", f"the tree at size {tree.size}: {error}") from error


def check_newest(
    store: StoreReader, origin: str, key: NoteVerifier | None = None
) -> CheckpointRow | None:
    """Compares the newest tree head with the tree and returns it.

    With the log's key, its signature is checked too. Raises StorageError `ledger.damaged`.
    """
    newest = store.newest_checkpoint()
    if newest is None:
        return None
    try:
        if newest.note:
            _check_note(newest, origin, key)
        intact = StoredTree(newest.size, store).root == newest.root
    except (MalformedError, VerificationError) as error:
        raise StorageError("ledger.damaged", f"checkpoint {newest.size}: {error}") from error
    if not intact:
        raise StorageError(
            "ledger.damaged", f"the tree at size {newest.size} differs from its tree head"
        )
    return newest


def _check_note(newest: CheckpointRow, origin: str, key: NoteVerifier | None) -> None:
    note = newest.note.encode()
    if key is None:
        signed = parse_checkpoint(parse_note(note).text)
    else:
        signed = open_checkpoint(note, origin, [key]).checkpoint
    if signed != Checkpoint(origin, newest.size, newest.root):
        raise VerificationError("ledger.damaged", "the signed note differs from the tree head")
