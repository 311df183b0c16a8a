"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from traceledger.errors import StorageError

__all__ = ["write_file"]


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replaces a file atomically and durably: written beside, synced, renamed, directory synced.

    Raises StorageError `store.write`; then the file is as before.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError("store.write", f"{path} cannot be written: {error}") from error
