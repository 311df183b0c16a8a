"""Computing any hash of a stored tree from its tiles."""

from __future__ import annotations

from traceledger.errors import MalformedError
from traceledger.merkle.hashing import EMPTY_ROOT, HASH_SIZE, node_hash
from traceledger.merkle.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileReader,
    fold_hashes,
    tile_width,
)
from traceledger.merkle.tree import Frontier

__all__ = ["StoredTree", "read_frontier"]


class StoredTree:
    """The nodes of a tree of one size; each tile is read at most once."""

    def __init__(self, size: int, reader: TileReader) -> None:
        self.size = size
        self._reader = reader
        self._tiles: dict[tuple[int, int], bytes] = {}

    @property
    def root(self) -> bytes:
        """The tree's root (RFC 6962 section 2.1), 32 bytes."""
        if not self.size:
            return EMPTY_ROOT
        return self.node((self.size - 1).bit_length(), 0)

    def node(self, height: int, index: int) -> bytes:
        """Computes MTH(D[index * 2^height : (index + 1) * 2^height]), cut at the tree's size.

        The range must contain a leaf. Raises MalformedError `merkle.tile` if a tile that was read
        has the wrong length.
        """
        if (index + 1) << height <= self.size:
            return self._perfect(height, index)
        # The right child starts at the odd index; if the tree ends before it, there is none.
        left, right = 2 * index, 2 * index + 1
        if right << (height - 1) >= self.size:
            return self.node(height - 1, left)
        return node_hash(self._perfect(height - 1, left), self.node(height - 1, right))

    def _perfect(self, height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_HEIGHT)
        tile, first = divmod(index << above, TILE_WIDTH)
        hashes = self._tile(level, tile)
        return fold_hashes(hashes[first * HASH_SIZE : (first + (1 << above)) * HASH_SIZE])

    def _tile(self, level: int, index: int) -> bytes:
        hashes = self._tiles.get((level, index))
        if hashes is None:
            width = tile_width(level, index, self.size)
            hashes = self._reader.read_tile(level, index, width)
            if len(hashes) != width * HASH_SIZE:
                raise MalformedError(
                    "merkle.tile",
                    f"tile {index} of level {level} has {len(hashes)} bytes, not {width} hashes",
                )
            self._tiles[level, index] = hashes
        return hashes


def read_frontier(size: int, reader: TileReader) -> Frontier:
    """Reads the frontier of a stored tree, so that it can be extended."""
    tree = StoredTree(size, reader)
    heights = [h for h in reversed(range(size.bit_length())) if size >> h & 1]
    return Frontier(size, tuple(tree.node(h, (size >> h) - 1) for h in heights))
