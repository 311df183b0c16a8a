"""The check of the archive's tiles: the entries form the tree that was signed.

The check of bundles compares leaves with the tiles of level 0. This module compares the tiles above
with the hashes of the tiles below, and the tree with the signed root. After that, any hash of the
tree can be read from the tiles.
"""

from __future__ import annotations

from traceledger.errors import TraceledgerError, VerificationError
from traceledger.formats.archive import CHECKPOINT
from traceledger.merkle.edge import TileEdge
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.proofs import prove_inclusion, root_from_inclusion
from traceledger.merkle.tiles import TILE_WIDTH, Tile, format_tile_path, tile_width
from traceledger.verify.archive.source import ArchiveSource

__all__ = ["SourceTiles", "UpperTiles", "check_tile"]


class SourceTiles:
    """An archive's tiles, from which hashes of its tree or of any smaller tree are read."""

    def __init__(self, source: ArchiveSource, size: int) -> None:
        self._source = source
        self.size = size

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads the tile's first hashes; the archive contains the tile at its width in the tree."""
        return self.whole(level, index)[: width * HASH_SIZE]

    def whole(self, level: int, index: int) -> bytes:
        """Reads the whole tile; raises VerificationError `archive.tile` for a wrong length."""
        width = tile_width(level, index, self.size)
        path = format_tile_path(Tile(level, index, width))
        data = self._source.read(path, TILE_WIDTH * HASH_SIZE)
        if len(data) != width * HASH_SIZE:
            raise VerificationError(
                "archive.tile", f"{len(data)} bytes are not {width} hashes", where=path
            )
        return data

    def root(self, size: int) -> bytes:
        """Returns the root of the tree at that size, 32 bytes."""
        return StoredTree(size, self).root


class UpperTiles:
    """The tiles of level 1 and above, compared as the full tiles below them are added."""

    def __init__(self, tiles: SourceTiles) -> None:
        self._tiles = tiles
        self.state = TileEdge()  # its level 0 is the tree's level 1

    def resume(self, state: TileEdge) -> None:
        """Continues from a stopped run's edge."""
        self.state = state

    def add(self, root: bytes) -> None:
        """Adds the hash of the next full tile of level 0.

        Raises VerificationError `archive.tile` when a tile that this completes differs.
        """
        self.state, completed = self.state.extended([root])
        for full in completed:
            self._check(full.tile.level + 1, full.tile.index, full.hashes)

    def finish(self, root: bytes) -> None:
        """Compares the partial tiles, and the tree with the signed root.

        Raises VerificationError `archive.tile` or `archive.root`.
        """
        size = self._tiles.size
        for level, hashes in enumerate(self.state.levels, 1):
            if hashes:
                self._check(level, tile_count(level, size), hashes)
        if self._tiles.root(size) != root:
            raise VerificationError(
                "archive.root", "the entries do not hash to the signed root", where=CHECKPOINT
            )

    def _check(self, level: int, index: int, hashes: bytes) -> None:
        if self._tiles.whole(level, index) != hashes:
            path = format_tile_path(Tile(level, index, len(hashes) // HASH_SIZE))
            raise VerificationError(
                "archive.tile",
                "the tile does not contain the hashes of the tiles below",
                where=path,
            )


def tile_count(level: int, size: int) -> int:
    """Counts the full tiles of a level in a tree of that size."""
    return (size >> (8 * level)) // TILE_WIDTH


def check_tile(tiles: SourceTiles, number: int, size: int, root: bytes) -> None:
    """Checks that a tile of level 0 belongs to the signed tree.

    When entries differ from their tile, this determines which of the two is false. Raises
    VerificationError `archive.tile`.
    """
    first = number * TILE_WIDTH
    leaf = tiles.read_tile(0, number, 1)
    try:
        proven = root_from_inclusion(first, size, leaf, prove_inclusion(first, size, tiles))
    except TraceledgerError as error:
        raise VerificationError("archive.tile", error.message, where=error.where) from error
    if proven != root:
        path = format_tile_path(Tile(0, number, tile_width(0, number, size)))
        raise VerificationError(
            "archive.tile", "the tile does not belong to the signed tree", where=path
        )
