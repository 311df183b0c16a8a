"""Files that are written atomically, and files and folders that survive a power failure."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

from traceledger.errors import MalformedError, StorageError
from traceledger.files.system import NO_WAIT, syncs_folders

__all__ = [
    "MAX_SETTINGS",
    "list_folder",
    "make_folder",
    "make_private",
    "path_exists",
    "read_file",
    "read_limited",
    "remove_file",
    "remove_folder",
    "remove_unfinished",
    "sync_folder",
    "write_file",
]

MAX_SETTINGS = 1 << 16
"""Bytes of a key file or a settings file."""

_CHUNK = 1 << 20
_UNFINISHED = ".new"


def write_file(path: Path, data: bytes, *, mode: int = 0o644, alone: bool = False) -> None:
    """Replaces a file atomically and durably: writes a temporary file, syncs it and renames it.

    Several processes may write one file at once. With `alone`, the caller keeps others out, and
    the next write of the file replaces what a killed process left. Raises StorageError
    `store.write`. The file is then unchanged, unless only syncing its folder failed.
    """
    own = "" if alone else f".{secrets.token_hex(8)}"
    temporary = path.with_name(f".{path.name}{own}{_UNFINISHED}")
    flags = os.O_CREAT | os.O_WRONLY | (os.O_TRUNC if alone else os.O_EXCL)
    try:
        descriptor = os.open(temporary, flags, mode)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError("store.write", f"{path} cannot be written: {error.strerror}") from error
    sync_folder(path.parent)


def make_private(path: Path) -> None:
    """Creates an empty file readable by its owner only, or restricts an existing file (mode 0600).

    Raises StorageError `store.write`.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be written: {error.strerror}") from error


def read_file(path: Path, limit: int) -> bytes | None:
    """Reads a file of at most `limit` bytes; returns None if it does not exist.

    Raises MalformedError `file.kind` for anything but a regular file, `file.size` for a larger
    file, and StorageError `file.read` for any other failure.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_WAIT)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise MalformedError("file.kind", f"{path} is not a regular file")
        with os.fdopen(descriptor, "rb") as handle:
            return read_limited(handle, limit, str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError("file.read", f"{path} cannot be read: {error.strerror}") from error


def path_exists(path: str) -> bool:
    """Reports whether anything has this path: a text, which costs less than half of a `Path`.

    Raises StorageError `file.read` where the folder cannot be searched.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StorageError("file.read", f"{path} cannot be read: {error.strerror}") from error
    return True


def read_limited(handle: BinaryIO, limit: int, name: str) -> bytes:
    """Reads a stream to its end; raises MalformedError `file.size` beyond `limit` bytes."""
    data = bytearray()
    while chunk := handle.read(min(_CHUNK, limit + 1 - len(data))):
        data += chunk
        if len(data) > limit:
            raise MalformedError("file.size", f"{name} is larger than {limit:,} bytes")
    return bytes(data)


def remove_file(path: Path) -> None:
    """Removes a file durably; raises StorageError `store.write`."""
    try:
        path.unlink()
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be removed: {error.strerror}") from error
    sync_folder(path.parent)


def remove_folder(path: Path) -> None:
    """Removes a folder of files durably, if it exists; raises StorageError `store.write`."""
    for name in list_folder(path):
        remove_file(path / name)
    try:
        path.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be removed: {error.strerror}") from error
    sync_folder(path.parent)


def remove_unfinished(folder: Path, *, before: float) -> None:
    """Removes what killed processes left of `write_file` in a folder.

    `before` is the time, in seconds since 1970, of the oldest file that may still be in use.
    """
    for name in list_folder(folder):
        path = folder / name
        if name.startswith(".") and name.endswith(_UNFINISHED):
            with contextlib.suppress(OSError):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode) and found.st_mtime < before:
                    path.unlink()


def list_folder(path: Path) -> list[str]:
    """The names in a folder, sorted; empty if the folder does not exist.

    Raises StorageError `file.read` for any other failure: an unreadable folder is not empty.
    """
    try:
        return sorted(file.name for file in path.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError("file.read", f"{path} cannot be read: {error.strerror}") from error


def make_folder(path: Path, *, mode: int = 0o755) -> None:
    """Creates a folder and its parents durably; an existing folder is unchanged.

    `mode` applies to the folder, not to its parents. Raises StorageError `store.write`.
    """
    parent = path.parent
    try:
        if path.is_dir():
            return
        if parent != path:
            make_folder(parent)
        path.mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be created: {error.strerror}") from error
    sync_folder(parent)


def sync_folder(path: Path) -> None:
    """Syncs the entries of a folder to disk (POSIX fsync); raises StorageError `store.write`."""
    if not syncs_folders:
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be synced: {error.strerror}") from error
