"""Folders that appear under their name once they are complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from traceledger.errors import ConflictError, StorageError
from traceledger.files.durable import list_folder, make_folder, sync_folder
from traceledger.files.lock import lock_folder

__all__ = ["new_folder", "require_vacant_folder"]


@contextlib.contextmanager
def new_folder(path: Path, code: str, *, mode: int = 0o755) -> Iterator[Path]:
    """Yields a folder to fill, which appears at `path` once it is complete.

    It is filled beside its place, under a temporary name. What a killed process left there is
    removed by the next attempt. An empty folder at `path`, which may be a mount point with an owner
    and a mode of its own, is filled in place; a failure empties it. `mode` grants no more than the
    umask allows. Raises ConflictError with `code` for anything else at `path`, BusyError
    `store.busy` while another process fills it, StorageError `store.write`.
    """
    if path.is_dir():
        with lock_folder(path):
            require_vacant_folder(path, code)
            with _emptied_on_failure(path):
                yield path
        return
    require_vacant_folder(path, code)
    target = path.absolute()
    temporary = target.with_name(f".{target.name}.new")
    make_folder(temporary, mode=mode)
    with lock_folder(temporary), _emptied_on_failure(temporary, remove=True):
        with _translated(path):
            _empty(temporary)
            _restrict(temporary, mode)
        yield temporary
        with _translated(path):
            temporary.rename(target)
    sync_folder(target.parent)


def require_vacant_folder(path: Path, code: str) -> None:
    """Raises ConflictError with `code` for anything but an empty folder at `path` or above it."""
    for place in (path, *path.parents):
        if os.path.lexists(place):
            if not place.is_dir() or (place == path and list_folder(path)):
                raise ConflictError(code, f"{place} already exists and is not an empty folder")
            return


@contextlib.contextmanager
def _emptied_on_failure(folder: Path, *, remove: bool = False) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            _empty(folder)
            if remove:
                folder.rmdir()
        raise


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        if stat.S_ISDIR(file.lstat().st_mode):
            shutil.rmtree(file)
        else:
            file.unlink()


def _restrict(folder: Path, mode: int) -> None:
    """Removes the permissions that `mode` does not grant; a killed process may have given more."""
    found = stat.S_IMODE(folder.stat().st_mode)
    if found & 0o777 & ~mode:
        folder.chmod(found & (mode | ~0o777))


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be created: {error.strerror}") from error
