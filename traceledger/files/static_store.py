"""Places from which a plain file server or a CDN serves a copy of a ledger.

A file is either fixed, written once and never changed, or it is replaced. `bucket.py` is the same
for object stores.
"""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from traceledger.errors import ConflictError
from traceledger.files.durable import list_folder, make_folder, read_file, remove_file, write_file
from traceledger.files.lock import lock_writer

__all__ = [
    "MAX_FILE",
    "FolderStore",
    "Held",
    "StaticFile",
    "StaticStore",
    "check_same",
]

MAX_FILE = 1 << 26
"""Bytes of a file of a copy."""

_LOCK = ".publish"  # `lock_writer` adds its suffix


class StaticFile(NamedTuple):
    """A file to serve: its path, its bytes, its media type; `fixed` if it never changes.

    `size` is that of the log whose state it shows.
    """

    path: str
    data: bytes
    media: str
    fixed: bool
    size: int = 0


class Held(NamedTuple):
    """A file as it was read; `version` identifies these bytes to `exchange`."""

    data: bytes
    version: str


class StaticStore(Protocol):
    """Stores the files of a copy by their paths, durably before a call returns."""

    def lock(self) -> AbstractContextManager[object]:
        """Keeps other writers out, where the place can; raises BusyError `store.busy`."""

    def read(self, path: str, limit: int) -> Held | None:
        """Reads a file of at most `limit` bytes; returns None if it does not exist."""

    def write(self, file: StaticFile) -> None:
        """Writes a file, but none over one of a larger log.

        Raises ConflictError `publish.file` for a fixed one with other bytes.
        """

    def exchange(self, file: StaticFile, held: Held | None) -> None:
        """Replaces what was read before, None for nothing; raises ConflictError `publish.race`."""

    def names(self, folder: str) -> list[str]:
        """Lists the names of the files in a folder; none if it does not exist."""

    def remove(self, path: str) -> None:
        """Removes a file."""


class FolderStore:
    """A folder that a web server serves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lock(self) -> AbstractContextManager[object]:
        """Creates the folder and keeps other writers out.

        Raises ConflictError `publish.folder` for a folder with anything but a copy.
        """
        names = list_folder(self._folder)
        if names and f"{_LOCK}.lock" not in names:
            raise ConflictError("publish.folder", f"{self._folder} contains other files")
        make_folder(self._folder)
        return contextlib.closing(lock_writer(self._folder / _LOCK))

    def read(self, path: str, limit: int) -> Held | None:
        """Reads a file."""
        data = read_file(self._folder / path, limit)
        return None if data is None else Held(data, "")

    def write(self, file: StaticFile) -> None:
        """Writes a file and creates its folders; the lock keeps writers of other sizes out."""
        place = self._folder / file.path
        if file.fixed and (held := read_file(place, MAX_FILE)) is not None:
            check_same(file, held)
            return
        make_folder(place.parent)
        write_file(place, file.data, alone=True)

    def exchange(self, file: StaticFile, held: Held | None) -> None:
        """Replaces a file; the lock keeps other writers out."""
        del held
        self.write(file)

    def names(self, folder: str) -> list[str]:
        """Lists the names of the files in a folder."""
        return list_folder(self._folder / folder)

    def remove(self, path: str) -> None:
        """Removes a file, and its folder if that is then empty."""
        place = self._folder / path
        remove_file(place)
        with contextlib.suppress(OSError):
            place.parent.rmdir()


def check_same(file: StaticFile, held: bytes) -> None:
    """Compares a fixed file with what is there; raises ConflictError `publish.file`."""
    if held != file.data:
        raise ConflictError("publish.file", "exists with other bytes", where=file.path)
