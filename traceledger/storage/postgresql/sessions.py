"""What a connection needs: settings of its session, a server that keeps what it confirms."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg

from traceledger.errors import StorageError

__all__ = ["Session", "check_pooler", "check_safe", "start_session"]

# Also where the server, the database or the role sets something else. A role that hides warnings
# would hide a commit that no standby has.
_SETTINGS = {
    "search_path": "traceledger",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",
    "statement_timeout": "0",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# A commit waits at least for the disk, and for the standby if the server names one. Whoever waits
# for more keeps that.
_CONFIRMED = (
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"
)
_NEEDED = ("fsync", "full_page_writes")
_PID = "SELECT pg_backend_pid()"

Connection = psycopg.Connection[Any]


class Session(NamedTuple):
    """What a server said of a session: its process, and its settings that may lose data."""

    pid: int
    unsafe: tuple[str, ...]


def start_session(connection: Connection, **settings: str) -> Session:
    """Sets up the session of a new connection, in one round trip.

    The settings are not parts of the address, which a pooler in between refuses or forgets.
    """
    wanted = {**_SETTINGS, **settings}
    sets = ["set_config(%s, %s, false)"] * len(wanted)
    reads = ["pg_backend_pid()", *[f"current_setting('{name}')" for name in _NEEDED]]
    query = f"SELECT {', '.join([*reads, _CONFIRMED, *sets])}"
    row = connection.execute(
        query.encode(), [text for setting in wanted.items() for text in setting]
    ).fetchall()[0]
    found = zip(_NEEDED, row[1:], strict=False)
    return Session(row[0], tuple(name for name, value in found if value == "off"))


def check_safe(session: Session, shown: str) -> None:
    """Raises StorageError `store.unsafe` for a server that may lose what it confirmed."""
    if session.unsafe:
        off = " and ".join(f"{name} = off" for name in session.unsafe)
        raise StorageError("store.unsafe", f"{shown} has {off}")


def check_pooler(first: Connection, second: Connection, shown: str) -> None:
    """Raises StorageError `store.pooler` if a pooler changes the server between transactions.

    Settings of a session would then be those of another client. The first connection gets a server
    while the second is in a transaction, and may get either of them when that has ended: at once,
    or the next time if the pooler lends them in turn.
    """
    used = set()
    for statement, times in (("BEGIN", 1), ("COMMIT", 2)):
        second.execute(statement)
        used |= {row for _ in range(times) for row in first.execute(_PID).fetchall()}
    if len(used) > 1:
        raise StorageError("store.pooler", f"{shown} is behind a pooler in transaction mode")
