"""The statements that only PostgreSQL has: inserting, the turn to write, and the end of the log."""

from __future__ import annotations

import functools

from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table
from sqlalchemy.types import Integer, LargeBinary

__all__ = ["copy", "in_driver_style", "insert", "types_of", "upsert"]

# Any number that other programs on the same database do not use: "trace" in ASCII.
LOCK = 0x7472616365
BEGIN_TURN = b"BEGIN; SELECT pg_advisory_xact_lock(%d)" % LOCK
BEGIN = "BEGIN"
COMMIT = "COMMIT"
ROLLBACK = "ROLLBACK"

LOG_END = "SELECT size, root FROM log_end"
MOVE_END = "UPDATE log_end SET size = %s, root = %s WHERE size = %s AND root = %s"
BARRIER = "UPDATE log_end SET barriers = barriers + 1"
BARRIER_AT = BARRIER + " WHERE size = %s AND root = %s"
EMPTY_ERASED = "VACUUM disclosure"
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
    """Returns the statement that adds a row unless it is there."""
    marks = SQL(", ").join([SQL("%s") for _ in table.columns])
    add = SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING")
    return add.format(*_names(table), marks)


@functools.cache
def upsert(table: Table) -> Composed:
    """Returns the statement that adds or replaces rows, given as one array for each column."""
    arrays = SQL(", ").join([_TYPES[name] for name in types_of(table)])
    key = SQL(", ").join([Identifier(column.name) for column in table.primary_key])
    others = [Identifier(column.name) for column in table.columns if not column.primary_key]
    changes = SQL(", ").join([SQL("{0} = excluded.{0}").format(name) for name in others])
    add = SQL("INSERT INTO {} ({}) SELECT * FROM unnest({}) ON CONFLICT ({}) DO UPDATE SET {}")
    return add.format(*_names(table), arrays, key, changes)


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
