"""What a witness remembers between two cosignatures, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from traceledger.errors import StorageError
from traceledger.merkle.tree import Frontier
from traceledger.rules.replay import Replay
from traceledger.rules.state import State, Trace
from traceledger.storage.files import write_file
from traceledger.verify.log import LogReplay

__all__ = ["Memory", "read_memory", "write_memory"]


class Memory(NamedTuple):
    """The largest tree that the witness cosigned, and for a replaying one the world at its end."""

    size: int
    root: bytes
    time: int
    replay: LogReplay | None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    origin: str
    size: int
    root: bytes
    time: int
    frontier: bytes = b""
    last_seal: int | None = None
    states: dict[str, State] = {}
    trails: dict[str, dict[str, Trace]] = {}


def read_memory(path: Path, origin: str) -> Memory | None:
    """Reads what was remembered of a log, None when it was never cosigned.

    Raises StorageError `witness.memory` for a file that is damaged or of another log: a witness
    that forgot must not cosign as if it were new.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        file = msgspec.msgpack.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError("witness.memory", f"{path} is damaged: {error}") from error
    if file.origin != origin:
        raise StorageError("witness.memory", f"{path} is about {file.origin}, not {origin}")
    replay = None
    if file.frontier:
        world = Replay(origin, states=file.states, trails=file.trails)
        replay = LogReplay.resume(world, Frontier.from_bytes(file.frontier), file.last_seal)
    return Memory(file.size, file.root, file.time, replay)


def write_memory(path: Path, origin: str, memory: Memory) -> None:
    """Writes what is to be remembered, durably, before any cosignature leaves the house."""
    replay = memory.replay
    file = _File(
        origin=origin,
        size=memory.size,
        root=memory.root,
        time=memory.time,
        frontier=replay.frontier.to_bytes() if replay else b"",
        last_seal=replay.last_seal if replay else None,
        states=dict(replay.world.states) if replay else {},
        trails=replay.world.trails if replay else {},
    )
    write_file(path, msgspec.msgpack.encode(file), mode=0o600)
