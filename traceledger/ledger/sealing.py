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
from traceledger.ledger.tip import Tip, read_tip
from traceledger.merkle.edge import CompletedTile
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import EMPTY, MapLeaf, MapPath, map_key, map_leaf
from traceledger.merkle.headtree import HeadTree, choose_bits
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.storage.store import Batch, CheckpointRow, Entry, MapRow, Store

__all__ = ["SealedMap", "Sealer"]


class SealedMap:
    """The map of latest heads as the newest seal commits to it, over the store's table."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._items = store.count_items()
        # What a seal is about to write; the store's table holds it only after the commit.
        self._coming: dict[int, dict[bytes, bytes]] = {}
        self._read: dict[int, list[MapLeaf]] = {}
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
        for row in rows:
            bucket = self._tree.bucket_of(row.key)
            self._coming.setdefault(bucket, {})[row.key] = row.leaf
        buckets = list(self._coming)
        bounds = [self._tree.bucket_bounds(bucket) for bucket in buckets]
        self._read = dict(zip(buckets, self._store.read_map(bounds), strict=True))
        before = sum(map(len, self._read.values()))
        self._tree.update(buckets)
        self._items += sum(len(self._read_bucket(bucket)) for bucket in buckets) - before
        self._coming, self._read = {}, {}

    def _read_bucket(self, bucket: int) -> Sequence[MapLeaf]:
        held = self._read.get(bucket)
        if held is None:
            held = self._store.read_map([self._tree.bucket_bounds(bucket)])[0]
        coming = self._coming.get(bucket)
        return sorted((dict(held) | coming).items()) if coming else held


class Sealer:
    """Makes the next sealed, signed checkpoint of a log; one owner at a time."""

    def __init__(self, store: Store, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._map: SealedMap | None = None
        self._sealed = store.signed_size()
        self._signed: Tip | None = None

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
        before = self._signed or read_tip(self._store, self._sealed)
        bodies = self._store.read_bodies(before.size, newest.size)
        leaves = [leaf_hash(body) for body in bodies]
        after, tiles = before.extended(leaves)
        if (
            after.frontier.root != newest.root
            or self._store.read_leaves(before.size, newest.size) != b"".join(leaves)
            or not self._holds(newest, tiles)
        ):
            raise StorageError(
                "ledger.damaged", f"the entries below size {newest.size} hash to another root"
            )
        note = sign_checkpoint(Checkpoint(self._origin, newest.size, newest.root), [signer])
        self._store.sign_checkpoint(newest.size, note.decode())
        self._sealed, self._signed = newest.size, after
        return note

    def _newest_seal(self) -> Seal | None:
        newest = self._store.newest_checkpoint()
        if newest is None:
            return None
        (body,) = self._store.read_bodies(newest.size - 1, newest.size)
        return parse_seal(body)

    def _holds(self, newest: CheckpointRow, tiles: Iterable[CompletedTile]) -> bool:
        """Reports whether the stored tree has this root, and these full tiles."""
        try:
            root = StoredTree(newest.size, self._store).root
        except MalformedError:
            return False  # a tile is missing
        return root == newest.root and all(
            self._store.read_tile(tile.level, tile.index, TILE_WIDTH) == hashes
            for tile, hashes, _ in tiles
        )
