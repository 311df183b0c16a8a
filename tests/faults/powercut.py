"""A power-cut simulator for any process that writes below one folder.

`record` runs the process under strace and returns what it did to the folder, call by call, with the
lines that it said in between. `crash_states` then makes what a disk may hold if the power fails at
any moment of that run, by what POSIX promises and no more:

- a write or a cut of a file is there for certain only after an fsync of the file; before that it
  may be there, missing, or torn at a sector of 512 bytes, each apart from the others;
- a new, changed or removed name is there for certain only after an fsync of its folder; until then
  names become durable in the order in which they were changed.

What a process writes through a shared memory map is not seen, so such a map is refused, and so is
every call that could change the folder and is not understood here. SQLite's `-shm` files are left
out: SQLite never reads one that it finds after a power cut.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

__all__ = ["CrashState", "Operation", "crash_states", "record"]

SECTOR = 512
_MODELLED = (
    "open,openat,creat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir"
)
_REFUSED = (
    "truncate,writev,pwritev,pwritev2,sendfile,copy_file_range,splice,fallocate,link,linkat,"
    "symlink,symlinkat,mmap,dup,dup2,dup3"
)
_STRING = 4_000_000  # bytes of one write that strace shows; more than any process here writes

_HEX = r"((?:\\x[0-9a-f]{2})*)"
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)(.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_DESCRIPTOR = re.compile(rf"(\d+)<{_HEX}>")
_PLACE = re.compile(rf'(?:(?:AT_FDCWD|\d+)<{_HEX}>, )?"{_HEX}"')
_TEXT = re.compile(rf'"{_HEX}"(\.\.\.)?')


class Operation(NamedTuple):
    """One thing that the process did.

    `kind` is `create`, `folder`, `write`, `cut`, `rename`, `remove` or `sync` of `path`, which is
    relative to the folder; or `say`, and `path` is the line. `offset` is the place of a write and
    the new size of a cut; `target` is the new path of a rename.
    """

    kind: str
    path: str
    offset: int = 0
    data: bytes = b""
    target: str = ""


class CrashState(NamedTuple):
    """What a disk may hold after a power cut, and what the process had said by then."""

    files: Mapping[str, bytes]
    folders: frozenset[str]
    said: tuple[str, ...]
    after: int

    def write(self, folder: Path) -> None:
        """Writes the files and folders below a new folder."""
        for name in sorted(self.folders):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)


def record(command: Sequence[str | Path], folder: Path) -> list[Operation]:
    """Runs a command that must end well, and returns what it did below `folder`, an empty one."""
    if any(folder.iterdir()):
        raise AssertionError(f"{folder} is not empty")
    log = folder.with_name(f"{folder.name}.strace")
    strace = ["strace", "-f", "-y", "-xx", "-s", str(_STRING), "-e", "signal=none", "-qq"]
    calls = ",".join(f"?{name}" for name in f"{_MODELLED},{_REFUSED}".split(","))
    strace += ["-e", f"trace={calls}", "-o", str(log)]  # `?`: not every machine has every call
    run = subprocess.run([*strace, *command], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    with log.open(encoding="ascii") as lines:
        return list(_Reading(folder).read(lines))


def crash_states(
    operations: Sequence[Operation], chance: random.Random, *, mixed: int = 2
) -> Iterator[CrashState]:
    """All prefixes of the run, each with what was not synced lost, kept, and `mixed` ways between.

    In a mixed state each unsynced write is there or not by chance, and the last of them is torn.
    States that are equal come once.
    """
    disk, said, seen = _Disk(), list[str](), set[int]()
    for number, operation in enumerate(operations):
        if operation.kind == "say":
            said.append(operation.path)
        else:
            disk.take(operation)
        for files, folders in disk.cuts(chance, mixed):
            state = CrashState(files, folders, tuple(said), number)
            mark = hash((tuple(files.items()), folders, state.said))
            if mark not in seen:
                seen.add(mark)
                yield state


class _Reading:
    """The lines of strace, put together to operations."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._places: dict[tuple[str, str], int] = {}
        self._begun: dict[str, str] = {}
        self._line = b""

    def read(self, lines: Iterator[str]) -> Iterator[Operation]:
        """Reads all lines, also those of calls that were interrupted by another thread's."""
        for line in lines:
            process, _, rest = line.rstrip().partition(" ")
            rest = rest.strip()
            if rest.endswith("<unfinished ...>"):
                self._begun[process] = rest.removesuffix("<unfinished ...>")
                continue
            resumed = _RESUMED.fullmatch(rest)
            call = _CALL.fullmatch(self._begun.pop(process) + resumed[1] if resumed else rest)
            if call and int(call[3]) >= 0:
                yield from self._translate(call[1], call[2], int(call[3]), call[4])

    def _translate(self, name: str, given: str, result: int, rest: str) -> Iterator[Operation]:
        if name in _REFUSED.split(","):
            self._refuse(name, given)
        elif name in {"open", "openat", "creat"}:
            yield from self._open(given, result, rest)
        elif name in {"write", "pwrite64", "ftruncate", "fsync", "fdatasync"}:
            descriptor = _DESCRIPTOR.match(given)
            if descriptor:
                number, path = descriptor[1], _plain(descriptor[2])
                yield from self._change(name, number, path, given, result)
        else:
            paths = [self._below(_join(match)) for match in _PLACE.finditer(given)]
            if any(path is not None for path in paths):
                yield self._rearrange(name, [path for path in paths if path is not None])

    def _open(self, given: str, result: int, rest: str) -> Iterator[Operation]:
        opened = re.match(rf"<{_HEX}>", rest)
        path = self._below(_plain(opened[1])) if opened else None
        if path is None:
            return
        self._places[str(result), path] = 0
        if "O_APPEND" in given and not path.endswith(".lock"):
            raise AssertionError(f"{path} is opened to append")
        if "O_CREAT" in given:
            yield Operation("create", path)
        if "O_TRUNC" in given:
            yield Operation("cut", path)

    def _change(
        self, name: str, number: str, path: str, given: str, result: int
    ) -> Iterator[Operation]:
        text = _TEXT.search(given)
        if name == "write" and number == "1" and text:
            *lines, self._line = (self._line + _bytes(text[1])[:result]).split(b"\n")
            for line in lines:
                yield Operation("say", line.decode())
            return
        below = self._below(path)
        if below is None:
            return
        if name in {"fsync", "fdatasync"}:
            yield Operation("sync", below)
        elif name == "ftruncate":
            yield Operation("cut", below, int(given.rpartition(",")[2]))
        elif text:
            if text[2]:
                raise AssertionError(f"a write to {below} is too long to be shown")
            place = self._places.get((number, below), 0)
            offset = int(given.rpartition(",")[2]) if name == "pwrite64" else place
            if name == "write":
                self._places[number, below] = place + result
            yield Operation("write", below, offset, _bytes(text[1])[:result])

    def _rearrange(self, name: str, paths: list[str]) -> Operation:
        if name.startswith("rename"):
            if len(paths) != 2:
                raise AssertionError(f"{paths} is moved over the edge of the folder")
            return Operation("rename", paths[0], target=paths[1])
        kind = "folder" if name.startswith("mkdir") else "remove"
        return Operation(kind, paths[0])

    def _refuse(self, name: str, given: str) -> None:
        touched = [_plain(match[2]) for match in _DESCRIPTOR.finditer(given)]
        touched += [_join(match) for match in _PLACE.finditer(given)]
        harmless = name == "mmap" and not ("MAP_SHARED" in given and "PROT_WRITE" in given)
        if not harmless and any(self._below(path) is not None for path in touched):
            raise AssertionError(f"{name} is not understood: {touched}")

    def _below(self, path: str) -> str | None:
        """The path relative to the folder, None for one elsewhere or one that is left out."""
        if path == self._folder:
            return "."
        inside = path.startswith(f"{self._folder}/") and not path.endswith(("-shm", " (deleted)"))
        return path.removeprefix(f"{self._folder}/") if inside else None


class _Data(NamedTuple):
    """A change of a file's bytes; `data` is None for a cut at `offset`."""

    inode: int
    offset: int
    data: bytes | None

    def synced_by(self, inode: int) -> bool:
        return self.inode == inode


class _Names(NamedTuple):
    """A change of names in one step: each the folder, the name, and what it now leads to."""

    edits: tuple[tuple[int, str, int | None], ...]

    def synced_by(self, inode: int) -> bool:
        return self.edits[-1][0] == inode


@dataclass(slots=True)
class _Change:
    what: _Data | _Names
    durable: bool = False


_ROOT = 0


@dataclass(slots=True)
class _Disk:
    """Every change since the beginning, and whether it is durable."""

    names: dict[int, dict[str, int]] = field(default_factory=lambda: {_ROOT: {}})
    changes: list[_Change] = field(default_factory=list)
    count: int = 0

    def take(self, operation: Operation) -> None:
        """Makes one operation happen to the living system."""
        kind, path = operation.kind, operation.path
        if kind == "sync":
            inode = self._find(path)
            for change in self.changes:
                if inode is not None and change.what.synced_by(inode):
                    change.durable = True
        elif kind in {"write", "cut"}:
            inode = self._find(path)
            if inode is not None:  # a file that was removed holds nothing any more
                data = operation.data if kind == "write" else None
                self.changes.append(_Change(_Data(inode, operation.offset, data)))
        elif kind == "remove":
            self._rename(self._place(path))
        elif kind == "rename":
            old, new = self._place(path), self._place(operation.target)
            self._rename(old, new)
        elif self._find(path) is None:
            self.count += 1
            folder, name = self._place(path)
            if kind == "folder":
                self.names[self.count] = {}
            self.names[folder][name] = self.count
            self.changes.append(_Change(_Names(((folder, name, self.count),))))

    def cuts(
        self, chance: random.Random, mixed: int
    ) -> Iterator[tuple[dict[str, bytes], frozenset[str]]]:
        """What may be there if the power fails now."""
        data = [n for n, one in enumerate(self.changes) if _waits(one, _Data)]
        names = [n for n, one in enumerate(self.changes) if _waits(one, _Names)]
        yield self._image(frozenset(data + names), torn=None, sectors=0)
        if not data and not names:
            return
        yield self._image(frozenset(), torn=None, sectors=0)
        for _ in range(mixed):
            kept = {n for n in data if chance.random() < 0.5}
            kept.update(names[: chance.randrange(len(names) + 1)])
            written = [n for n in data if n in kept]
            lost = frozenset(n for n in (*data, *names) if n not in kept)
            torn = written[-1] if written else None
            yield self._image(lost, torn=torn, sectors=chance.randrange(64))

    def _image(
        self, lost: frozenset[int], *, torn: int | None, sectors: int
    ) -> tuple[dict[str, bytes], frozenset[str]]:
        """Files and folders without the changes that are lost, one of them torn after sectors."""
        inodes: dict[int, bytearray] = {}
        names: dict[int, dict[str, int]] = {}
        for number, change in enumerate(self.changes):
            what = change.what
            if number in lost:
                continue
            if isinstance(what, _Names):
                for folder, name, inode in what.edits:
                    _set(names.setdefault(folder, {}), name, inode)
                continue
            content = inodes.setdefault(what.inode, bytearray())
            if what.data is None:
                content[what.offset :] = bytes(max(0, what.offset - len(content)))
                continue
            most = len(what.data) // SECTOR + 1
            data = what.data[: sectors % most * SECTOR] if number == torn else what.data
            content.extend(bytes(max(0, what.offset + len(data) - len(content))))
            content[what.offset : what.offset + len(data)] = data
        files: dict[str, bytes] = {}
        folders: set[str] = set()
        waiting = [("", _ROOT)]
        while waiting:
            above, folder = waiting.pop()
            for name, inode in names.get(folder, {}).items():
                if inode in self.names:
                    folders.add(above + name)
                    waiting.append((f"{above}{name}/", inode))
                else:
                    files[above + name] = bytes(inodes.get(inode, b""))
        return files, frozenset(folders)

    def _rename(self, old: tuple[int, str], *new: tuple[int, str]) -> None:
        inode = self.names[old[0]].pop(old[1], None)
        if inode is None:
            return
        edits: list[tuple[int, str, int | None]] = [(*old, None)]
        for place in new:
            self.names[place[0]][place[1]] = inode
            edits.append((*place, inode))
        self.changes.append(_Change(_Names(tuple(edits))))

    def _find(self, path: str) -> int | None:
        inode: int | None = _ROOT
        for name in PurePosixPath(path).parts:
            inode = None if inode is None else self.names.get(inode, {}).get(name)
        return inode

    def _place(self, path: str) -> tuple[int, str]:
        pure = PurePosixPath(path)
        folder = self._find(str(pure.parent))
        if folder is None:
            raise AssertionError(f"{path} is in no folder")
        return folder, pure.name


def _waits(change: _Change, kind: type[_Data | _Names]) -> bool:
    return not change.durable and isinstance(change.what, kind)


def _set(folder: dict[str, int], name: str, inode: int | None) -> None:
    if inode is None:
        folder.pop(name, None)
    else:
        folder[name] = inode


def _join(match: re.Match[str]) -> str:
    """The path of a name, and of the folder that it is relative to if one is given."""
    return str(PurePosixPath(_plain(match[1] or ""), _plain(match[2])))


def _plain(text: str) -> str:
    return _bytes(text).decode()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
