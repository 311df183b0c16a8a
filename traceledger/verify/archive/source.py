"""Where an archive's files come from: a directory or a zip of it. Nothing is unpacked to disk."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Protocol

from traceledger.errors import MalformedError, NotFoundError

__all__ = ["ArchiveSource", "FolderSource", "ZipSource", "open_source"]

_MAX_MEMBERS = 4_000_000


class ArchiveSource(Protocol):
    """Reads an archive's files by their paths."""

    def read(self, path: str, limit: int) -> bytes:
        """Reads a file of at most `limit` bytes.

        Raises NotFoundError `archive.missing` or MalformedError `archive.file`.
        """

    def has(self, path: str) -> bool:
        """Reports whether the file is there."""

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, in no order."""


class FolderSource:
    """An archive as a directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, limit: int) -> bytes:
        """Reads a file of at most `limit` bytes."""
        try:
            with (self._folder / path).open("rb") as handle:
                data = handle.read(limit + 1)
        except FileNotFoundError as error:
            raise NotFoundError("archive.missing", f"{path} is not there", where=path) from error
        except OSError as error:
            raise MalformedError("archive.file", f"cannot be read: {error}", where=path) from error
        return _bounded(data, path, limit)

    def has(self, path: str) -> bool:
        """Reports whether the file is there."""
        return (self._folder / path).is_file()

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        place = self._folder / folder
        return [file.name for file in place.iterdir()] if place.is_dir() else []


class ZipSource:
    """An archive as a zip of the directory, with or without a folder around it."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise MalformedError("archive.file", f"{path} is not a zip: {error}") from error
        infos = self._zip.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise MalformedError("archive.file", f"{len(infos)} files given, too many")
        roots = [PurePosixPath(i.filename) for i in infos if i.filename.endswith("checkpoint")]
        top = min((str(root.parent) for root in roots), key=len, default=".")
        prefix = "" if top == "." else f"{top}/"
        self._members = {
            info.filename.removeprefix(prefix): info for info in infos if not info.is_dir()
        }
        if len(self._members) != sum(not info.is_dir() for info in infos):
            raise MalformedError("archive.file", f"{path} holds a file twice")

    def read(self, path: str, limit: int) -> bytes:
        """Reads a file of at most `limit` bytes, whatever the zip says of its size."""
        info = self._members.get(path)
        if info is None:
            raise NotFoundError("archive.missing", f"{path} is not there", where=path)
        try:
            with self._zip.open(info) as handle:
                data = handle.read(limit + 1)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise MalformedError("archive.file", f"cannot be read: {error}", where=path) from error
        return _bounded(data, path, limit)

    def has(self, path: str) -> bool:
        """Reports whether the file is there."""
        return path in self._members

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        start = f"{folder}/"
        return [
            name.removeprefix(start)
            for name in self._members
            if name.startswith(start) and "/" not in name.removeprefix(start)
        ]


def open_source(path: Path) -> ArchiveSource:
    """Opens a directory or a zip; raises NotFoundError `archive.missing`."""
    if path.is_dir():
        return FolderSource(path)
    if path.is_file():
        return ZipSource(path)
    raise NotFoundError("archive.missing", f"there is no archive at {path}")


def _bounded(data: bytes, path: str, limit: int) -> bytes:
    if len(data) > limit:
        raise MalformedError("archive.file", f"is larger than {limit} bytes", where=path)
    return data
