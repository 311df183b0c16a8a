"""Writing an archive: the whole ledger as files, for one recipient."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from traceledger.ledger.ledger import Ledger
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.tiles import TILE_WIDTH, bundles_of, format_tile_path, tiles_of
from traceledger.views.history import PUBLIC, Reader, visible
from traceledger.views.rows import Entry

__all__ = ["export_archive"]


class _Target(Protocol):
    def write(self, path: str, data: bytes) -> None:
        """Writes a file that is not there yet."""


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, data: bytes) -> None:
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive

    def write(self, path: str, data: bytes) -> None:
        # A fixed time, so that the same ledger gives the same file.
        info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o644 << 16
        self._zip.writestr(info, data, zipfile.ZIP_DEFLATED)


@contextmanager
def _open(target: Path) -> Iterator[_Target]:
    """Opens a new directory or zip; a zip is at its place only when it is whole."""
    try:
        if target.suffix != ".zip":
            target.mkdir(parents=True, exist_ok=True)
            if any(target.iterdir()):
                raise ConflictError("archive.exists", f"{target} is not empty")
            yield _Folder(target)
            return
        if target.exists():
            raise ConflictError("archive.exists", f"{target} exists already")
        growing = target.with_name(f".{target.name}.new")
        try:
            with zipfile.ZipFile(growing, "w", zipfile.ZIP_DEFLATED) as archive:
                yield _Zip(archive)
            growing.replace(target)
        finally:
            growing.unlink(missing_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConflictError("archive.exists", f"{target} is not a directory") from error
    except OSError as error:
        raise StorageError("store.write", f"{target} cannot be written: {error}") from error


def export_archive(
    ledger: Ledger,
    target: Path,
    reader: Reader,
    *,
    trust: bytes | None = None,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Writes an archive up to the newest checkpoint to a new directory, or to a `.zip` file.

    The reader decides which disclosures go in; one that sees public fields only gets none. `told`
    hears entries done and in all. The checkpoint comes last, so that what was broken off is no
    archive. Returns the size of the tree. Raises ConflictError `archive.exists`, NotFoundError
    `ledger.unpublished`, StorageError `store.write`.
    """
    note = ledger.checkpoint()
    size = parse_checkpoint(parse_note(note).text).size
    with _open(target) as files:
        files.write(README, README_TEXT.encode())
        for path, data in _tiles(ledger, size):
            files.write(path, data)
        for bundle in bundles_of(size):
            start = bundle.index * TILE_WIDTH
            entries = list(ledger.store.read_entries(start, start + bundle.width))
            bodies = format_bundle(entry.body for entry in entries)
            files.write(entries_path(bundle.index, bundle.width), bodies)
            if reader != PUBLIC:
                shown = format_disclosures(_shown(entry, reader) for entry in entries)
                files.write(disclosures_path(bundle.index, bundle.width), shown)
            told(start + bundle.width, size)
        for row in ledger.store.read_checkpoints():
            if row.note and row.size <= size:  # another process may publish meanwhile
                files.write(checkpoint_path(row.size), ledger.cosigned(row))
        if trust is not None:
            files.write(TRUST, trust)
        files.write(CHECKPOINT, note)
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
