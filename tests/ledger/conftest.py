from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.bench import Bench
from tests.postgresql import Server


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A ledger on SQLite; with `both_engines`, also one in a PostgreSQL database."""
    address = ""
    if getattr(request, "param", "sqlite") == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        address = server.address(server.new_database())
    bench = Bench.start(tmp_path, address=address)
    yield bench
    bench.ledger.close()
