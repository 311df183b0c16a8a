"""Locks that a process holds while it may write a file or fill a folder."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from traceledger.errors import BusyError, StorageError
from traceledger.files.system import syncs_folders

__all__ = ["lock_folder", "lock_writer"]

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_ATTEMPTS = 20
_PAUSE = 0.05  # seconds


def lock_writer(path: Path) -> BinaryIO:
    """Acquires the writer lock of the file at `path`; closing the returned file releases it.

    Tries for a second: another command may be about to end, and a child that a killed writer had
    just forked holds the lock until it executes its own program (flock(2), fork(2)). Raises
    BusyError `store.busy` while another process holds the lock, StorageError `store.write`.
    """
    lock = path.with_suffix(".lock")
    try:
        handle = lock.open("ab")
    except OSError as error:
        raise StorageError("store.write", f"{lock} cannot be written: {error.strerror}") from error
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        if _try_lock(handle.fileno()):
            return handle
    handle.close()
    raise BusyError("store.busy", f"another process is writing to {path}")


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Locks an existing folder itself; does nothing where folders cannot be opened.

    Raises BusyError `store.busy` while another process holds the lock, StorageError `store.write`.
    """
    if not syncs_folders:
        yield
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StorageError("store.write", f"{folder} cannot be locked: {error.strerror}") from error
    try:
        if not _try_lock(descriptor):
            raise BusyError("store.busy", f"another process is writing to {folder}")
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Locks an open file or folder unless another process has locked it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
