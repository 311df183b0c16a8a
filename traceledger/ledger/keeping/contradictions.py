"""Checkpoints that a log signed and that its database does not cover: with any, the log stops.

The folder exists only while it contains some. A file is named after the tree that was signed, so
that two contradictions are both kept. Earlier versions kept a single file in place of the folder.
Nothing replaces a file by a folder in one step, and the log must stay stopped: the file remains
until all are removed, and further ones are in a folder beside it.
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

from traceledger.errors import MalformedError, StorageError
from traceledger.files.durable import (
    list_folder,
    make_folder,
    path_exists,
    read_file,
    remove_file,
    remove_folder,
    write_file,
)
from traceledger.files.lock import lock_writer
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note

__all__ = ["Contradictions"]

_MOST = 100  # whoever runs a second history can show another checkpoint of it every second


class Contradictions:
    """The folder of these checkpoints; several processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exist(self) -> bool:
        """Reports whether there are any; raises StorageError `file.read`."""
        return path_exists(str(self.path))

    @property
    def files(self) -> list[Path]:
        """The files, the smallest tree first; raises StorageError `file.read`."""
        found = self._named()
        return [found[name] for name in sorted(found, key=_size)]

    @property
    def largest(self) -> bytes:
        """The checkpoint of the largest tree; empty if there is none that can be read."""
        for path in reversed(self.files):
            with contextlib.suppress(MalformedError):
                note = read_file(path, MAX_NOTE_SIZE) or b""
                parse_checkpoint(parse_note(note).text)
                return note
        return b""

    def lock(self) -> contextlib.AbstractContextManager[object]:
        """Keeps other processes from adding to the folder; raises BusyError `store.busy`."""
        return contextlib.closing(lock_writer(self.path))

    def keep(self, note: bytes) -> None:
        """Adds a checkpoint, unless the same tree is there; of very many, the largest are kept.

        Raises BusyError `store.busy` while another process has the lock, StorageError
        `store.write`.
        """
        with self.lock():
            self.keep_locked(note)

    def keep_locked(self, note: bytes) -> None:
        """Does the same for a caller that has the lock."""
        name = _name(note)
        if name in self._named():
            return
        folder = self._folder
        make_folder(folder)
        write_file(folder / name, note)
        for smallest in self.files[:-_MOST]:
            if smallest != self.path:
                remove_file(smallest)

    def copy(self, target: Contradictions) -> None:
        """Copies everything to the folder of a new copy of the ledger."""
        for name, path in self._named().items():
            if (note := read_file(path, MAX_NOTE_SIZE)) is not None:
                make_folder(target.path)
                write_file(target.path / name, note)

    def clear(self) -> None:
        """Removes everything, for a caller that has the lock."""
        folder = self._folder
        remove_folder(folder)  # with what a killed process did not finish
        if folder != self.path:
            remove_file(self.path)

    def _named(self) -> dict[str, Path]:
        """Returns the files by the names of their trees."""
        folder = self._folder
        found = {name: folder / name for name in list_folder(folder) if not name.startswith(".")}
        if folder != self.path and (note := read_file(self.path, MAX_NOTE_SIZE)) is not None:
            try:
                found[_name(note)] = self.path
            except MalformedError:  # whoever compares it names it
                found[self.path.name] = self.path
        return found

    @property
    def _folder(self) -> Path:
        """The folder; another one beside the single file of an earlier version."""
        try:
            single = stat.S_ISREG(self.path.stat().st_mode)
        except FileNotFoundError:
            single = False
        except OSError as error:
            raise StorageError("file.read", f"{self.path}: {error.strerror}") from error
        return self.path.with_name(f"{self.path.name}.more") if single else self.path


def _name(note: bytes) -> str:
    tree = parse_checkpoint(parse_note(note).text)
    return f"{tree.size}-{tree.root.hex()[:16]}"


def _size(name: str) -> int:
    digits = name.partition("-")[0]
    return int(digits) if digits.isdecimal() else 0
