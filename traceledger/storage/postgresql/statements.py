"""The statements that only PostgreSQL has: inserting, the turn to write, and the end of the log."""

from __future__ import annotations

import functools

from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table
from sqlalchemy.types import Integer, LargeBinary

from traceledger.storage.queries import SIZE

__all__ = ["copy", "in_driver_style", "insert", "insert_new", "types_of", "upsert"]

# Any number that other programs on the same database do not use: "trace" in ASCII.
LOCK = 0x7472616365
BEGIN = "BEGIN"
COMMIT = "COMMIT"

VERSION = "SELECT coalesce(max(version), 0) FROM traceledger.schema_version"
LOG_END = "SELECT size, root FROM log_end"
RECORDED_SIZE = "SELECT size FROM log_end"
BOTH_SIZES = f"SELECT ({RECORDED_SIZE}), ({SIZE})"
# At another end the size becomes NULL, which the table refuses, so that nothing after it is done.
MOVE_END = (
    "UPDATE log_end SET size = CASE WHEN size = %s AND root = %s THEN %s::int8 END, root = %s"
)
BARRIER = "UPDATE log_end SET barriers = barriers + 1"
EMPTY_ERASED = "VACUUM disclosure"
# Everything that can be read was complete at this position of the write-ahead log.
POSITION = (
    "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_flush_lsn() END, '0/0')::int8"
)
# The same of a standby that still follows; of any other server, a position before all others: what
# was written since it ceased to follow is another log, whose positions cannot be compared.
FOLLOWED = (
    "SELECT coalesce(CASE WHEN pg_is_in_recovery()"
    " THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END, -1)::int8"
)
# The same on a server and its standbys, and on no other. All users may read it.
IDENTITY = (
    "SELECT system_identifier, oid FROM pg_control_system(), pg_database"
    " WHERE datname = current_database()"
)
# What the slot that is furthest behind keeps from being reused. All users may read it.
WAL_KEPT = (
    "SELECT greatest(max(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()"
    " THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END, restart_lsn)), 0)::int8"
    " FROM pg_replication_slots"
)
# In one message. Each statement sees what was committed before it began.
BEGIN_TURN = (
    f"BEGIN; SELECT pg_advisory_xact_lock({LOCK}); SELECT ({VERSION}), ({SIZE}), ({POSITION})"
).encode()
DISCARD = "DROP SCHEMA IF EXISTS traceledger CASCADE"

_TYPES = {"int8": SQL("%b::int8[]"), "bytea": SQL("%b::bytea[]"), "text": SQL("%b::text[]")}


@functools.cache
def in_driver_style(query: str) -> bytes:
    """Returns a statement of `traceledger.storage.queries` with the driver's marks."""
    return query.replace("?", "%s").encode()


@functools.cache
def copy(table: Table) -> Composed:
    """Returns the statement that adds rows in bulk."""
    return SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(*_names(table))


@functools.cache
def insert(table: Table) -> Composed:
    """Returns the statement that adds rows, given as one array for each column."""
    arrays = SQL(", ").join([_TYPES[name] for name in types_of(table)])
    add = SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})")
    return add.format(*_names(table), arrays)


@functools.cache
def insert_new(table: Table) -> Composed:
    """Returns the statement that adds the rows that are not there."""
    return insert(table) + SQL(" ON CONFLICT DO NOTHING")


@functools.cache
def upsert(table: Table) -> Composed:
    """Returns the statement that adds or replaces rows, given as one array for each column."""
    key = SQL(", ").join([Identifier(column.name) for column in table.primary_key])
    others = [Identifier(column.name) for column in table.columns if not column.primary_key]
    changes = SQL(", ").join([SQL("{0} = excluded.{0}").format(name) for name in others])
    replace = SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(key, changes)
    return insert(table) + replace


def types_of(table: Table) -> list[str]:
    """Returns PostgreSQL's types of a table's columns."""
    return [_type_of(column.type) for column in table.columns]


def _type_of(declared: object) -> str:
    if isinstance(declared, Integer):
        return "int8"
    return "bytea" if isinstance(declared, LargeBinary) else "text"


def _names(table: Table) -> tuple[Identifier, Composed]:
    """Returns the name of a table and those of its columns."""
    columns = SQL(", ").join([Identifier(column.name) for column in table.columns])
    return Identifier(table.name), columns
