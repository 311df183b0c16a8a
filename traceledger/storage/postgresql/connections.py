"""Connections to one database: their settings, the idle ones, and deadlines.

A deadline closes the socket. It does not cancel: a cancelled commit that waits for a standby
returns success, with a warning only.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.rows import RowFactory, TupleRow, tuple_row

from traceledger.errors import StorageError
from traceledger.storage.postgresql.address import Address
from traceledger.storage.postgresql.failures import translated
from traceledger.storage.postgresql.sessions import (
    Session,
    check_pooler,
    check_safe,
    start_session,
)

__all__ = ["Connection", "Connections", "Patience"]

OLDEST_SERVER = 140_000  # the oldest version that its developers still maintain
_IDLE = 8  # connections that are kept without work
_TICK = 0.25  # seconds between two looks at the deadlines

_PARAMETERS = {
    "application_name": "traceledger",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}


class Patience(NamedTuple):
    """Seconds: for another process's turn, for the own turn, for an answer, for a connection."""

    turn: float = 30
    hold: float = 60
    answer: float = 20
    connect: float = 10


class Connection(psycopg.Connection[TupleRow]):
    """A connection, with what the server said beside its answers."""

    def __init__(self, pgconn: PGconn, row_factory: RowFactory[TupleRow] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self.heard: list[str] = []
        self.session = Session(0, ())
        self.due = math.inf
        self._ending = threading.Lock()
        self.streamed = False
        self.add_notice_handler(self._hear)

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        self.heard.append(notice.message_primary or "a notice without text")

    def expect(self, seconds: float) -> None:
        """Sets the deadline for what is waited for next; it holds until `due` is infinite again."""
        self.due = time.monotonic() + seconds

    def close(self) -> None:
        """Closes the connection."""
        with self._ending:
            super().close()

    def shut(self) -> None:
        """Ends the connection under a thread that waits for the server's answer."""
        # Not while it is closed: its number may by then be that of another file.
        with self._ending, contextlib.suppress(OSError, psycopg.Error):
            handle = socket.socket(fileno=os.dup(self.fileno()))
            with contextlib.closing(handle):
                handle.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Sends the block's statements without waiting for each answer.

        A connection on which one fails is closed: the library then takes statements for prepared
        that the server did not see.
        """
        if self.streamed:
            self.execute("")  # otherwise the library still expects rows in several parts
            self.streamed = False
        try:
            with self.pipeline():
                yield
        except BaseException:
            self.close()
            raise

    @property
    def is_idle(self) -> bool:
        """Reports whether the connection can be used for something new."""
        return not self.closed and self.info.transaction_status == TransactionStatus.IDLE

    @property
    def is_silent(self) -> bool:
        """Reports whether the server sent nothing since, such as the end of the connection."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return not poll.poll(0)


class Connections:
    """The connections of one store; safe for use in several threads."""

    def __init__(self, address: Address, *, write: bool, patience: Patience) -> None:
        self.shown = address.shown
        self._conninfo = make_conninfo(
            **{
                **_PARAMETERS,
                "connect_timeout": f"{round(patience.connect)}",
                **address.parameters,
                "client_encoding": "UTF8",
            }
        )
        self._patience = patience
        self._write = write
        self._pooler_known = False
        self._idle: list[Connection] = []
        self._used: set[Connection] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    @contextlib.contextmanager
    def use(self) -> Iterator[Connection]:
        """Lends a connection in autocommit mode; raises StorageError `store.*`."""
        connection = self._take()
        try:
            with translated(self.shown):
                yield connection
        finally:
            self._give(connection)

    @contextlib.contextmanager
    def awaiting(self, connection: Connection, seconds: float | None = None) -> Iterator[None]:
        """Closes the connection unless the block ends in time."""
        connection.expect(seconds or self._patience.answer)
        try:
            yield
        finally:
            connection.due = math.inf

    def close(self) -> None:
        """Closes all connections."""
        self._closed.set()
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self._watch is not None:
            self._watch.join()

    def _take(self) -> Connection:
        connection = self._find_idle() or self._connect()
        with self._lock:
            self._used.add(connection)
        return connection

    def _find_idle(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.is_silent:
                return connection
            connection.close()

    def _give(self, connection: Connection) -> None:
        connection.due = math.inf
        with self._lock:
            self._used.discard(connection)
            if connection.is_idle and len(self._idle) < _IDLE and not self._closed.is_set():
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> Connection:
        with translated(self.shown):
            connection = Connection.connect(self._conninfo, autocommit=True)
        try:
            self._check_server(connection)
            with self._watched(connection), translated(self.shown):
                self._set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_server(self, connection: Connection) -> None:
        version = connection.info.server_version
        encoding = connection.info.parameter_status("server_encoding")
        if version < OLDEST_SERVER or encoding != "UTF8":
            wrong = f"encoding {encoding}" if encoding != "UTF8" else f"version {version // 10000}"
            raise StorageError("store.server", f"{self.shown} has {wrong}")

    def _set_up(self, connection: Connection) -> None:
        session = connection.session = self._start(connection)
        if session.pid != connection.info.backend_pid and not self._pooler_known:
            # A pooler invents the numbers that it states when a connection begins.
            other = Connection.connect(self._conninfo, autocommit=True)
            with contextlib.closing(other), self._watched(other):
                check_pooler(connection, other, self.shown)
            self._pooler_known = True
        if self._write:
            check_safe(session, self.shown)

    def _start(self, connection: Connection) -> Session:
        return start_session(
            connection,
            default_transaction_read_only="off" if self._write else "on",
            lock_timeout=f"{round(self._patience.turn * 1000)}",
            idle_in_transaction_session_timeout=f"{round(self._patience.hold * 1000)}",
        )

    @contextlib.contextmanager
    def _watched(self, connection: Connection) -> Iterator[None]:
        """Closes a connection that is not lent yet unless the block ends in time."""
        with self._lock:
            self._used.add(connection)
            if self._watch is None:
                self._watch = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._watch.start()
        try:
            with self.awaiting(connection):
                yield
        finally:
            with self._lock:
                self._used.discard(connection)

    def _run(self) -> None:
        while not self._closed.wait(_TICK):
            now = time.monotonic()
            with self._lock:  # until they are shut: what is returned now may be lent again
                for connection in self._used:
                    if connection.due < now:
                        connection.due = math.inf
                        connection.shut()
