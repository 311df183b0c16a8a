"""The stores that benchmarks run on: `sqlite`, `postgres`, or a place of one's own."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.postgresql import running_server
from traceledger.storage.opening import Place, is_address

__all__ = ["add_store_option", "new_place", "parse_place"]

# As durable as the server's defaults; the memory is what its manual suggests for a small machine.
_DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
}


def parse_place(text: str) -> Place:
    """Returns the place that a text names."""
    return text if is_address(text) else Path(text)


def add_store_option(options: argparse.ArgumentParser) -> None:
    """Adds `--store`, whose value `new_place` takes."""
    stores = "sqlite, postgres, or a file or address where the ledger is to stay"
    options.add_argument("--store", default="sqlite", help=stores)


@contextlib.contextmanager
def new_place(store: str, folder: Path) -> Iterator[Place]:
    """Yields the place of a new ledger: in this folder, or in a server that runs meanwhile."""
    if store == "sqlite":
        yield folder / "ledger.db"
    elif store == "postgres":
        with running_server(**_DURABLE) as server:
            yield server.address(server.new_database())
    else:
        yield parse_place(store)
