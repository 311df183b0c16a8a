"""The store on one SQLite file: WAL, `synchronous=FULL`, one writer, many readers.

A write transaction begins IMMEDIATE, so that its reads are still current when it writes. SQLAlchemy
manages the connection pool and compiles each table's INSERT statement once; statements go to the
driver with rows as tuples, because result and row objects would multiply the cost of a short query.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    URL,
    Engine,
    PoolProxiedConnection,
    Table,
    create_engine,
    event,
)
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DBAPIError

from traceledger.errors import ConflictError, NoLedgerError, StorageError
from traceledger.files.lock import lock_writer
from traceledger.files.side_database import choose_access
from traceledger.merkle.tree import Frontier
from traceledger.storage import queries
from traceledger.storage.deposits import deposits_of
from traceledger.storage.reading import SqlReader
from traceledger.storage.rows import Row
from traceledger.storage.schema import check_version
from traceledger.storage.sqlite.schema import SCHEMA_VERSION, migrate, read_schema, read_version
from traceledger.storage.store import Batch, CosignatureRow
from traceledger.storage.tables import COSIGNATURE, HEAD
from traceledger.storage.writing import add_note
from traceledger.views.rows import HeadRow

__all__ = ["SqliteStore", "copy_database"]

_PATIENCE = 30  # seconds that a connection waits for a lock
_WRITING = (
    "foreign_keys = ON",
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "cache_size = -131072",  # at most 128 MiB: random items touch many pages
    "wal_autocheckpoint = 8192",  # pages, 32 MiB: the same page is copied to the file less often
    f"journal_size_limit = {64 << 20}",  # to which the log shrinks after a long read let it grow
)
_READING = ("query_only = ON",)


class SqliteStore(SqlReader):
    """A `Store` in one file; `traceledger.storage.store` states the guarantees of each method."""

    def __init__(self, path: Path, *, write: bool, beside: bool = False) -> None:
        """Opens the file, which must exist; with `write` acquires the writer lock.

        With `beside`, it writes without the writer lock, which is safe only for writes that do not
        affect the writer, such as cosignatures. Raises NoLedgerError `store.none`, BusyError
        `store.busy`, StorageError `store.*`.
        """
        if not path.is_file():
            raise NoLedgerError("store.none", f"there is no ledger at {path}")
        self._wal = path.with_name(f"{path.name}-wal")
        self._lock = lock_writer(path) if write and not beside else None
        self._engine = _engine(path, write=write)
        self._appending = threading.local()
        self._erased_in_wal = self._lock is not None  # as a killed process may have left it
        try:
            # Migration requires the writer lock, which an older program may hold.
            self._check_version(migrating=self._lock is not None)
        except StorageError:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path) -> SqliteStore:
        """Creates a file with the newest schema; raises ConflictError `store.exists`."""
        _make_file(path)
        engine = _engine(path, write=True)
        with _translated(), contextlib.closing(engine.raw_connection()) as connection:
            migrate(_driver(connection))
        engine.dispose()
        return cls(path, write=True)

    def fetch(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Runs a statement of `queries` and returns its rows."""
        with self._reading() as connection:
            return connection.execute(query, values).fetchall()

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Runs a statement of `queries` and yields its rows as of the moment of the first."""
        with self._reading() as connection:
            yield from connection.execute(query, values)

    def append(self, batch: Batch) -> None:
        """Writes the complete batch durably, or nothing."""
        self.append_all((batch,))

    def append_all(self, batches: Iterable[Batch]) -> None:
        """Writes consecutive batches durably as one, or nothing; each as soon as it is taken."""
        taking = iter(batches)
        first = next(taking, None)
        if first is None:
            return
        with self._writing() as connection:
            _require_size(connection, first.size)
            self._appending.connection = connection
            try:
                for batch in chain((first,), taking):
                    _insert_rows(connection, batch)
                    self._erased_in_wal = self._erased_in_wal or bool(batch.erased)
            finally:
                self._appending.connection = None
        if self._erased_in_wal:
            self._empty_wal()

    def turn(self) -> contextlib.AbstractContextManager[None]:
        """Does nothing: the writer lock, or `append`, keeps other writers away."""
        return contextlib.nullcontext()

    def barrier(self, end: Frontier | None = None) -> None:
        """Does nothing: what can be read was synchronized to the disk."""

    def sign_checkpoint(self, size: int, note: str) -> None:
        """Adds the signed note to a checkpoint durably; repeating the same note has no effect."""
        with self._writing() as connection:
            add_note(lambda *query: connection.execute(*query).fetchall(), size, note)

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        """Adds witnesses' signature lines durably."""
        with self._writing() as connection:
            connection.executemany(_insert(COSIGNATURE), rows)

    def replace_heads(self, rows: Iterable[HeadRow], end: Frontier) -> None:
        """Replaces the rows of all items in one transaction, or none of them."""
        with self._writing() as connection:
            _require_size(connection, end.size)
            connection.execute(queries.FORGET_HEADS)
            connection.execute(queries.FORGET_DECLARED)
            connection.executemany(_insert(HEAD), rows)

    def check(self) -> list[str]:
        """Runs SQLite's integrity check and compares tables and triggers with the migrations."""
        with self._reading() as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            schema = read_schema(connection)
        faults = [line for (line,) in found if line != "ok"]
        with contextlib.closing(sqlite3.connect(":memory:")) as reference:
            migrate(reference)
            if read_schema(reference) != schema:
                faults.append("the tables or their triggers were altered")
        return faults

    def wal_bytes(self) -> int | None:
        """Returns the size of the file beside the database."""
        try:
            return self._wal.stat().st_size
        except OSError:
            return None

    def check_durability(self) -> None:
        """Does nothing: each commit is synchronized to the disk."""

    def close(self) -> None:
        """Closes the file and releases the writer lock."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def _empty_wal(self) -> None:
        """Removes erased data from the write-ahead log too; the next write, if it is in use now."""
        with contextlib.suppress(StorageError), self._reading() as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                ((busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000}")
            self._erased_in_wal = bool(busy)

    def _check_version(self, *, migrating: bool) -> None:
        with self._reading() as connection:
            # A file without a version is not a ledger and is not migrated.
            if migrating and read_version(connection):
                migrate(connection)
            check_version(read_version(connection), SCHEMA_VERSION)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        appending: sqlite3.Connection | None = getattr(self._appending, "connection", None)
        if appending is not None:  # any other one would have to read again what this one has
            yield appending
            return
        with _translated(), contextlib.closing(self._engine.raw_connection()) as pooled:
            yield _driver(pooled)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        # Uncommitted changes are rolled back when the connection returns to the pool.
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")


def _require_size(connection: sqlite3.Connection, expected: int) -> None:
    ((size,),) = connection.execute(queries.SIZE)
    if size != expected:
        raise ConflictError("store.size", f"the log has {size} entries, {expected} were expected")


def copy_database(source: Path, target: Path) -> None:
    """Copies a store to a new file consistently, even while another process writes.

    The copy is migrated to the newest schema; the source is not.
    Raises NoLedgerError `store.none`, ConflictError `store.exists`, StorageError `store.*`.
    """
    if not source.is_file():
        raise NoLedgerError("store.none", f"there is no ledger at {source}")
    _make_file(target)
    engine = _engine(source, write=False)
    with _translated(), contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
        with contextlib.closing(engine.raw_connection()) as connection:
            _driver(connection).backup(copy)
        migrate(copy)
        check_version(read_version(copy), SCHEMA_VERSION)
        # Without WAL, the copy is complete in a single file.
        copy.execute("PRAGMA journal_mode = DELETE")
    engine.dispose()


def _make_file(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise ConflictError("store.exists", f"{path} already exists") from error
    except OSError as error:
        raise StorageError("store.write", f"{path} cannot be created: {error}") from error
    os.close(descriptor)


def _engine(path: Path, *, write: bool) -> Engine:
    query = {"uri": "true", **choose_access(path, write=write)}
    engine = create_engine(
        URL.create("sqlite", database=path.resolve().as_uri(), query=query),
        connect_args={"isolation_level": None, "timeout": _PATIENCE},
        # A connection drops its cached pages when another has written, so one is used as long as
        # it is free.
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        for pragma in _WRITING if write else _READING:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _insert_rows(connection: sqlite3.Connection, batch: Batch) -> None:
    for table, rows in deposits_of(batch):
        connection.executemany(_insert(table), rows)
    erased = [(rest, leaf_index, rest) for leaf_index, rest in batch.erased]
    connection.executemany(queries.ERASE, erased)


@functools.cache
def _insert(table: Table) -> str:
    """Compiles a table's INSERT; it replaces heads and ignores known cosignatures."""
    row = upsert(table)
    if table is HEAD:
        changing = {name: value for name, value in row.excluded.items() if name != "item"}
        row = row.on_conflict_do_update(index_elements=[HEAD.c.item], set_=changing)
    elif table is COSIGNATURE:
        row = row.on_conflict_do_nothing()
    return str(row.compile(dialect=dialect()))


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError("store.write", f"the database failed: {error.orig}") from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # Messages of a damaged database may be undecodable.
        raise StorageError("store.write", f"the database failed: {error}") from error


def _driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.driver_connection)
