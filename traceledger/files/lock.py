"""The lock that one writer of a ledger holds for as long as it lives."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import BinaryIO

from traceledger.errors import BusyError, StorageError

__all__ = ["lock_writer"]

_ATTEMPTS = 20
_PAUSE = 0.05  # seconds


def lock_writer(path: Path) -> BinaryIO:
    """Takes the place of the one writer of the database at `path`, until the file is closed.

    Tries for a second: another command may be about to end, and what a killed writer was just
    starting holds its lock until it begins its own program (flock(2), fork(2)). Raises BusyError
    `store.busy` while another process has it, StorageError `store.write`.
    """
    lock = path.with_suffix(".lock")
    try:
        handle = lock.open("ab")
    except OSError as error:
        raise StorageError("store.write", f"{lock} cannot be written: {error.strerror}") from error
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return handle
    handle.close()
    raise BusyError("store.busy", f"another process writes to {path}")
