"""Writing an archive: the whole ledger as files, for one reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from traceledger.events.token import parse_token
from traceledger.files.installation import find_installation
from traceledger.files.targets import open_target
from traceledger.formats.archive import (
    CHECKPOINT,
    README,
    TRUST,
    checkpoint_path,
    disclosures_path,
    entries_path,
    format_disclosures,
    format_readme,
)
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.tiles import TILE_WIDTH, Tile, bundles_of, format_tile_path, tiles_of
from traceledger.views.history import PUBLIC, Reader, visible
from traceledger.views.rows import Entry

__all__ = ["export_archive", "read_disclosures"]


def export_archive(
    ledger: LedgerReader,
    target: Path,
    reader: Reader,
    *,
    trust: bytes | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Writes an archive up to the newest checkpoint to a new directory or `.zip` file.

    The reader determines the disclosures; a reader of public fields only receives none.
    `on_progress` receives the number of written entries and of all entries. The checkpoint is
    written last, so that an interrupted export is no archive. Returns the size of the tree. Raises
    ConflictError `archive.exists`, NotFoundError `ledger.unpublished`, StorageError `store.write`.
    """
    note = ledger.checkpoint()
    size = parse_checkpoint(parse_note(note).text).size
    program = find_installation()
    readme = format_readme(program.distribution, program.version, program.digest)
    with open_target(target) as files:
        files.write(README, readme)
        for path, data in _tiles(ledger, size):
            files.write(path, data)
        for bundle in bundles_of(size):
            start = bundle.index * TILE_WIDTH
            entries = list(ledger.read_entries(start, start + bundle.width))
            bodies = format_bundle(entry.body for entry in entries)
            files.write(entries_path(bundle.index, bundle.width), bodies)
            if reader != PUBLIC:
                shown = format_disclosures(_shown(entry, reader) for entry in entries)
                files.write(disclosures_path(bundle.index, bundle.width), shown)
            on_progress(start + bundle.width, size)
        for row in ledger.checkpoints():
            if row.size <= size:  # another process may publish meanwhile
                files.write(checkpoint_path(row.size), ledger.cosigned(row))
        if trust is not None:
            files.write(TRUST, trust)
        files.write(CHECKPOINT, note)
    return size


def read_disclosures(ledger: LedgerReader, bundle: Tile, reader: Reader) -> bytes:
    """Reads what this reader may see of the entries of a bundle, as the archive contains it."""
    start = bundle.index * TILE_WIDTH
    entries = ledger.read_entries(start, start + bundle.width)
    return format_disclosures(_shown(entry, reader) for entry in entries)


def _tiles(ledger: LedgerReader, size: int) -> Iterator[tuple[str, bytes]]:
    for tile in tiles_of(size):
        yield format_tile_path(tile), ledger.read_tile(tile.level, tile.index, tile.width)


def _shown(entry: Entry, reader: Reader) -> bytes:
    if not entry.disclosures:
        return b""
    event = parse_token(entry.body)
    parts = visible(event, entry.disclosures, reader)
    return b"".join(part.text + b"~" for part in parts)
