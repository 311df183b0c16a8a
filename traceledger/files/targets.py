"""Where an archive is written to: a new directory or a new zip file.

The reading side, which takes nothing on trust, is `traceledger.verify.archive.source`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from traceledger.errors import ConflictError, StorageError

__all__ = ["ArchiveTarget", "FolderTarget", "ZipTarget", "open_target"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can state


class ArchiveTarget(Protocol):
    """Writes an archive's files by their paths."""

    def write(self, path: str, data: bytes) -> None:
        """Writes a file that is not there yet."""


class FolderTarget:
    """An archive as a directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, data: bytes) -> None:
        """Writes a file and makes the folders above it."""
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


class ZipTarget:
    """An archive as a zip; the same files in the same order give the same bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive

    def write(self, path: str, data: bytes) -> None:
        """Adds a file, compressed, with a fixed time."""
        info = zipfile.ZipInfo(path, _EPOCH)
        info.external_attr = 0o644 << 16
        self._zip.writestr(info, data, zipfile.ZIP_DEFLATED)


@contextmanager
def open_target(path: Path) -> Iterator[ArchiveTarget]:
    """Opens a new directory, or a new zip where the name ends in `.zip`.

    A zip appears at its place only when it is whole. Raises ConflictError `archive.exists` for a
    place that is taken, StorageError `store.write`.
    """
    try:
        if path.suffix == ".zip":
            with _open_zip(path) as target:
                yield target
            return
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise ConflictError("archive.exists", f"{path} is not empty")
        yield FolderTarget(path)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConflictError("archive.exists", f"{path} is not a directory") from error
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be written: {error}") from error


@contextmanager
def _open_zip(path: Path) -> Iterator[ZipTarget]:
    if path.exists():
        raise ConflictError("archive.exists", f"{path} exists already")
    growing = path.with_name(f".{path.name}.new")
    try:
        with zipfile.ZipFile(growing, "w", zipfile.ZIP_DEFLATED) as archive:
            yield ZipTarget(archive)
        growing.replace(path)
    finally:
        growing.unlink(missing_ok=True)
