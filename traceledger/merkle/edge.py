"""Growing the tiles of a tree, a batch of leaves at a time.

Only full tiles are worth storing. The hashes of a partial tile are in the database anyway: those of
level 0 are leaf hashes, those above are the roots of the full tiles one level down, which is why a
completed tile comes with its root. So partial tiles are derived on demand and never accumulate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, TileReader, fold_hashes

__all__ = ["CompletedTile", "TileEdge", "read_edge"]

_TILE_SIZE = TILE_WIDTH * HASH_SIZE


class CompletedTile(NamedTuple):
    """A full tile: its coordinates, its 256 hashes, and its root, a hash of the next level."""

    tile: Tile
    hashes: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class TileEdge:
    """The partial tile of each level, lowest first, `b""` where there is none."""

    size: int = 0
    levels: tuple[bytes, ...] = ()

    def extended(self, leaf_hashes: Iterable[bytes]) -> tuple[TileEdge, tuple[CompletedTile, ...]]:
        """Appends leaf hashes of 32 bytes; returns the new edge and the completed tiles.

        The tiles are ordered by level and index: exactly `completed_tiles(old size, new size)`.
        """
        incoming = b"".join(leaf_hashes)
        size = self.size + len(incoming) // HASH_SIZE
        levels: list[bytes] = []
        completed: list[CompletedTile] = []
        while incoming or len(levels) < len(self.levels):
            level = len(levels)
            row = (self.levels[level] if level < len(self.levels) else b"") + incoming
            index = self.size >> (TILE_HEIGHT * (level + 1))
            roots = []
            while len(row) >= _TILE_SIZE:
                hashes, row = row[:_TILE_SIZE], row[_TILE_SIZE:]
                roots.append(fold_hashes(hashes))
                completed.append(CompletedTile(Tile(level, index, TILE_WIDTH), hashes, roots[-1]))
                index += 1
            levels.append(row)
            incoming = b"".join(roots)
        return TileEdge(size, tuple(levels)), tuple(completed)


def read_edge(size: int, reader: TileReader) -> TileEdge:
    """Reads the edge of a stored tree, at most one partial tile per level."""
    levels: list[bytes] = []
    while hashes := size >> (TILE_HEIGHT * len(levels)):
        index, width = divmod(hashes, TILE_WIDTH)
        levels.append(reader.read_tile(len(levels), index, width) if width else b"")
    return TileEdge(size, tuple(levels))
