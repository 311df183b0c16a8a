"""Files that are there whole or not at all, and folders that stay when the power fails."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from traceledger.errors import StorageError

__all__ = ["list_folder", "make_folder", "read_file", "remove_file", "sync_folder", "write_file"]


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replaces a file atomically and durably: written beside, synced, renamed, folder synced.

    Raises StorageError `store.write`; then the file is as before, unless only its folder could not
    be synced.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode)
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


def read_file(path: Path, most: int = -1) -> bytes | None:
    """Reads a file, at most `most` bytes of it; None when there is none.

    Raises StorageError `file.read` for all else.
    """
    try:
        with path.open("rb") as handle:
            return handle.read(most)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError("file.read", f"{path} cannot be read: {error.strerror}") from error


def remove_file(path: Path) -> None:
    """Removes a file durably; raises StorageError `store.write`."""
    try:
        path.unlink()
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be removed: {error.strerror}") from error
    sync_folder(path.parent)


def list_folder(path: Path) -> list[str]:
    """The names in a folder, sorted; none when there is no folder.

    Raises StorageError `file.read` for all else: a folder that cannot be read is not an empty one.
    """
    try:
        return sorted(file.name for file in path.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError("file.read", f"{path} cannot be read: {error.strerror}") from error


def make_folder(path: Path, *, mode: int = 0o755) -> None:
    """Makes a folder durably, with those above it; one that exists is left as it is.

    `mode` is for the folder itself. Raises StorageError `store.write`.
    """
    above = path.parent
    try:
        if path.is_dir():
            return
        if above != path:
            make_folder(above)
        path.mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be made: {error.strerror}") from error
    sync_folder(above)


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable (POSIX fsync); raises StorageError `store.write`."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be synced: {error.strerror}") from error
