"""The source of an archive's files: a directory, or a zip that is never unpacked to disk.

Both are untrusted. Symbolic links inside a directory are not followed, because they could lead out
of the archive, to an endless device or to a private file of the reader. A zip is read member by
member, each up to the limit for its path, whatever size the zip states.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from traceledger.errors import MalformedError, NotFoundError
from traceledger.files.system import NO_LINKS, NO_WAIT
from traceledger.formats.archive import CHECKPOINT
from traceledger.identifiers.excerpt import excerpt

__all__ = ["ArchiveSource", "FolderSource", "ZipSource", "open_source"]

_MAX_MEMBERS = 4_000_000
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1  # bit 0 of the general purpose flags (APPNOTE.TXT 4.4.4)
_ZIP_FAULTS = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class ArchiveSource(Protocol):
    """Reads an archive's files by their paths; picklable, so that each process opens its own."""

    def read(self, path: str, limit: int) -> bytes:
        """Reads a file of at most `limit` bytes.

        Raises NotFoundError `archive.missing` or MalformedError `archive.file`.
        """

    def names(self, folder: str) -> list[str]:
        """Lists the names in a folder, in no order; none if the folder does not exist.

        Raises MalformedError `archive.file`.
        """


class FolderSource:
    """An archive as a directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._plain: set[Path] = set()  # folders that are not behind a symbolic link

    def read(self, path: str, limit: int) -> bytes:
        """Reads a file of at most `limit` bytes."""
        place = self._folder / path
        try:
            self._refuse_links(place.parent, path)
            if not NO_LINKS and place.is_symlink():
                raise MalformedError("archive.file", "is a symbolic link", where=path)
            descriptor = os.open(place, os.O_RDONLY | NO_WAIT | NO_LINKS)
            with os.fdopen(descriptor, "rb") as handle:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise MalformedError("archive.file", "is not a regular file", where=path)
                # Of the size that it has, because a read takes memory for what it may return.
                data = handle.read(min(status.st_size, limit) + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFoundError("archive.missing", "does not exist", where=path) from error
        except (OSError, ValueError) as error:
            raise MalformedError("archive.file", f"cannot be read: {error}", where=path) from error
        return _bounded(data, path, limit)

    def names(self, folder: str) -> list[str]:
        """Lists the names in a folder."""
        place = self._folder / folder
        try:
            self._refuse_links(place, folder)
            return os.listdir(place)  # noqa: PTH208 - only the names are wanted
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise MalformedError(
                "archive.file", f"cannot be read: {error}", where=folder
            ) from error

    def _refuse_links(self, folder: Path, path: str) -> None:
        if folder not in self._plain:
            if folder.resolve() != folder:
                raise MalformedError("archive.file", "is behind a symbolic link", where=path)
            self._plain.add(folder)


class ZipSource:
    """An archive as a zip of the directory, with or without a top-level folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
            infos = [info for info in self._zip.infolist() if not info.is_dir()]
        except _ZIP_FAULTS as error:
            raise MalformedError(
                "archive.file", f"{path} is not a complete zip: {error}"
            ) from error
        if len(infos) > _MAX_MEMBERS:
            raise MalformedError(
                "archive.file", f"{len(infos)} files given, {_MAX_MEMBERS} allowed"
            )
        for info in infos:
            _check_member(info)
        prefix = _find_top([info.filename for info in infos])
        inside = [info for info in infos if info.filename.startswith(prefix)]
        self._members = {info.filename.removeprefix(prefix): info for info in inside}
        if len(self._members) != len(inside):
            raise MalformedError("archive.file", f"{path} contains a file twice")

    def __reduce__(self) -> tuple[Any, ...]:
        return ZipSource, (self._path,)

    def read(self, path: str, limit: int) -> bytes:
        """Reads a file of at most `limit` bytes, whatever size the zip states."""
        info = self._members.get(path)
        if info is None:
            raise NotFoundError("archive.missing", "does not exist", where=path)
        try:
            with self._zip.open(info) as handle:
                data = handle.read(limit + 1)
        except _ZIP_FAULTS as error:
            raise MalformedError("archive.file", f"cannot be read: {error}", where=path) from error
        return _bounded(data, path, limit)

    def names(self, folder: str) -> list[str]:
        """Lists the names in a folder."""
        start = f"{folder}/"
        inside = (name.removeprefix(start) for name in self._members if name.startswith(start))
        return list(dict.fromkeys(name.partition("/")[0] for name in inside))


def open_source(path: Path) -> ArchiveSource:
    """Opens a directory or a zip; raises NotFoundError `archive.missing` or `archive.file`."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError("archive.missing", f"there is no archive at {path}") from error
    except (OSError, ValueError) as error:
        raise MalformedError("archive.file", f"{path} cannot be read: {error}") from error
    if stat.S_ISDIR(mode):
        return FolderSource(path)
    if stat.S_ISREG(mode):
        return ZipSource(path)
    raise MalformedError("archive.file", f"{path} is neither a directory nor a zip")


def _check_member(info: zipfile.ZipInfo) -> None:
    """Refuses names that would escape the target folder, and unusual compression methods."""
    name = info.filename
    if name.startswith("/") or "\\" in name or not {"", ".", ".."}.isdisjoint(name.split("/")):
        raise MalformedError("archive.file", f"{excerpt(name)} is not a valid file name")
    if info.flag_bits & _ENCRYPTED:
        raise MalformedError("archive.file", f"{excerpt(name)} is encrypted; decrypt the zip first")
    if info.compress_type not in _METHODS:
        raise MalformedError(
            "archive.file", f"{excerpt(name)} is compressed with an unsupported method"
        )


def _find_top(names: list[str]) -> str:
    """Finds the archive's prefix: empty, or the top-level folder that contains `checkpoint`."""
    if CHECKPOINT in names:
        return ""
    tops = [name for name in names if PurePosixPath(name).parts[1:] == (CHECKPOINT,)]
    if len(tops) != 1:
        raise NotFoundError("archive.missing", "does not exist", where=CHECKPOINT)
    return tops[0].removesuffix(CHECKPOINT)


def _bounded(data: bytes, path: str, limit: int) -> bytes:
    if len(data) > limit:
        raise MalformedError("archive.file", f"is larger than {limit} bytes", where=path)
    return data
