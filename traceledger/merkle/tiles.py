"""Tiles: the tree as immutable files (C2SP tlog-tiles).

A tile contains up to 256 consecutive hashes of one level. Level 0 contains leaf hashes; each hash
above is the root of one *full* tile below. An entry bundle contains the entries of a tile of level
0. A tree of size 70,000 has::

    tile/0/000 … tile/0/272   tile/0/273.p/112     tile/entries/… likewise
    tile/1/000                tile/1/001.p/17
                              tile/2/000.p/1
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from traceledger.errors import MalformedError, UsageError
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.tree import MAX_TREE_SIZE

__all__ = [
    "ENTRIES",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tile",
    "TileReader",
    "bundles_of",
    "completed_tiles",
    "fold_hashes",
    "format_tile_path",
    "parse_tile_path",
    "tile_width",
    "tiles_of",
]

TILE_HEIGHT = 8
TILE_WIDTH = 256
ENTRIES = -1
"""The level of entry bundles, which have tile coordinates but contain entries."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's coordinates: level (0 to 7, or `ENTRIES`), index in it, hashes (1 to 256)."""

    level: int
    index: int
    width: int


class TileReader(Protocol):
    """A prover's source of hashes: a database, an archive, a server."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads the tile's first `width` hashes, `width` times 32 bytes.

        If a partial tile no longer exists, a reader reads the full tile and truncates it. It need
        not verify what it reads: a proof built from wrong hashes does not verify.
        """


def format_tile_path(tile: Tile) -> str:
    """Formats the path of a tile or entry bundle below the log's prefix, `tile/0/x001/067.p/5`.

    Raises UsageError `merkle.range` for a tile that no tree has. Inverse of `parse_tile_path`.
    """
    if not _exists(tile):
        raise UsageError("merkle.range", f"no tree has {tile}")
    rest, last = divmod(tile.index, 1000)
    groups = [f"{last:03}"]
    while rest:
        rest, group = divmod(rest, 1000)
        groups.insert(0, f"x{group:03}")
    level = "entries" if tile.level == ENTRIES else str(tile.level)
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Parses the path of a tile or entry bundle; raises MalformedError `merkle.tile`.

    Inverse of `format_tile_path`.
    """
    match = _PATH.fullmatch(path)
    if match:
        level = ENTRIES if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("/", "").replace("x", ""))
        tile = Tile(level, index, int(match["width"] or TILE_WIDTH))
        if _exists(tile) and format_tile_path(tile) == path:
            return tile
    raise MalformedError("merkle.tile", f"{path[:80]!r} is not the path of a tile")


def tile_width(level: int, index: int, size: int) -> int:
    """Counts the hashes that a tile has in a tree of that size: 0 (no such tile) to 256."""
    hashes = size >> (TILE_HEIGHT * max(level, 0))
    return min(max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH)


def tiles_of(size: int, old: int = 0) -> Iterator[Tile]:
    """Yields every hash tile of a tree of that size, by level and index, partial ones last.

    Tiles that are full in a tree of size `old` are omitted.
    """
    level = 0
    while size >> (TILE_HEIGHT * level):
        yield from _tiles_in(level, size, old)
        level += 1


def bundles_of(size: int, old: int = 0) -> Iterator[Tile]:
    """Yields every entry bundle of a tree of that size, a partial one last.

    Bundles that are full in a tree of size `old` are omitted.
    """
    return _tiles_in(ENTRIES, size, old)


def completed_tiles(old: int, new: int) -> Iterator[Tile]:
    """Yields the hash tiles that are full in a tree of size `new` but were not at size `old`.

    The entry bundles that became full have the indexes of the tiles of level 0.
    """
    level = 0
    while new >> (TILE_HEIGHT * (level + 1)):
        shift = TILE_HEIGHT * (level + 1)
        for index in range(old >> shift, new >> shift):
            yield Tile(level, index, TILE_WIDTH)
        level += 1


def fold_hashes(hashes: bytes) -> bytes:
    """Computes the root of a perfect subtree from its 2^k hashes, concatenated.

    For a full tile's 8,192 bytes it is the hash that represents the tile one level up.
    """
    while len(hashes) > HASH_SIZE:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, len(hashes), 64)]
        )
    return hashes


def _tiles_in(level: int, size: int, old: int) -> Iterator[Tile]:
    shift = TILE_HEIGHT * max(level, 0)
    full, rest = divmod(size >> shift, TILE_WIDTH)
    for index in range((old >> shift) // TILE_WIDTH, full):
        yield Tile(level, index, TILE_WIDTH)
    if rest:
        yield Tile(level, full, rest)


def _exists(tile: Tile) -> bool:
    """Reports whether the largest tree has the tile."""
    return (
        tile.level >= ENTRIES
        and tile.index >= 0
        and 1 <= tile.width <= tile_width(tile.level, tile.index, MAX_TREE_SIZE)
    )
