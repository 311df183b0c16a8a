"""What a witness remembers between two cosignatures, in one file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError, StorageError
from traceledger.files.durable import read_file, write_file
from traceledger.merkle.hashing import EMPTY_ROOT
from traceledger.merkle.memorymap import MemoryMap
from traceledger.merkle.tree import Frontier
from traceledger.rules.replay import Replay
from traceledger.rules.state import State, Trace
from traceledger.verify.log import LogReplay, LogState

__all__ = ["Memory", "Replayed", "create_memory", "read_memory", "write_memory"]

_DIGEST = 32


class Replayed(NamedTuple):
    """A log that a witness replayed: the world at its end, and its tree."""

    log: LogReplay
    frontier: Frontier


class Memory(NamedTuple):
    """The largest tree that the witness cosigned, when, and for a replaying one what it made.

    `root` has 32 bytes, `time` is in seconds since 1970.
    """

    size: int
    root: bytes
    time: int
    replayed: Replayed | None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    origin: str
    size: int
    root: bytes
    time: int
    frontier: bytes = b""
    last_seal: int | None = None
    states: dict[str, State] = {}
    trails: dict[str, dict[str, Trace]] = {}


def create_memory(path: Path, origin: str) -> None:
    """Writes the memory of a witness that cosigned nothing yet."""
    write_memory(path, origin, Memory(0, EMPTY_ROOT, 0, None))


def read_memory(path: Path, origin: str) -> Memory | None:
    """Reads what was remembered of a log, None when it was never cosigned.

    Raises StorageError `witness.memory` for a file that is missing, damaged or of another log: a
    witness that forgot must not cosign as if it were new.
    """
    data = read_file(path)
    if data is None:
        raise StorageError("witness.memory", f"{path} is not there")
    try:
        file = _decode(data)
        frontier = Frontier.from_bytes(file.frontier) if file.frontier else None
    except (msgspec.DecodeError, ValueError, MalformedError) as error:
        raise StorageError("witness.memory", f"{path} is damaged: {error}") from error
    if file.origin != origin:
        raise StorageError("witness.memory", f"{path} is about {file.origin}, not {origin}")
    if file.size == 0:
        return None
    replayed = None
    if frontier is not None:
        world = Replay(origin, states=file.states, trails=file.trails)
        state = LogState(frontier.size, file.last_seal, changed=set(file.states))
        log = LogReplay(world, MemoryMap(), state)
        replayed = Replayed(log, frontier)
    return Memory(file.size, file.root, file.time, replayed)


def write_memory(path: Path, origin: str, memory: Memory) -> None:
    """Writes what is to be remembered, durably, before any cosignature leaves the house."""
    file = _File(origin=origin, size=memory.size, root=memory.root, time=memory.time)
    if memory.replayed is not None:
        log, frontier = memory.replayed
        file = msgspec.structs.replace(
            file,
            frontier=frontier.to_bytes(),
            last_seal=log.last_seal,
            states=dict(log.world.states),
            trails=log.world.trails,
        )
    data = msgspec.msgpack.encode(file)
    write_file(path, sha256(data).digest() + data, mode=0o600)


def _decode(data: bytes) -> _File:
    """Decodes the file's content, before which stands its SHA-256."""
    digest, content = data[:_DIGEST], data[_DIGEST:]
    if sha256(content).digest() != digest:
        raise ValueError("its checksum does not fit")
    return msgspec.msgpack.decode(content, type=_File)
