"""Writing an archive: the whole ledger as files, for one recipient."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from traceledger.errors import ConflictError, StorageError
from traceledger.events.token import parse_token
from traceledger.formats.archive import (
    CHECKPOINT,
    README,
    README_TEXT,
    TRUST,
    checkpoint_path,
    disclosures_path,
    entries_path,
    format_disclosures,
)
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.ledger.history import PUBLIC, Reader, visible
from traceledger.ledger.ledger import Ledger
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.tiles import bundles_of, format_tile_path, tiles_of
from traceledger.storage.store import Entry

__all__ = ["export_archive"]


class _Target(Protocol):
    def write(self, path: str, data: bytes) -> None: ...

    def close(self) -> None: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        if folder.exists() and any(folder.iterdir()):
            raise ConflictError("archive.exists", f"{folder} is not empty")
        self._folder = folder

    def write(self, path: str, data: bytes) -> None:
        place = self._folder / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except OSError as error:
            raise StorageError("store.write", f"{place} cannot be written: {error}") from error

    def close(self) -> None:
        """A folder needs no closing."""


class _Zip:
    def __init__(self, path: Path) -> None:
        if path.exists():
            raise ConflictError("archive.exists", f"{path} exists already")
        try:
            self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        except OSError as error:
            raise StorageError("store.write", f"{path} cannot be written: {error}") from error

    def write(self, path: str, data: bytes) -> None:
        # A fixed time, so that the same ledger gives the same file.
        self._zip.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        self._zip.close()


def export_archive(
    ledger: Ledger,
    target: Path,
    reader: Reader,
    *,
    trust: bytes | None = None,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Writes an archive up to the newest checkpoint to a new directory, or to a `.zip` file.

    The reader decides which disclosures go in; `told` hears entries done and in all. Returns the
    size of the tree. Raises ConflictError `archive.exists`, NotFoundError `ledger.unpublished`.
    """
    note = ledger.checkpoint()
    size = parse_checkpoint(parse_note(note).text).size
    files: _Target = _Zip(target) if target.suffix == ".zip" else _Folder(target)
    try:
        files.write(README, README_TEXT.encode())
        for path, data in _tiles(ledger, size):
            files.write(path, data)
        for bundle in bundles_of(size):
            start = bundle.index * 256
            entries = list(ledger.store.read_entries(start, start + bundle.width))
            bodies = format_bundle(entry.body for entry in entries)
            files.write(entries_path(bundle.index, bundle.width), bodies)
            if reader != PUBLIC:
                shown = format_disclosures(_shown(entry, reader) for entry in entries)
                files.write(disclosures_path(bundle.index, bundle.width), shown)
            told(start + bundle.width, size)
        for row in ledger.store.read_checkpoints():
            if row.note:
                files.write(checkpoint_path(row.size), ledger.cosigned(row))
        if trust is not None:
            files.write(TRUST, trust)
        files.write(CHECKPOINT, note)
    finally:
        files.close()
    return size


def _tiles(ledger: Ledger, size: int) -> Iterator[tuple[str, bytes]]:
    for tile in tiles_of(size):
        yield format_tile_path(tile), ledger.store.read_tile(tile.level, tile.index, tile.width)


def _shown(entry: Entry, reader: Reader) -> bytes:
    if not entry.disclosures:
        return b""
    event = parse_token(entry.body)
    parts = visible(event, entry.disclosures, reader)
    return b"".join(part.text + b"~" for part in parts)
