"""The record of the tree that a witness cosigned last: a small file that must never be rolled back.

The file is replaced atomically and durably before the witness issues a cosignature. It begins with
the SHA-256 of the rest, which is MessagePack and contains the version of the format::

    1   also contained the replay
    2   states whether the witness replays; the replay is in a separate file
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError, StorageError
from traceledger.files.durable import read_file, write_file
from traceledger.merkle.hashing import EMPTY_ROOT

__all__ = ["Record", "create_record", "read_record", "write_record"]

_DIGEST = 32
_MAX_RECORD = 1 << 30  # version 1 contained the replay
_VERSION = 2


class Record(NamedTuple):
    """The largest tree that the witness cosigned, the time, and whether it replayed the log.

    `root` has 32 bytes, `time` is in seconds since 1970.
    """

    size: int
    root: bytes
    time: int
    replayed: bool


class _Version(msgspec.Struct, frozen=True):
    version: int = 1


class _File1(msgspec.Struct, frozen=True):
    """Version 1, without the rest of the replay that it also contained."""

    origin: str
    size: int
    root: bytes
    time: int
    frontier: bytes = b""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    origin: str
    size: int
    root: bytes
    time: int
    replayed: bool


def create_record(path: Path, origin: str) -> None:
    """Writes the record of a witness that has not cosigned anything yet."""
    write_record(path, origin, Record(0, EMPTY_ROOT, 0, replayed=False))


def read_record(path: Path, origin: str) -> Record | None:
    """Reads the tree of a log that was cosigned last; None if none has been cosigned.

    Raises StorageError `witness.memory` for a file that is missing, damaged, of a different log or
    of a newer version: a witness that lost its record must not cosign as if it were new.
    """
    try:
        data = read_file(path, _MAX_RECORD)
    except MalformedError as error:
        raise StorageError("witness.memory", error.message) from error
    if data is None:
        raise StorageError("witness.memory", f"{path} does not exist")
    try:
        file = _decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise StorageError("witness.memory", f"{path} is damaged: {error}") from error
    if file.version != _VERSION:
        raise StorageError("witness.memory", f"{path} has version {file.version}, not {_VERSION}")
    if file.origin != origin:
        raise StorageError("witness.memory", f"{path} is about {file.origin}, not {origin}")
    return Record(file.size, file.root, file.time, file.replayed) if file.size else None


def write_record(path: Path, origin: str, record: Record) -> None:
    """Writes the record durably; call it before a cosignature is issued."""
    file = _File(_VERSION, origin, *record)
    data = msgspec.msgpack.encode(file)
    write_file(path, sha256(data).digest() + data, mode=0o600, alone=True)


def _decode(data: bytes) -> _File:
    """Decodes the file: the SHA-256 of its content, then the content."""
    digest, content = data[:_DIGEST], data[_DIGEST:]
    if sha256(content).digest() != digest:
        raise ValueError("its checksum does not match")
    if msgspec.msgpack.decode(content, type=_Version).version == 1:
        first = msgspec.msgpack.decode(content, type=_File1)
        replayed = bool(first.frontier)
        return _File(_VERSION, first.origin, first.size, first.root, first.time, replayed)
    return msgspec.msgpack.decode(content, type=_File)
