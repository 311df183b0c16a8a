"""The store on one SQLite file."""

from __future__ import annotations

from traceledger.storage.sqlite.store import SqliteStore, copy_database

__all__ = ["SqliteStore", "copy_database"]
