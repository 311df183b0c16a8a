"""The store on a PostgreSQL database, to which any number of processes may write."""

from __future__ import annotations

from traceledger.storage.postgresql.store import PostgresStore

__all__ = ["PostgresStore"]
