"""Sealing and signing: the map of latest heads, the seal that commits to it, the checkpoint.

The order is what keeps the log honest whatever dies: the seal and the choice of the next tree head
go into one transaction; what was written is read back and hashed again; only then is it signed.
"""

from __future__ import annotations

from collections.abc import Iterable

from traceledger.errors import MalformedError, StorageError
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner
from traceledger.formats.seal import Seal, format_seal
from traceledger.ledger.reading.log_end import LogEnd
from traceledger.ledger.reading.sealed_map import SealedMap
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.merkle.hashing import HASH_SIZE, leaf_hash
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    completed_tiles,
    fold_hashes,
)
from traceledger.storage.store import Batch, CheckpointRow, Latest, Store
from traceledger.views.rows import Entry

__all__ = ["Sealer"]


class Sealer:
    """Makes the next sealed, signed checkpoint of a log; one owner at a time."""

    def __init__(self, store: Store, origin: str, maps: SealedMaps) -> None:
        """Begins after the newest tree head that was chosen; `maps` takes in the map of each."""
        self._store = store
        self._origin = origin
        self._maps = maps
        self._heads: SealedMap | None = None
        newest = store.newest_checkpoint()
        self._chosen = newest.size if newest else 0
        self._signed = store.signed_size()

    def seal(self, end: LogEnd, latest: Iterable[Latest]) -> LogEnd:
        """Writes a seal over everything up to `end` and chooses it as the next tree head.

        `latest` are the latest events of all items that changed since the seal before. Returns the
        new end of the log. Raises ConflictError `store.size`, StorageError `map.stale`.
        """
        before = self._heads or self._maps.at(self._chosen, self._store)
        heads = before.updated(latest)
        previous = self._signed - 1 if self._signed else None
        seal = Seal(end.size, heads.root, heads.items, previous)
        body = format_seal(seal)
        leaf = leaf_hash(body)
        after, tiles = end.extended([leaf])
        self._store.append(
            Batch(
                size=end.size,
                entries=[Entry(end.size, leaf, "", end.size, "seal", body)],
                tiles=tiles,
                checkpoint=CheckpointRow(after.size, after.frontier.root, ""),
            )
        )
        self._heads = heads
        self._maps.keep(after.size, heads)
        self._chosen = after.size
        return after

    def sign(self, signer: NoteSigner) -> None:
        """Signs the newest tree head if it is not signed yet, after reading back what it covers.

        Raises StorageError `ledger.damaged`.
        """
        if self._chosen == self._signed:
            return
        newest = self._store.read_checkpoint(self._chosen)
        if newest is None:
            raise StorageError("ledger.damaged", f"there is no tree head of size {self._chosen}")
        if not self._is_intact(newest):
            raise StorageError(
                "ledger.damaged", f"the entries below size {newest.size} hash to another root"
            )
        note = sign_checkpoint(Checkpoint(self._origin, newest.size, newest.root), [signer])
        self._store.sign_checkpoint(newest.size, note.decode())
        self._signed = newest.size

    def _is_intact(self, newest: CheckpointRow) -> bool:
        """Reports whether what was written since the last signature hashes to this tree head.

        Entries must have their leaf hashes, full tiles the hashes of what is below them, and the
        tree above all of them the root.
        """
        store, start = self._store, self._signed
        first = start - start % TILE_WIDTH
        tree = StoredTree(newest.size, store)
        try:
            hashed = b"".join(map(leaf_hash, store.read_bodies(start, newest.size)))
            leaves = store.read_leaves(first, newest.size)
            return (
                tree.root == newest.root
                and leaves[(start - first) * HASH_SIZE :] == hashed
                and all(
                    self._is_tile(tree, tile, first, leaves)
                    for tile in completed_tiles(start, newest.size)
                )
            )
        except MalformedError:
            return False  # a tile is missing

    def _is_tile(self, tree: StoredTree, tile: Tile, first: int, leaves: bytes) -> bool:
        """Compares a full tile with what is below it; `leaves` are leaf hashes from `first` on."""
        hashes = self._store.read_tile(tile.level, tile.index, TILE_WIDTH)
        at = (tile.index * TILE_WIDTH - first) * HASH_SIZE
        if tile.level == 0 and hashes != leaves[at : at + TILE_WIDTH * HASH_SIZE]:
            return False
        return fold_hashes(hashes) == tree.node(TILE_HEIGHT * (tile.level + 1), tile.index)
