"""The checker: verifies an entry bundle as far as possible without the rest of the log.

It only turns bytes into facts, so that it can run in worker processes. Computations that need the
order of the log are folds over these facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.formats.archive import (
    MAX_BUNDLE,
    MAX_DISCLOSURES,
    disclosures_path,
    entries_path,
    parse_disclosures,
)
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import HASH_SIZE, leaf_hash
from traceledger.merkle.tiles import (
    ENTRIES,
    TILE_WIDTH,
    Tile,
    fold_hashes,
    format_tile_path,
    tile_width,
)
from traceledger.verify.archive.entry import Entry, EntryFacts, check_entry
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.tree import SourceTiles, check_tile

__all__ = ["BundleFacts", "Checker", "decode_facts", "encode_facts"]


class BundleFacts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The facts of a bundle: its number, its entries and the hash of its full tile.

    `root` is empty for a partial bundle.
    """

    number: int
    root: bytes
    entries: tuple[EntryFacts, ...]


encode_facts = msgspec.msgpack.Encoder().encode
decode_facts = msgspec.msgpack.Decoder(BundleFacts).decode


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks bundles of an archive independently; picklable, so that each process has its own.

    `size` and `root` are those of the signed tree; `disclosed` tells whether the archive contains
    disclosures, `valued` whether a fold reads their values.
    """

    source: ArchiveSource
    size: int
    root: bytes
    disclosed: bool
    valued: bool

    @property
    def bundles(self) -> int:
        """The total number of bundles."""
        return -(-self.size // TILE_WIDTH)

    def check(self, number: int, keys: Mapping[str, bytes]) -> BundleFacts:
        """Reads a bundle with its tile and disclosures, and checks every entry.

        `keys` are the public keys known so far as JWKs, by kid. Raises VerificationError with the
        file, entry and event: `archive.bundle` when the entries do not match the tile,
        `archive.tile` when the tile does not match the tree, `archive.disclosures`, or a code of
        the event; also raises the errors of `ArchiveSource.read`.
        """
        width = tile_width(ENTRIES, number, self.size)
        hashes = _read_tile(self.source, number, width)
        try:
            bodies = _read_bodies(self.source, number, hashes)
        except VerificationError:
            # When bundle and tile differ, the tree shows which of them is false.
            check_tile(SourceTiles(self.source, self.size), number, self.size, self.root)
            raise
        disclosures = self._read_disclosures(number, width)
        start = number * TILE_WIDTH
        entries = tuple(
            check_entry(
                Entry(
                    start + place, hashes[place * HASH_SIZE : (place + 1) * HASH_SIZE], body, shown
                ),
                keys,
                last=False,
                width=width,
                valued=self.valued,
            )
            for place, (body, shown) in enumerate(zip(bodies, disclosures, strict=True))
        )
        root = fold_hashes(hashes) if width == TILE_WIDTH else b""
        return BundleFacts(number, root, entries)

    def _read_disclosures(self, number: int, width: int) -> Sequence[tuple[bytes, ...]]:
        if not self.disclosed:
            return ((),) * width
        path = disclosures_path(number, width)
        try:
            return parse_disclosures(self.source.read(path, MAX_DISCLOSURES), width)
        except MalformedError as error:
            where = f"{path}, {error.where}" if error.where and error.where != path else path
            raise VerificationError(error.code, error.message, where=where) from error


def _read_tile(source: ArchiveSource, number: int, width: int) -> bytes:
    path = format_tile_path(Tile(0, number, width))
    hashes = source.read(path, TILE_WIDTH * HASH_SIZE)
    if len(hashes) != width * HASH_SIZE:
        raise VerificationError(
            "archive.tile", f"{len(hashes)} bytes are not {width} hashes", where=path
        )
    return hashes


def _read_bodies(source: ArchiveSource, number: int, hashes: bytes) -> Sequence[bytes]:
    """Reads the bundle's entries and checks that each hashes to its leaf in the tile."""
    width = len(hashes) // HASH_SIZE
    path = entries_path(number, width)
    data = source.read(path, MAX_BUNDLE)
    try:
        bodies = parse_bundle(data, width)
    except MalformedError as error:
        where = _first_false(number, list(_split(data)), hashes)
        raise VerificationError("archive.bundle", error.message, where=path + where) from error
    if b"".join(map(leaf_hash, bodies)) != hashes:
        where = _first_false(number, bodies, hashes)
        raise VerificationError(
            "archive.bundle", "the entry is not the one in the tree", where=path + where
        )
    return bodies


def _first_false(number: int, bodies: Sequence[bytes], hashes: bytes) -> str:
    """Locates the first entry that does not hash to its leaf, and names the expected event."""
    leaves = [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    fits = (leaf_hash(body) == leaf for body, leaf in zip(bodies, leaves, strict=False))
    place = next((place for place, fit in enumerate(fits) if not fit), len(bodies))
    if place == len(bodies) == len(leaves):
        place -= 1  # all entries match, so the last length prefix is wrong
    if place >= len(leaves):
        return ""  # bytes follow the last entry
    return f", entry {number * TILE_WIDTH + place}, event {encode_base64url(leaves[place])}"


def _split(data: bytes) -> Iterator[bytes]:
    """Splits a bundle into entries as far as its length prefixes allow."""
    position = 0
    while position < len(data):
        start = position + 2
        position = start + int.from_bytes(data[position:start])
        yield data[start:position]
