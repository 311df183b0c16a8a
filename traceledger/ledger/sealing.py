"""Sealing and signing: the map of latest heads, the seal that commits to it, the checkpoint.

The order is what keeps the log honest whatever dies: seal, map and the choice of the next tree head
go into one transaction; what was written is read back and hashed again; only then is it signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from traceledger.errors import MalformedError, StorageError
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner
from traceledger.formats.seal import Seal, format_seal, parse_seal
from traceledger.ledger.tip import Tip
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import EMPTY, MapLeaf, MapPath, map_key, map_leaf
from traceledger.merkle.headtree import HeadTree, choose_bits
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    completed_tiles,
    fold_hashes,
)
from traceledger.storage.store import Batch, CheckpointRow, Entry, MapRow, Store

__all__ = ["SealedMap", "Sealer"]


class SealedMap:
    """The map of latest heads as the newest seal commits to it, over the store's table."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._items = store.count_items()
        # What buckets will hold; the store's table holds it only after the commit.
        self._coming: dict[int, list[MapLeaf]] = {}
        self._tree = HeadTree(choose_bits(self._items), self._read_bucket)
        self._tree.load(store.read_whole_map())

    @property
    def root(self) -> bytes:
        """The map root, 32 bytes."""
        return self._tree.root

    @property
    def items(self) -> int:
        """The number of items."""
        return self._items

    def is_cramped(self) -> bool:
        """Reports whether the map has outgrown its buckets, so that it is better built anew."""
        return choose_bits(self._items) > self._tree.bits + 1

    def find_path(self, item: str) -> MapPath:
        """The way to an item in the map (`traceledger.merkle.headmap`)."""
        return self._tree.find_path(map_key(item))

    def update(self, rows: Sequence[MapRow]) -> None:
        """Takes new and changed leaves in, before they are written."""
        changed: dict[int, dict[bytes, bytes]] = {}
        for row in rows:
            changed.setdefault(self._tree.bucket_of(row.key), {})[row.key] = row.leaf
        bounds = [self._tree.bucket_bounds(bucket) for bucket in changed]
        for bucket, held in zip(changed, self._store.read_map(bounds), strict=True):
            leaves = dict(held)
            leaves.update(changed[bucket])
            self._coming[bucket] = sorted(leaves.items())
            self._items += len(leaves) - len(held)
        self._tree.update(changed)
        self._coming = {}

    def _read_bucket(self, bucket: int) -> Sequence[MapLeaf]:
        coming = self._coming.get(bucket)
        if coming is not None:
            return coming
        return self._store.read_map([self._tree.bucket_bounds(bucket)])[0]


class Sealer:
    """Makes the next sealed, signed checkpoint of a log; one owner at a time."""

    def __init__(self, store: Store, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._map: SealedMap | None = None
        self._sealed = store.signed_size()

    @property
    def map(self) -> SealedMap:
        """The map as the newest seal commits to it, built when first needed.

        Raises StorageError `map.stale` when the stored items are others.
        """
        while self._map is None:
            seal = self._newest_seal()
            built = SealedMap(self._store)
            sealed = (seal.map_root, seal.items) if seal else (EMPTY, 0)
            if (built.root, built.items) == sealed:
                self._map = built
            elif self._newest_seal() == seal:  # no other process has sealed meanwhile
                raise StorageError(
                    "map.stale", "the items of the map are not those of the newest seal"
                )
        return self._map

    def seal(self, tip: Tip, heads: Iterable[tuple[str, int, bytes]]) -> Tip:
        """Writes a seal over everything up to `tip` and chooses it as the next tree head.

        `heads` are position and event id of every item that changed since the seal before. Returns
        the new end of the log.
        """
        rows = []
        for item, seq, head in heads:
            key = map_key(item)
            rows.append(MapRow(key, map_leaf(key, seq, head), item, seq, head))
        rows.sort()  # by key, as the store keeps them
        try:
            self.map.update(rows)
            previous = self._sealed - 1 if self._sealed else None
            seal = Seal(tip.size, self.map.root, self.map.items, previous)
            body = format_seal(seal)
            leaf = leaf_hash(body)
            after, tiles = tip.extended([leaf])
            self._store.append(
                Batch(
                    size=tip.size,
                    entries=[Entry(tip.size, leaf, "", tip.size, "seal", body)],
                    tiles=tiles,
                    mapped=rows,
                    checkpoint=CheckpointRow(after.size, after.frontier.root, ""),
                )
            )
        except BaseException:
            self._map = None  # it ran ahead of the store
            raise
        if self.map.is_cramped():
            self._map = None
        return after

    def sign(self, signer: NoteSigner) -> bytes | None:
        """Signs the newest tree head if it is not signed yet, after reading back what it covers.

        Returns the note, or None where there was nothing to sign. Raises StorageError
        `ledger.damaged`.
        """
        newest = self._store.newest_checkpoint()
        if newest is None or newest.note:
            return None
        if not self._is_intact(newest):
            raise StorageError(
                "ledger.damaged", f"the entries below size {newest.size} hash to another root"
            )
        note = sign_checkpoint(Checkpoint(self._origin, newest.size, newest.root), [signer])
        self._store.sign_checkpoint(newest.size, note.decode())
        self._sealed = newest.size
        return note

    def _newest_seal(self) -> Seal | None:
        newest = self._store.newest_checkpoint()
        if newest is None:
            return None
        (body,) = self._store.read_bodies(newest.size - 1, newest.size)
        return parse_seal(body)

    def _is_intact(self, newest: CheckpointRow) -> bool:
        """Reports whether what was written since the last signature hashes to this tree head.

        Entries must have their leaf hashes, full tiles the hashes of what is below them, and the
        tree above all of them the root.
        """
        store, start = self._store, self._sealed
        leaves = b"".join(map(leaf_hash, store.read_bodies(start, newest.size)))
        tree = StoredTree(newest.size, store)
        try:
            return (
                tree.root == newest.root
                and store.read_leaves(start, newest.size) == leaves
                and all(self._is_tile(tree, tile) for tile in completed_tiles(start, newest.size))
            )
        except MalformedError:
            return False  # a tile is missing

    def _is_tile(self, tree: StoredTree, tile: Tile) -> bool:
        hashes = self._store.read_tile(tile.level, tile.index, TILE_WIDTH)
        first = tile.index * TILE_WIDTH
        if tile.level == 0 and hashes != self._store.read_leaves(first, first + TILE_WIDTH):
            return False
        return fold_hashes(hashes) == tree.node(TILE_HEIGHT * (tile.level + 1), tile.index)
