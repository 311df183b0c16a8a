"""The store on a PostgreSQL database: many writers in turn, many readers.

A write is acknowledged when its commit returned and the server said nothing beside: a commit whose
wait for a standby was cancelled also returns, with a warning.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, NoReturn

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import Composed
from sqlalchemy import Table

from traceledger.errors import ConflictError, NoLedgerError, StorageError
from traceledger.merkle.tree import Frontier
from traceledger.storage import queries
from traceledger.storage.deposits import deposits_of
from traceledger.storage.postgresql import statements
from traceledger.storage.postgresql.address import parse_address
from traceledger.storage.postgresql.connections import Connection, Connections, Patience
from traceledger.storage.postgresql.failures import describe, is_plain, translated
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
from traceledger.storage.seen import Seen
from traceledger.storage.store import Batch, CosignatureRow, join_batches
from traceledger.storage.tables import COSIGNATURE, HEAD
from traceledger.storage.writing import add_note
from traceledger.views.rows import HeadRow

__all__ = ["PostgresStore"]

# Rows in one message; older libraries of the driver send each row by itself.
_MESSAGE = 100 if psycopg.capabilities.has_stream_chunked() else 1


Cursor = psycopg.Cursor[TupleRow]


class _Turn(NamedTuple):
    """A connection that has the turn to write, and the number of entries when it began."""

    connection: Connection
    size: int


class PostgresStore(SqlReader):
    """A `Store` in the schema `traceledger` of a database.

    `traceledger.storage.store` states the guarantees of each method.
    """

    def __init__(
        self,
        address: str,
        *,
        write: bool,
        patience: Patience | None = None,
        seen: Seen | None = None,
    ) -> None:
        """Connects to a database that contains a ledger; records in `seen` what was read.

        Raises UsageError `store.url`, NoLedgerError `store.none`, StorageError `store.*`.
        """
        self._patience = patience or Patience()
        self._connections = Connections(
            parse_address(address), write=write, patience=self._patience
        )
        self._turns = threading.local()
        self._seen = seen
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
        if self._seen is not None:
            _, rows, after = self.fetch_between(query, values)
            self._see(after)
            return rows
        with self._connections.use() as connection, self._connections.awaiting(connection):
            statement = statements.in_driver_style(query)
            return list(connection.execute(statement, values, binary=True).fetchall())

    def fetch_between(
        self, query: str, values: Sequence[object] = (), *, position: str = statements.POSITION
    ) -> tuple[int, list[Row], int]:
        """Runs a statement between two looks at the write-ahead log, in one round trip.

        Everything up to the first position can be seen in the rows, and nothing of them is later
        than the second; the statement `position` reads both.
        """
        statement = statements.in_driver_style(query)
        with self._connections.use() as connection, self._connections.awaiting(connection):
            with connection.at_once():
                before = connection.execute(position.encode())
                found = connection.execute(statement, values, binary=True)
                after = connection.execute(position.encode())
            ((first,),), ((last,),) = before.fetchall(), after.fetchall()
            return first, list(found.fetchall()), last

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Runs a statement of `queries` and yields its rows as of the moment of the first."""
        statement = statements.in_driver_style(query)
        with self._connections.use() as connection, connection.cursor() as cursor:
            connection.streamed = True
            rows = cursor.stream(statement, values, binary=True, size=_MESSAGE)
            recorded = False
            while True:
                connection.expect(self._patience.answer)
                row = next(rows, None)
                connection.due = math.inf
                if row is None:
                    break
                if not recorded:
                    self._see_present()  # before the caller uses a row, or stops early
                    recorded = True
                yield row

    def size(self) -> int:
        """Returns the number of entries, in a turn as of its beginning: nobody else writes."""
        held: _Turn | None = getattr(self._turns, "held", None)
        return super().size() if held is None else held.size

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until no other process writes, and keeps them waiting up to the first write."""
        with self._connections.use() as connection:
            held = self._turns.held = _Turn(connection, self._begin(connection))
            try:
                yield
                if self._turns.held is held:
                    with self._connections.awaiting(connection):
                        connection.execute(statements.COMMIT)  # of nothing: it was not used
            finally:
                self._turns.held = None

    def barrier(self, end: Frontier | None = None) -> None:
        """Commits and waits for the standby, which then has everything that was written before."""
        if end is not None:
            with self._moving_end(end, end) as connection:
                connection.execute(statements.BARRIER)
            return
        with self._connections.use() as connection, self._transaction(connection):
            connection.execute(statements.BEGIN)
            connection.execute(statements.BARRIER)

    def append(self, batch: Batch) -> None:
        """Writes the complete batch durably, or nothing.

        The server receives everything up to the commit at once and answers once.
        """
        self.append_all((batch,))

    def append_all(self, batches: Iterable[Batch]) -> None:
        """Writes consecutive batches durably as one, or nothing, once all of them are taken."""
        taken = list(batches)
        if not taken:
            return
        batch = join_batches(taken)
        before, after = batch.before, batch.after
        with self._moving_end(before, after) as connection:
            for table, rows in deposits_of(batch):
                add = statements.upsert if table is HEAD else statements.insert
                _add(connection, add(table), rows)
            for leaf_index, rest in batch.erased:
                _run(connection, queries.ERASE, (rest, leaf_index, rest))
        if batch.erased:
            self._empty_erased()

    def sign_checkpoint(self, size: int, note: str) -> None:
        """Adds the signed note to a checkpoint durably; repeating the same note has no effect."""
        with self._in_turn() as connection, self._transaction(connection):
            add_note(lambda query, values: _run(connection, query, values), size, note)

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        """Adds witnesses' signature lines durably."""
        with self._in_turn() as connection, self._transaction(connection):
            _add(connection, statements.insert_new(COSIGNATURE), rows)

    def replace_heads(self, rows: Iterable[HeadRow], end: Frontier) -> None:
        """Replaces the rows of all items in one transaction, or none of them."""
        with self._moving_end(end, end, at_once=False) as connection:
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
        ((recorded, size),) = self.fetch(statements.BOTH_SIZES)  # at one moment: others write
        if recorded != size:
            faults.append(f"the end of the log is recorded at {recorded}, not at {size}")
        return faults

    def wal_bytes(self) -> int | None:
        """Returns what replication slots keep; every role may read this."""
        with self._connections.use() as connection, self._connections.awaiting(connection):
            row = connection.execute(statements.WAL_KEPT).fetchone()
        return int(row[0]) if row else None

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

    def _begin(self, connection: Connection) -> int:
        """Begins a transaction that has the turn to write; returns the number of entries.

        Raises StorageError `store.version` if a newer program has migrated the database since.
        """
        with self._connections.awaiting(connection, self._patience.turn + self._patience.answer):
            cursor = connection.execute(statements.BEGIN_TURN)
            while cursor.nextset():
                pass
            ((version, size, position),) = cursor.fetchall()
        check_version(version, SCHEMA_VERSION)
        self._see(position)
        return int(size)

    @contextlib.contextmanager
    def _in_turn(self) -> Iterator[Connection]:
        """Yields a connection in this thread's turn, which ends with it, or in a new one."""
        held: _Turn | None = getattr(self._turns, "held", None)
        if held is not None:
            self._turns.held = None
            with translated(self._connections.shown):
                yield held.connection
            return
        with self._connections.use() as connection:
            self._begin(connection)
            yield connection

    @contextlib.contextmanager
    def _transaction(self, connection: Connection, *, at_once: bool = True) -> Iterator[None]:
        """Commits what the block did, or nothing of it.

        The block's statements and the commit are sent `at_once`, without waiting for each answer;
        this excludes COPY. Raises StorageError `store.unconfirmed` unless the server just agrees: a
        commit whose wait for a standby was cancelled also returns, with a warning.
        """
        connection.heard.clear()
        committing, commit = False, connection.cursor()
        try:
            with (
                self._connections.awaiting(connection, self._patience.hold),
                connection.at_once() if at_once else contextlib.nullcontext(),
            ):
                yield
                committing = True
                # What was sent at once is answered only together with the commit.
                connection.expect(self._patience.answer + (self._patience.hold if at_once else 0))
                position = self._commit(connection, commit)
        except psycopg.Error as error:
            if committing and (commit.statusmessage or not is_plain(error)):
                raise self._unconfirmed(describe(error)) from error
            raise
        finally:
            if connection.heard or not connection.is_idle:
                connection.close()  # which undoes what was not committed
        if connection.heard:
            raise self._unconfirmed(connection.heard[0])
        if commit.statusmessage != statements.COMMIT:
            raise StorageError("store.write", f"{self._connections.shown} undid the write")
        self._see(*position.fetchall()[0])

    def _commit(self, connection: Connection, cursor: Cursor) -> Cursor:
        """Commits, with the answer in the cursor; returns the position after it."""
        cursor.execute(statements.COMMIT)
        return connection.execute(statements.POSITION)

    def _see(self, position: int) -> None:
        if self._seen is not None:
            self._seen.add(position)

    def _see_present(self) -> None:
        """Records a position that is later than all rows read so far, from this very server."""
        if self._seen is not None:
            _, _, after = self.fetch_between(queries.SIZE)
            self._seen.add(after)

    def _unconfirmed(self, reason: str) -> StorageError:
        return StorageError("store.unconfirmed", f"{self._connections.shown}: {reason}")

    @contextlib.contextmanager
    def _moving_end(
        self, before: Frontier, after: Frontier, *, at_once: bool = True
    ) -> Iterator[Connection]:
        """Moves the recorded end of the log, with what the block writes, or writes nothing.

        Raises ConflictError `store.size` or StorageError `store.replaced` for a log that does not
        end as it did before.
        """
        with self._in_turn() as connection:
            try:
                with self._transaction(connection, at_once=at_once):
                    connection.execute(
                        statements.MOVE_END, (before.size, before.root, after.size, after.root)
                    )
                    yield connection
            except psycopg.errors.NotNullViolation as error:
                if error.diag.table_name == "log_end":
                    self._refuse(before.size, error)
                raise

    def _refuse(self, expected: int, error: psycopg.Error) -> NoReturn:
        """Raises the error for a log that does not end as expected."""
        ((size, _),) = self.fetch(statements.LOG_END)
        if size != expected:
            raise ConflictError(
                "store.size", f"the log has {size} entries, {expected} were expected"
            ) from error
        raise StorageError(
            "store.replaced", f"{self._connections.shown} has another log of {size} entries"
        ) from error

    def _empty_erased(self) -> None:
        """Removes erased data from the table's file too, unless a reader may still see it."""
        with contextlib.suppress(StorageError), self._connections.use() as connection:
            connection.execute(statements.EMPTY_ERASED)


def _run(connection: Connection, query: str, values: Sequence[object] = ()) -> list[Row]:
    cursor = connection.execute(statements.in_driver_style(query), values, binary=True)
    return list(cursor.fetchall()) if query.startswith("SELECT") else []


def _copy(connection: Connection, table: Table, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statements.copy(table)) as copy:
        copy.set_types(statements.types_of(table))
        for row in rows:
            copy.write_row(row)


def _add(connection: Connection, statement: Composed, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])
