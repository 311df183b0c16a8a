"""The bytes that each table and index of a store takes on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg

from traceledger.storage.opening import Place

__all__ = ["measure_footprint"]

_SQLITE = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"
# A table with its compressed and oversized values, but without its indexes.
_POSTGRES = (
    "SELECT relname::text, CASE relkind WHEN 'r' THEN pg_table_size(oid)"
    " ELSE pg_relation_size(oid) END FROM pg_class"
    " WHERE relnamespace = 'traceledger'::regnamespace AND relkind IN ('r', 'i')"
)


def measure_footprint(place: Place) -> Mapping[str, int]:
    """Returns the bytes of each table and index by name, the largest first."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True)) as file:
            found = file.execute(_SQLITE).fetchall()
    else:
        with psycopg.connect(place) as database:
            found = database.execute(_POSTGRES).fetchall()
    return dict(sorted(found, key=lambda row: -row[1]))
