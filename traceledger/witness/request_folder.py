"""Reading the folder of a witness request, which `ledger.reading.witness_requests` writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from traceledger.errors import MalformedError
from traceledger.files.durable import read_file
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.witness import MAX_REQUEST, parse_request
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.tiles import ENTRIES, TILE_WIDTH, Tile, format_tile_path, tile_width

__all__ = ["read_entries", "read_request"]

_MAX_BUNDLE = TILE_WIDTH * (2 + 65_535)


def read_request(folder: Path) -> bytes:
    """Reads `add-checkpoint`.

    Raises MalformedError `witness.request` if it does not exist or is too large, StorageError
    `file.read` if it cannot be read.
    """
    return _read(folder / "add-checkpoint", MAX_REQUEST)


def read_entries(folder: Path) -> Iterator[bytes]:
    """Reads the entries from the request's old size to its new size, in order.

    Raises MalformedError `witness.request` for a missing or malformed bundle.
    """
    request = parse_request(read_request(folder))
    size = parse_checkpoint(parse_note(request.checkpoint).text).size
    for index in range(request.old // TILE_WIDTH, -(-size // TILE_WIDTH)):
        width = tile_width(ENTRIES, index, size)
        path = folder / format_tile_path(Tile(ENTRIES, index, width))
        data = _read(path, _MAX_BUNDLE)
        try:
            entries = parse_bundle(data, width)
        except MalformedError as error:
            raise MalformedError("witness.request", f"{path}: {error.message}") from error
        yield from entries[max(request.old - index * TILE_WIDTH, 0) :]


def _read(path: Path, limit: int) -> bytes:
    try:
        data = read_file(path, limit)
    except MalformedError as error:
        raise MalformedError("witness.request", error.message) from error
    if data is None:
        raise MalformedError("witness.request", f"{path} does not exist")
    return data
