"""The stores that benchmarks run on: new files, or new databases of a server of their own."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from tests.postgresql import running_server
from traceledger.storage.opening import Place, is_address

__all__ = ["add_store_option", "new_places", "parse_place"]

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
    """Adds `--store`, whose value `new_places` takes."""
    options.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")


@contextlib.contextmanager
def new_places(store: str, folder: Path) -> Iterator[Callable[[], Place]]:
    """Yields a function that returns places of new ledgers: in this folder, or in a new server.

    The first file has the name of a ledger's own.
    """
    if store == "postgres":
        with running_server(**_DURABLE) as server:
            yield lambda: server.address(server.new_database())
    else:
        names = count()
        yield lambda: folder / (f"ledger{number}.db" if (number := next(names)) else "ledger.db")
