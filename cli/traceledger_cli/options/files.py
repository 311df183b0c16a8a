"""Files that the user names; `-` is stdin or stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traceledger.errors import NotFoundError, StorageError, UsageError
from traceledger.files.durable import write_file

__all__ = ["STANDARD", "check_output", "config_folder", "read_input", "write_output"]

STANDARD = Path("-")


def read_input(path: Path) -> bytes:
    """Reads a file, or stdin for `-`; raises NotFoundError `file.missing` or `file.read`."""
    if path == STANDARD:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError("file.missing", f"there is no file {path}") from error
    except OSError as error:
        raise StorageError("file.read", f"{path} cannot be read: {error.strerror}") from error


def check_output(path: Path) -> None:
    """Refuses a file that could not be written after work that cannot be done twice."""
    if path == STANDARD:
        return
    if path.is_dir():
        raise UsageError("usage.option", f"{path} is a folder; name a file in it")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StorageError("store.write", f"{path} cannot be written: look at its folder")


def write_output(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, or stdout for `-`; raises StorageError `store.write`."""
    if path == STANDARD:
        sys.stdout.buffer.write(data)
    elif path.is_dir():
        raise UsageError("usage.option", f"{path} is a folder; name a file in it")
    else:
        write_file(path, data)


def config_folder() -> Path:
    """The user's folder for settings and trust files (XDG Base Directory)."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "traceledger"
