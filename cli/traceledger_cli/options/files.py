"""Files named on the command line; `-` is stdin or stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traceledger.errors import NotFoundError, StorageError, UsageError
from traceledger.files.durable import read_file, read_limited, write_file

__all__ = [
    "MAX_INPUT",
    "STANDARD",
    "check_output",
    "config_folder",
    "read_input",
    "write_output",
    "write_stored",
]

STANDARD = Path("-")

MAX_INPUT = 16 << 20
"""Bytes of a file, unless the command states a limit; each format has a lower limit."""


def read_input(path: Path, limit: int = MAX_INPUT) -> bytes:
    """Reads a file, or stdin for `-`, of at most `limit` bytes.

    Raises NotFoundError `file.missing`, MalformedError `file.size` or `file.kind`, StorageError
    `file.read`.
    """
    if path == STANDARD:
        return read_limited(sys.stdin.buffer, limit, "standard input")
    data = read_file(path, limit)
    if data is None:
        raise NotFoundError("file.missing", f"there is no file {path}")
    return data


def check_output(path: Path) -> None:
    """Refuses an output file that cannot be written, before work that cannot be repeated."""
    if path == STANDARD:
        return
    if path.is_dir():
        raise UsageError("usage.option", f"{path} is a folder; name a file")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StorageError(
            "store.write", f"{path} cannot be written: its folder is missing or not writable"
        )


def write_output(path: Path, data: bytes) -> None:
    """Writes a file completely or not at all, or to stdout for `-`.

    Raises StorageError `store.write`, or UsageError `usage.option` for a folder.
    """
    if path == STANDARD:
        sys.stdout.buffer.write(data)
    elif path.is_dir():
        raise UsageError("usage.option", f"{path} is a folder; name a file")
    else:
        write_file(path, data)


def write_stored(path: Path, data: bytes) -> None:
    """Writes a file of the folder for settings, and its folder; raises StorageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("store.write", f"{path.parent} cannot be created: {error}") from error
    write_file(path, data)


def config_folder() -> Path:
    """Returns the user's folder for settings and trust files (XDG Base Directory)."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "traceledger"
