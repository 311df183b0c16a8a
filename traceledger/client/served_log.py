"""The log of a server as of one checkpoint, read as C2SP tlog-tiles; every byte is checked.

The partial tiles of a tree, at most one for each level, hash to its root. Every full tile hashes to
a hash in the tile above. So each tile and each bundle is compared with the signed root as it
arrives, in any order, and only one tile of each level is kept in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from traceledger.client.transport import Transport
from traceledger.errors import (
    BusyError,
    MalformedError,
    RemoteError,
    TraceledgerError,
    VerificationError,
)
from traceledger.formats.archive import entries_path
from traceledger.formats.checkpoint import Checkpoint
from traceledger.merkle.bundles import format_bundle, parse_bundle
from traceledger.merkle.hashing import HASH_SIZE, leaf_hash
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    fold_hashes,
    format_tile_path,
    tile_width,
)

__all__ = ["Bundle", "ServedLog", "read_entries"]


class Bundle(NamedTuple):
    """A bundle of entries as served, its entries, and the tile of their hashes."""

    data: bytes
    entries: tuple[bytes, ...]
    hashes: bytes


class ServedLog:
    """A server's log up to a signed checkpoint; a `TileReader` whose tiles are all proven."""

    def __init__(self, transport: Transport, checkpoint: Checkpoint) -> None:
        """Reads the partial tiles; raises VerificationError `mirror.tile` unless they fit."""
        self.size = checkpoint.size
        self._transport = transport
        self._edge: dict[int, bytes] = {}
        self._latest: dict[int, tuple[int, bytes]] = {}
        try:
            root = StoredTree(self.size, _Edge(self)).root
        except MalformedError as error:
            raise VerificationError("mirror.tile", error.message) from error
        if root != checkpoint.root:
            raise VerificationError(
                "mirror.tile", f"the tiles do not hash to the signed root of size {self.size}"
            )

    def tile(self, level: int, index: int) -> bytes:
        """Reads a tile at its width in this tree; raises VerificationError `mirror.tile`."""
        if tile_width(level, index, self.size) < TILE_WIDTH:
            return self._edge[level]
        held, hashes = self._latest.get(level, (-1, b""))
        if held != index:
            hashes = self._fetch(Tile(level, index, TILE_WIDTH), _cut_tile)
            if not self._is_full_tile(level, index, hashes):
                path = format_tile_path(Tile(level, index, TILE_WIDTH))
                raise VerificationError(
                    "mirror.tile", "the tile is not in the signed tree", where=path
                )
            self._latest[level] = index, hashes
        return hashes

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads the first hashes of a tile."""
        return self.tile(level, index)[: width * HASH_SIZE]

    def partial_tiles(self) -> dict[str, bytes]:
        """The partial tiles by path: with the full tiles of a smaller tree, they prove its root."""
        found = {}
        for level, hashes in self._edge.items():
            index = (self.size >> (TILE_HEIGHT * level)) // TILE_WIDTH
            found[format_tile_path(Tile(level, index, len(hashes) // HASH_SIZE))] = hashes
        return found

    def fetch_bundle(self, index: int) -> Bundle:
        """Fetches a bundle of entries; raises VerificationError `mirror.bundle`."""
        width = tile_width(ENTRIES, index, self.size)
        data = self._fetch(Tile(ENTRIES, index, width), _cut_bundle)
        return self.check_bundle(index, data)

    def check_bundle(self, index: int, data: bytes) -> Bundle:
        """Compares a bundle with the tree; raises VerificationError `mirror.bundle`."""
        width = tile_width(ENTRIES, index, self.size)
        path = entries_path(index, width)
        try:
            entries = parse_bundle(data, width)
        except MalformedError as error:
            raise VerificationError("mirror.bundle", error.message, where=path) from error
        hashes = b"".join(map(leaf_hash, entries))
        full = width == TILE_WIDTH
        if not (self._is_full_tile(0, index, hashes) if full else hashes == self._edge[0]):
            raise VerificationError(
                "mirror.bundle", "the entries are not those of the signed tree", where=path
            )
        return Bundle(data, entries, hashes)

    def entries(self, start: int) -> Iterator[bytes]:
        """Fetches the entries from an index to the end of this tree, a bundle at a time."""
        for index in range(start // TILE_WIDTH, -(-self.size // TILE_WIDTH)):
            yield from self.fetch_bundle(index).entries[max(start - index * TILE_WIDTH, 0) :]

    def fetch_edge(self, level: int, index: int, width: int) -> bytes:
        """Fetches a partial tile, which the root then proves."""
        hashes = self._edge[level] = self._fetch(Tile(level, index, width), _cut_tile)
        return hashes

    def _fetch(self, tile: Tile, cut: Callable[[bytes, int], bytes]) -> bytes:
        """Fetches a tile; the full one, cut, where the partial one was removed meanwhile."""
        if tile.width < TILE_WIDTH:
            found = self._transport.find_bytes(f"/{format_tile_path(tile)}")
            if found is not None:
                return found
        full = Tile(tile.level, tile.index, TILE_WIDTH)
        return cut(self._transport.get_bytes(f"/{format_tile_path(full)}"), tile.width)

    def _is_full_tile(self, level: int, index: int, hashes: bytes) -> bool:
        if len(hashes) != TILE_WIDTH * HASH_SIZE:
            return False
        above, place = divmod(index, TILE_WIDTH)
        start = place * HASH_SIZE
        return fold_hashes(hashes) == self.tile(level + 1, above)[start : start + HASH_SIZE]


def read_entries(transport: Transport, checkpoint: Checkpoint, start: int) -> Iterator[bytes]:
    """Fetches the entries of a checkpoint's log from an index on, each compared with the tree.

    Raises VerificationError `mirror.tile` or `mirror.bundle`, BusyError, and RemoteError for every
    other answer of the server.
    """
    try:
        yield from ServedLog(transport, checkpoint).entries(start)
    except (BusyError, RemoteError, VerificationError):
        raise
    except TraceledgerError as error:
        raise RemoteError("remote.answer", str(error)) from error


def _cut_tile(data: bytes, width: int) -> bytes:
    return data[: width * HASH_SIZE]


def _cut_bundle(data: bytes, width: int) -> bytes:
    """Cuts a full bundle; what is no bundle stays, and is refused when it is checked."""
    try:
        return format_bundle(parse_bundle(data, TILE_WIDTH)[:width])
    except MalformedError:
        return data


class _Edge:
    """The partial tiles, of which the root of the tree is computed: it reads no full tile."""

    def __init__(self, log: ServedLog) -> None:
        self._log = log

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Fetches a partial tile."""
        return self._log.fetch_edge(level, index, width)
