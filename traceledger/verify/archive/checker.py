"""Checking one entry bundle on its own: what can be done without knowing the rest of the log.

From bytes to facts and nothing else, so that it runs in worker processes; the fold over the facts
stays in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

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

__all__ = ["BundleFacts", "BundleTask", "check_bundle"]


class BundleTask(NamedTuple):
    """A bundle to check: its number, and the size of the tree that it belongs to.

    `disclosed` tells whether the archive holds disclosures; `keys` are the public keys known so far
    as JWKs, by kid.
    """

    number: int
    size: int
    disclosed: bool
    keys: Mapping[str, bytes]

    @property
    def width(self) -> int:
        """How many entries the bundle holds."""
        return tile_width(ENTRIES, self.number, self.size)


class BundleFacts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a bundle says: its number, its entries, and the hash that stands for it one level up.

    `root` is empty for a partial bundle, which no hash stands for.
    """

    number: int
    root: bytes
    entries: tuple[EntryFacts, ...]


def check_bundle(source: ArchiveSource, task: BundleTask) -> BundleFacts:
    """Reads a bundle with its tile and disclosures, and checks every entry.

    Raises VerificationError at the file, entry and event: `archive.bundle` where the entries are
    not those of the tile, `archive.disclosures`, or an event's own code; and what reading raises.
    """
    number, width = task.number, task.width
    hashes = _read_tile(source, number, width)
    bodies = _read_bodies(source, number, hashes)
    disclosures: Sequence[tuple[bytes, ...]] = ((),) * width
    if task.disclosed:
        path = disclosures_path(number, width)
        try:
            disclosures = parse_disclosures(source.read(path, MAX_DISCLOSURES), width)
        except MalformedError as error:
            where = f"{path}, {error.where}" if error.where and error.where != path else path
            raise VerificationError(error.code, error.message, where=where) from error
    start = number * TILE_WIDTH
    entries = tuple(
        check_entry(
            Entry(start + place, hashes[place * HASH_SIZE : (place + 1) * HASH_SIZE], body, shown),
            task.keys,
            last=False,
            width=width,
        )
        for place, (body, shown) in enumerate(zip(bodies, disclosures, strict=True))
    )
    root = fold_hashes(hashes) if width == TILE_WIDTH else b""
    return BundleFacts(number, root, entries)


def _read_tile(source: ArchiveSource, number: int, width: int) -> bytes:
    path = format_tile_path(Tile(0, number, width))
    hashes = source.read(path, TILE_WIDTH * HASH_SIZE)
    if len(hashes) != width * HASH_SIZE:
        raise VerificationError(
            "archive.tile", f"{len(hashes)} bytes are not {width} hashes", where=path
        )
    return hashes


def _read_bodies(source: ArchiveSource, number: int, hashes: bytes) -> Sequence[bytes]:
    """The bundle's entries, each of which hashes to its leaf in the tile."""
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
    """Where the first entry is that is not that of its leaf; the event named is the one wanted."""
    leaves = [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    fits = (leaf_hash(body) == leaf for body, leaf in zip(bodies, leaves, strict=False))
    place = next((place for place, fit in enumerate(fits) if not fit), len(bodies))
    if place == len(bodies) == len(leaves):
        place -= 1  # its bytes are right, so its length is not
    if place >= len(leaves):
        return ""  # there are bytes behind the last entry
    return f", entry {number * TILE_WIDTH + place}, event {encode_base64url(leaves[place])}"


def _split(data: bytes) -> Iterator[bytes]:
    """The entries of a bundle as far as its lengths can be followed."""
    position = 0
    while position < len(data):
        start = position + 2
        position = start + int.from_bytes(data[position:start])
        yield data[start:position]
