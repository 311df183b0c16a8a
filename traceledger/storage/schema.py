"""The schema of the SQLite file: its version and the migrations between versions."""

from __future__ import annotations

import sqlite3
from importlib import resources

from traceledger.errors import StorageError

__all__ = ["SCHEMA_VERSION", "check_version", "migrate", "read_schema", "read_version"]

SCHEMA_VERSION = 3

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"


def read_version(connection: sqlite3.Connection) -> int:
    """Reads the schema version of a file, 0 for an empty file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def read_schema(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Reads tables, indexes and triggers with their SQL, in a stable order."""
    return connection.execute(_SCHEMA).fetchall()


def check_version(connection: sqlite3.Connection) -> None:
    """Checks that a file has the newest schema; raises StorageError `store.version`."""
    version = read_version(connection)
    if version == SCHEMA_VERSION:
        return
    message = f"the file has schema version {version}, this program uses {SCHEMA_VERSION}"
    if 0 < version < SCHEMA_VERSION:
        hint = "Back it up, then migrate it by opening it for writing: `traceledger checkpoint`."
        raise StorageError("store.version", message, hint=hint)
    raise StorageError("store.version", message)


def migrate(connection: sqlite3.Connection) -> None:
    """Migrates a file that is empty or of an earlier version to the newest schema, atomically.

    A newer file is unchanged; `check_version` refuses it.
    """
    version = read_version(connection)
    if version >= SCHEMA_VERSION:
        return
    scripts = "\n".join(map(_read_script, range(version + 1, SCHEMA_VERSION + 1)))
    connection.executescript(
        f"BEGIN IMMEDIATE;\n{scripts}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;"
    )


def _read_script(version: int) -> str:
    script = resources.files("traceledger.storage.migrations") / f"sqlite_{version:04}.sql"
    try:
        return script.read_text()
    except OSError as error:
        raise StorageError("file.read", f"{script} cannot be read: {error.strerror}") from error
