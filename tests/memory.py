"""A place for files in memory, where synchronizing them costs nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["folder_in_memory"]

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of the test's own is created in it
_ENOUGH = 4 << 30  # bytes


def folder_in_memory() -> Path | None:
    """Returns the folder in memory, None on machines that have none or a small one."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        return _MEMORY
    return None
