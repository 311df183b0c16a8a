"""Opening the store at a place: a file for SQLite, or the address of a PostgreSQL database."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from traceledger.errors import ConflictError, NoLedgerError, UsageError
from traceledger.files.installation import DISTRIBUTION
from traceledger.storage.seen import Seen
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import Store

__all__ = [
    "Place",
    "create_store",
    "discard_store",
    "is_address",
    "load_engine",
    "open_replicated",
    "open_store",
    "require_vacant",
]

Place = Path | str
"""A file, or an address `postgresql://USER@HOST:PORT/NAME`."""


def is_address(text: str) -> bool:
    """Reports whether a text is meant as the address of a database."""
    return text.startswith(("postgresql://", "postgres://"))


def open_store(
    place: Place, *, write: bool, beside: bool = False, seen: Seen | None = None
) -> Store:
    """Opens an existing store; the parameters are those of `SqliteStore` and `PostgresStore`.

    Any number of processes may write to a database, so `beside` matters to files only; `seen`
    matters to databases only, which have replicas. Raises UsageError `usage.extra` without the
    library for the database, and what the engine raises.
    """
    if isinstance(place, Path):
        return SqliteStore(place, write=write, beside=beside)
    store: Store = load_engine("store").PostgresStore(place, write=write, seen=seen)
    return store


def open_replicated(place: Place, replica: str, seen: Seen) -> Store:
    """Opens an existing store for reading, mostly from the replica at that address.

    Raises UsageError `usage.option` for a store in a file, or `store.url`, and what
    `ReplicatedStore` raises.
    """
    if isinstance(place, Path):
        raise UsageError("usage.option", "the ledger is in a file, which has no replica")
    if not is_address(replica):
        raise UsageError("store.url", "the replica is not the address of a PostgreSQL database")
    store: Store = load_engine("replicated").ReplicatedStore(place, replica, seen=seen)
    return store


def create_store(place: Place) -> None:
    """Creates an empty store; raises ConflictError `store.exists`."""
    if isinstance(place, Path):
        SqliteStore.create(place).close()
    else:
        load_engine("store").PostgresStore.create(place).close()


def discard_store(place: Place) -> None:
    """Removes a store that is not yet a ledger's."""
    if isinstance(place, Path):
        place.unlink(missing_ok=True)
    else:
        load_engine("store").PostgresStore.discard(place)


def require_vacant(place: Place) -> None:
    """Raises ConflictError `store.exists` for a place with a ledger."""
    try:
        open_store(place, write=False).close()
    except NoLedgerError:
        return
    raise ConflictError("store.exists", "the database already contains a ledger")


def load_engine(module: str) -> ModuleType:
    """Imports a module of the room for PostgreSQL, whose library is an extra."""
    try:
        return importlib.import_module(f"traceledger.storage.postgresql.{module}")
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise UsageError(
            "usage.extra",
            "a ledger in a database needs psycopg, which is not installed",
            hint=f"Install the extra: `pip install '{DISTRIBUTION}[postgres]'`.",
        ) from error
