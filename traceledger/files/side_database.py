"""Small SQLite files beside the ledger: what a server remembers and the log does not contain."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from traceledger.errors import StorageError
from traceledger.files.durable import make_private

__all__ = ["check_side_database", "choose_access", "copy_side_database", "open_side_database"]


def open_side_database(
    path: Path, schema: str, version: int, *, durable: bool
) -> sqlite3.Connection:
    """Opens or creates a database readable by its owner only, for use in several threads.

    `schema` are statements that create what is missing. Without `durable`, the last changes can be
    lost when the machine stops. Raises StorageError `store.write`, or `store.version` for a file of
    a newer version.
    """
    try:
        make_private(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _check_version(connection, path, version)
            mode = "FULL" if durable else "OFF"
            pragmas = f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {mode};"
            script = f"{pragmas} BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;"
            connection.executescript(script)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise StorageError("store.write", f"{path} cannot be used: {error}") from error
    return connection


def copy_side_database(source: Path, target: Path) -> None:
    """Copies a database that may be in use to a new file, consistently, and reads the copy back.

    Raises StorageError `store.write` or `ledger.damaged`.
    """
    try:
        make_private(target)
        with (
            contextlib.closing(_open_to_read(source)) as original,
            contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            original.backup(copy)
            # Without WAL, the copy is complete in a single file.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StorageError("store.write", f"{source} cannot be copied: {error}") from error
    check_side_database(target)


def check_side_database(path: Path) -> int:
    """Checks that a database is intact and returns its size in bytes; changes nothing.

    Raises StorageError `ledger.damaged`.
    """
    try:
        with contextlib.closing(_open_to_read(path)) as connection:
            (result,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # a damaged file may name anything
        raise StorageError("ledger.damaged", f"{path}: {error}") from error
    if result != "ok":
        raise StorageError("ledger.damaged", f"{path}: {result}")
    return path.stat().st_size


def choose_access(path: Path, *, write: bool) -> Mapping[str, str]:
    """Chooses how SQLite opens a file: a reader of a WAL file must be able to create its index."""
    if write or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return {"mode": "rw"}
    return {"mode": "ro"} if path.with_name(f"{path.name}-wal").exists() else {"immutable": "1"}


def _open_to_read(path: Path) -> sqlite3.Connection:
    ((name, value),) = choose_access(path, write=False).items()
    return sqlite3.connect(f"{path.resolve().as_uri()}?{name}={value}", uri=True)


def _check_version(connection: sqlite3.Connection, path: Path, supported: int) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > supported:
        message = f"{path} has version {version}; this program supports up to {supported}"
        raise StorageError("store.version", message)
