"""Small databases beside the ledger, for what the server remembers and the log does not contain."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from traceledger.errors import StorageError
from traceledger.files.durable import make_private

__all__ = ["open_side_database"]


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


def _check_version(connection: sqlite3.Connection, path: Path, supported: int) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > supported:
        message = f"{path} has version {version}; this program supports up to {supported}"
        raise StorageError("store.version", message)
