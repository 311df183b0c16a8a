"""The store on a PostgreSQL database: many writers in turn, many readers.

A write is acknowledged when its commit returned and the server said nothing beside: a commit whose
wait for a standby was cancelled also returns, with a warning.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

import psycopg
from sqlalchemy import Table

from traceledger.errors import ConflictError, NoLedgerError, StorageError
from traceledger.merkle.tree import Frontier
from traceledger.storage import queries
from traceledger.storage.deposits import deposits_of
from traceledger.storage.postgresql import statements
from traceledger.storage.postgresql.address import parse_address
from traceledger.storage.postgresql.connections import Connection, Connections, Patience
from traceledger.storage.postgresql.failures import describe, translated
from traceledger.storage.postgresql.schema import (
    SCHEMA_VERSION,
    migrate,
    read_reference,
    read_schema,
    read_version,
)
from traceledger.storage.postgresql.sessions import check_safe
from traceledger.storage.reading import SqlReader
from traceledger.storage.rows import Row
from traceledger.storage.schema import check_version
from traceledger.storage.store import Batch, CosignatureRow
from traceledger.storage.tables import COSIGNATURE, HEAD
from traceledger.storage.writing import add_note
from traceledger.views.rows import HeadRow

__all__ = ["PostgresStore"]

# Rows in one message; older libraries of the driver send each row by itself.
_MESSAGE = 100 if psycopg.capabilities.has_stream_chunked() else 1


class PostgresStore(SqlReader):
    """A `Store` in the schema `traceledger` of a database.

    `traceledger.storage.store` states the guarantees of each method.
    """

    def __init__(self, address: str, *, write: bool, patience: Patience | None = None) -> None:
        """Connects to a database that contains a ledger.

        Raises UsageError `store.url`, NoLedgerError `store.none`, StorageError `store.*`.
        """
        self._patience = patience or Patience()
        self._connections = Connections(
            parse_address(address), write=write, patience=self._patience
        )
        self._turns = threading.local()
        try:
            self._check_version(migrating=write)
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, address: str) -> PostgresStore:
        """Creates the schema in a database; raises ConflictError `store.exists`."""
        connections = Connections(parse_address(address), write=True, patience=Patience())
        with contextlib.closing(connections), connections.use() as connection:
            if read_version(connection):
                raise ConflictError("store.exists", f"{connections.shown} contains a ledger")
            migrate(connection)
        return cls(address, write=True)

    @classmethod
    def discard(cls, address: str) -> None:
        """Removes the schema from a database, with everything in it."""
        connections = Connections(parse_address(address), write=True, patience=Patience())
        with contextlib.closing(connections), connections.use() as connection:
            connection.execute(statements.DISCARD)

    def fetch(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Runs a statement of `queries` and returns its rows."""
        with self._connections.use() as connection, self._connections.awaiting(connection):
            statement = statements.in_driver_style(query)
            return list(connection.execute(statement, values, binary=True).fetchall())

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Runs a statement of `queries` and yields its rows as of the moment of the first."""
        statement = statements.in_driver_style(query)
        with self._connections.use() as connection, connection.cursor() as cursor:
            rows = cursor.stream(statement, values, binary=True, size=_MESSAGE)
            while True:
                connection.expect(self._patience.answer)
                row = next(rows, None)
                connection.due = math.inf
                if row is None:
                    return
                yield row

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until no other process writes, and keeps them waiting up to the first write."""
        with self._connections.use() as connection:
            self._begin(connection)
            self._turns.connection = connection
            try:
                yield
            finally:
                self._turns.connection = None
                _roll_back(connection)

    def barrier(self, end: Frontier | None = None) -> None:
        """Commits and waits for the standby, which then has everything that was written before."""
        if end is not None:
            with self._writing() as connection:
                at = connection.execute(statements.BARRIER_AT, (end.size, end.root))
                if not at.rowcount:
                    self._refuse(connection, end.size)
            return
        with self._connections.use() as connection, self._transaction(connection):
            connection.execute(statements.BEGIN)
            connection.execute(statements.BARRIER)

    def append(self, batch: Batch) -> None:
        """Writes the complete batch durably, or nothing."""
        with self._writing() as connection:
            self._move_end(connection, batch)
            for table, rows in deposits_of(batch):
                if table is HEAD:
                    _upsert(connection, table, rows)
                elif rows:
                    _copy(connection, table, rows)
            if batch.erased:
                erased = [(rest, leaf_index, rest) for leaf_index, rest in batch.erased]
                with connection.cursor() as cursor:
                    cursor.executemany(statements.in_driver_style(queries.ERASE), erased)
        if batch.erased:
            self._empty_erased()

    def sign_checkpoint(self, size: int, note: str) -> None:
        """Adds the signed note to a checkpoint durably; repeating the same note has no effect."""
        with self._writing() as connection:
            add_note(lambda query, values: _run(connection, query, values), size, note)

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        """Adds witnesses' signature lines durably."""
        with self._writing() as connection, connection.cursor() as cursor:
            cursor.executemany(statements.insert(COSIGNATURE), rows)

    def replace_heads(self, rows: Iterable[HeadRow]) -> None:
        """Replaces the rows of all items in one transaction."""
        with self._writing() as connection:
            connection.due = math.inf  # the rows of millions of items take minutes
            _run(connection, queries.FORGET_HEADS)
            _run(connection, queries.FORGET_DECLARED)
            _copy(connection, HEAD, rows)

    def check(self) -> list[str]:
        """Compares tables, triggers and functions with the migrations, and the end of the log.

        Files of a database are the server's; `pg_amcheck` and data checksums examine them.
        """
        faults = []
        with self._connections.use() as connection:
            if read_schema(connection) != read_reference(connection):
                faults.append("the tables or their triggers were altered")
        ((size, _),) = self.fetch(statements.LOG_END)
        if size != self.size():
            faults.append(f"the end of the log is recorded at {size}, not at {self.size()}")
        return faults

    def check_durability(self) -> None:
        """Raises StorageError `store.unsafe` if the server may lose what it confirmed."""
        with self._connections.use() as connection:
            check_safe(connection.session, self._connections.shown)

    def close(self) -> None:
        """Closes all connections."""
        self._connections.close()

    def _check_version(self, *, migrating: bool) -> None:
        with self._connections.use() as connection:
            version = read_version(connection)
            if not version:
                raise NoLedgerError("store.none", f"{self._connections.shown} contains no ledger")
            if migrating and version < SCHEMA_VERSION:
                migrate(connection)
                version = read_version(connection)
            check_version(version, SCHEMA_VERSION)

    def _begin(self, connection: Connection) -> None:
        """Begins a transaction that has the turn to write."""
        with self._connections.awaiting(connection, self._patience.turn + self._patience.answer):
            connection.execute(statements.BEGIN_TURN)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Opens a transaction in this thread's turn, otherwise in one of its own."""
        held: Connection | None = getattr(self._turns, "connection", None)
        if held is not None:
            self._turns.connection = None
            with translated(self._connections.shown), self._transaction(held):
                yield held
            return
        with self._connections.use() as connection:
            self._begin(connection)
            with self._transaction(connection):
                yield connection

    @contextlib.contextmanager
    def _transaction(self, connection: Connection) -> Iterator[None]:
        """Commits what the block did, or nothing of it."""
        try:
            with self._connections.awaiting(connection, self._patience.hold):
                yield
        except BaseException:
            _roll_back(connection)
            raise
        self._commit(connection)

    def _commit(self, connection: Connection) -> None:
        """Commits; raises StorageError `store.unconfirmed` unless the server just agrees."""
        connection.heard.clear()
        try:
            with self._connections.awaiting(connection):
                status = connection.execute(statements.COMMIT).statusmessage
        except psycopg.Error as error:
            raise self._unconfirmed(describe(error)) from error
        finally:
            if connection.heard or not connection.is_idle:
                connection.close()
        if connection.heard:
            raise self._unconfirmed(connection.heard[0])
        if status != statements.COMMIT:
            raise StorageError("store.write", f"{self._connections.shown} undid the write")

    def _unconfirmed(self, reason: str) -> StorageError:
        return StorageError("store.unconfirmed", f"{self._connections.shown}: {reason}")

    def _move_end(self, connection: Connection, batch: Batch) -> None:
        """Moves the recorded end of the log, if it is the one on which the batch builds."""
        before, after = batch.before, batch.after
        moved = connection.execute(
            statements.MOVE_END, (after.size, after.root, before.size, before.root)
        )
        if not moved.rowcount:
            self._refuse(connection, batch.size)

    def _refuse(self, connection: Connection, expected: int) -> NoReturn:
        """Raises the error for a log that does not end as expected."""
        ((size, _),) = connection.execute(statements.LOG_END).fetchall()
        if size != expected:
            raise ConflictError(
                "store.size", f"the log has {size} entries, {expected} were expected"
            )
        raise StorageError(
            "store.replaced", f"{self._connections.shown} has another log of {size} entries"
        )

    def _empty_erased(self) -> None:
        """Removes erased data from the table's file too, unless a reader may still see it."""
        with contextlib.suppress(StorageError), self._connections.use() as connection:
            connection.execute(statements.EMPTY_ERASED)


def _run(connection: Connection, query: str, values: Sequence[object] = ()) -> list[Row]:
    cursor = connection.execute(statements.in_driver_style(query), values, binary=True)
    return list(cursor.fetchall()) if cursor.description else []


def _copy(connection: Connection, table: Table, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statements.copy(table)) as copy:
        copy.set_types(statements.types_of(table))
        for row in rows:
            copy.write_row(row)


def _upsert(connection: Connection, table: Table, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(statements.upsert(table), columns)


def _roll_back(connection: Connection) -> None:
    """Ends a transaction if there is one; a connection that cannot is closed."""
    if connection.closed or connection.is_idle:
        return
    try:
        connection.execute(statements.ROLLBACK)
    except psycopg.Error:
        connection.close()
