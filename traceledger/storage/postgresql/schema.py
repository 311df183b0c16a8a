"""The schema `traceledger` of a database, whose version is in its table `schema_version`."""

from __future__ import annotations

from typing import Any

import psycopg

from traceledger.errors import StorageError
from traceledger.storage.postgresql.statements import LOCK, VERSION
from traceledger.storage.schema import read_scripts

__all__ = ["SCHEMA_VERSION", "migrate", "read_reference", "read_schema", "read_version"]

SCHEMA_VERSION = 1

_EXISTS = "SELECT to_regclass('traceledger.schema_version') IS NOT NULL"
_MIGRATED = "INSERT INTO traceledger.schema_version (version) VALUES (%s)"
# The schema of this connection's temporary tables, which exists from the first such table on.
_SCRATCH = "CREATE TEMP TABLE first (); DROP TABLE first"
_SCRATCH_NAME = "SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()"

# Columns, constraints, indexes, triggers and functions, with what decides their effect.
_SCHEMA = """
SELECT 'column', c.relname, a.attname::text, format('%%s %%s %%s',
    format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text,
    pg_get_indexdef(indexrelid) || indisvalid
FROM pg_index JOIN pg_class c ON c.oid = indexrelid
WHERE c.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname::text,
    pg_get_triggerdef(t.oid) || CASE tgenabled WHEN 'O' THEN '' ELSE ' disabled' END
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT tgisinternal
UNION ALL
SELECT 'function', proname::text, '', prosrc
FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
ORDER BY 1, 2, 3, 4
"""

Connection = psycopg.Connection[Any]


def read_version(connection: Connection) -> int:
    """Reads the schema version of a database, 0 for one without the schema."""
    found = connection.execute(_EXISTS).fetchone()
    if not found or not found[0]:
        return 0
    (version,) = connection.execute(VERSION).fetchone() or (0,)
    return int(version)


def read_schema(connection: Connection, schema: str = "traceledger") -> list[tuple[str, ...]]:
    """Reads the definitions in a schema, which do not name it, in a stable order."""
    rows = connection.execute(_SCHEMA, {"schema": schema}).fetchall()
    return [tuple(_unqualified(value, schema) for value in row) for row in rows]


def read_reference(connection: Connection) -> list[tuple[str, ...]]:
    """Reads the definitions as the migrations create them, as temporary tables.

    These need the right TEMPORARY, which every user has unless it was withdrawn, and are never
    committed. Raises StorageError `store.readonly` on a standby, which cannot create them.
    """
    if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
        raise StorageError("store.readonly", "a standby's tables are checked on its primary")
    connection.execute("BEGIN READ WRITE")
    try:
        connection.execute(_SCRATCH)
        ((schema,),) = connection.execute(_SCRATCH_NAME).fetchall()
        for script in read_scripts("postgresql", 0, SCHEMA_VERSION):
            tables = script.replace("CREATE SCHEMA traceledger;", "")
            connection.execute(tables.replace("traceledger", schema).encode())
        return read_schema(connection, schema)
    finally:
        connection.execute("ROLLBACK")


def _unqualified(value: object, schema: str) -> str:
    text = str(value).replace(f"{schema}.", "")
    # The server shortens the names of its own schemas for temporary tables.
    return text.replace("pg_temp.", "") if schema.startswith("pg_temp_") else text


def migrate(connection: Connection) -> None:
    """Migrates a database that is empty or of an earlier version to the newest schema, atomically.

    A newer one is unchanged; `check_version` refuses it.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        version = read_version(connection)
        scripts = read_scripts("postgresql", version, SCHEMA_VERSION)
        for number, script in enumerate(scripts, version + 1):
            connection.execute(script.encode())
            connection.execute(_MIGRATED, (number,))
