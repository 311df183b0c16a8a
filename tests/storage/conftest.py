from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for all tests of this process, each of which has its own database."""
    with running_server() as server:
        yield server
