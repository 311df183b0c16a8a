"""Sealing and signing: the map of latest heads, the seal that commits to it, the checkpoint.

The order keeps the log consistent through any crash: the seal and the next tree head are written in
one transaction, the entries are read back and hashed again, and only then is the tree head signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    """Creates the next sealed, signed checkpoint of a log; has one owner at a time."""

    def __init__(self, store: Store, origin: str, maps: SealedMaps) -> None:
        """Starts after the newest tree head; `maps` receives the map of each seal."""
        self._store = store
        self._origin = origin
        self._maps = maps
        self._heads: SealedMap | None = None
        newest = store.newest_checkpoint()
        self._chosen = newest.size if newest else 0
        self._signed = store.signed_size()

    @property
    def is_ready(self) -> bool:
        """Reports whether `seal` finds its map, or one from which it soon follows."""
        return not self._chosen or self._heads is not None or self._maps.has_any

    def build(self) -> None:
        """Builds the map that the next seal extends: seconds for a million items."""
        self._maps.at(self._chosen, self._store)

    def seal(self, end: LogEnd, latest: Iterable[Latest]) -> LogEnd:
        """Writes a seal over everything up to `end`, together with the next tree head.

        `latest` are the latest events of all items that changed since the previous seal. Returns
        the new end of the log. Raises ConflictError `store.size`, StorageError `map.stale`.
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
                before=end.frontier,
                after=after.frontier,
                entries=[Entry(end.size, leaf, "", end.size, "seal", body)],
                tiles=tiles,
                checkpoint=CheckpointRow(after.size, after.frontier.root, ""),
            )
        )
        self._heads = heads
        self._maps.keep(after.size, heads)
        self._chosen = after.size
        return after

    def sign(self, signer: NoteSigner, check: Callable[[], None] = lambda: None) -> None:
        """Signs the newest tree head unless it is signed, after reading back what it covers.

        Raises StorageError `ledger.damaged`, and what `check` raises just before the signature.
        """
        if self._chosen == self._signed:
            return
        self._store.barrier()
        newest = self._store.read_checkpoint(self._chosen)
        if newest is None:
            raise StorageError("ledger.damaged", f"there is no tree head of size {self._chosen}")
        if not self._is_intact(newest):
            raise StorageError(
                "ledger.damaged",
                f"the entries below size {newest.size} do not hash to the root of the tree head",
            )
        check()
        note = sign_checkpoint(Checkpoint(self._origin, newest.size, newest.root), [signer])
        self._store.sign_checkpoint(newest.size, note.decode())
        self._signed = newest.size

    def _is_intact(self, newest: CheckpointRow) -> bool:
        """Reports whether the entries since the last signature hash to this tree head.

        Entries must match their leaf hashes, full tiles the hashes below them, and the tree its
        root.
        """
        store, start = self._store, self._signed
        first = start - start % TILE_WIDTH
        tree = StoredTree(newest.size, store)
        try:
            leaves = store.read_leaves(first, start)
            for stored, bodies in store.read_contents(start, newest.size):
                if b"".join(map(leaf_hash, bodies)) != stored:
                    return False
                leaves += stored
            return tree.root == newest.root and all(
                self._is_tile(tree, tile, first, leaves)
                for tile in completed_tiles(start, newest.size)
            )
        except MalformedError:
            return False  # a tile is missing

    def _is_tile(self, tree: StoredTree, tile: Tile, first: int, leaves: bytes) -> bool:
        """Compares a full tile with the hashes below it; `leaves` are leaf hashes from `first`."""
        hashes = self._store.read_tile(tile.level, tile.index, TILE_WIDTH)
        at = (tile.index * TILE_WIDTH - first) * HASH_SIZE
        if tile.level == 0 and hashes != leaves[at : at + TILE_WIDTH * HASH_SIZE]:
            return False
        return fold_hashes(hashes) == tree.node(TILE_HEIGHT * (tile.level + 1), tile.index)
