"""A tree whose full tiles are stored and whose partial tiles are derived, as in storage."""

from __future__ import annotations

from collections.abc import Iterable

from traceledger.merkle.edge import TileEdge
from traceledger.merkle.hashing import HASH_SIZE, leaf_hash


class TiledTree:
    def __init__(self) -> None:
        self.edge = TileEdge()
        self.leaves: list[bytes] = []
        self.full: dict[tuple[int, int], bytes] = {}
        self.roots: dict[tuple[int, int], bytes] = {}
        self.reads = 0

    @classmethod
    def of_size(cls, size: int) -> TiledTree:
        tree = cls()
        tree.append(leaf_hash(str(i).encode()) for i in range(size))
        return tree

    def append(self, leaf_hashes: Iterable[bytes]) -> None:
        batch = list(leaf_hashes)
        self.leaves += batch
        self.edge, completed = self.edge.extended(batch)
        for tile, hashes, root in completed:
            self.full[tile.level, tile.index] = hashes
            self.roots[tile.level, tile.index] = root

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        self.reads += 1
        if (level, index) in self.full:
            return self.full[level, index][: width * HASH_SIZE]
        first = index * 256
        if level == 0:
            return b"".join(self.leaves[first : first + width])
        return b"".join(self.roots[level - 1, first + i] for i in range(width))
