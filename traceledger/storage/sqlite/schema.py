"""The schema of the SQLite file, whose version is in the file's header (`user_version`)."""

from __future__ import annotations

import sqlite3

from traceledger.storage.schema import read_scripts

__all__ = ["SCHEMA_VERSION", "migrate", "read_schema", "read_version"]

SCHEMA_VERSION = 3

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"


def read_version(connection: sqlite3.Connection) -> int:
    """Reads the schema version of a file, 0 for an empty file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def read_schema(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Reads tables, indexes and triggers with their SQL, in a stable order."""
    return connection.execute(_SCHEMA).fetchall()


def migrate(connection: sqlite3.Connection) -> None:
    """Migrates a file that is empty or of an earlier version to the newest schema, atomically.

    A newer file is unchanged; `check_version` refuses it.
    """
    version = read_version(connection)
    if version >= SCHEMA_VERSION:
        return
    scripts = "\n".join(read_scripts("sqlite", version, SCHEMA_VERSION))
    connection.executescript(
        f"BEGIN IMMEDIATE;\n{scripts}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;"
    )
