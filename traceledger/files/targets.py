"""Targets of an export: a new directory or a new zip file.

`traceledger.verify.archive.source` is the counterpart that reads archives and trusts nothing.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from traceledger.errors import ConflictError, StorageError
from traceledger.files.new_folder import new_folder

__all__ = ["ArchiveTarget", "FolderTarget", "ZipTarget", "format_zip", "open_target"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can store


class ArchiveTarget(Protocol):
    """Receives the files of an archive."""

    def write(self, path: str, data: bytes) -> None:
        """Writes a new file at a path within the archive."""


class FolderTarget:
    """An archive as a directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, data: bytes) -> None:
        """Writes a file and creates its parent folders."""
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


class ZipTarget:
    """An archive as a zip file; the same files in the same order produce the same bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive

    def write(self, path: str, data: bytes) -> None:
        """Adds a compressed file with a fixed time."""
        info = zipfile.ZipInfo(path, _EPOCH)
        info.external_attr = 0o644 << 16
        self._zip.writestr(info, data, zipfile.ZIP_DEFLATED)


def format_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Formats files by path as a zip in memory; the same files produce the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        target = ZipTarget(archive)
        for path, content in files:
            target.write(path, content)
    return data.getvalue()


@contextmanager
def open_target(path: Path) -> Iterator[ArchiveTarget]:
    """Opens a new directory, or a new zip file if the name ends in `.zip`.

    Either appears under its name only once it is complete. Raises ConflictError `archive.exists` if
    the path is in use, and the errors of `new_folder`.
    """
    try:
        if path.suffix == ".zip":
            with _open_zip(path) as target:
                yield target
            return
        with new_folder(path, "archive.exists") as folder:
            yield FolderTarget(folder)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be written: {error}") from error


@contextmanager
def _open_zip(path: Path) -> Iterator[ZipTarget]:
    if path.exists():
        raise ConflictError("archive.exists", f"{path} already exists")
    temporary = path.with_name(f".{path.name}.new")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            yield ZipTarget(archive)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
