from __future__ import annotations

import pytest

from tests.postgresql import Server
from traceledger.storage.postgresql import PostgresStore


@pytest.fixture(scope="session")
def template(postgresql: Server) -> str:
    """A database with an empty ledger, which every test copies."""
    name = postgresql.new_database()
    PostgresStore.create(postgresql.address(name)).close()
    return name


@pytest.fixture
def database(postgresql: Server, template: str) -> str:
    return postgresql.new_database(template)


@pytest.fixture
def address(postgresql: Server, database: str) -> str:
    return postgresql.address(database)
