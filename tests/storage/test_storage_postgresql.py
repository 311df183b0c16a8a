from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.postgresql import Server
from tests.storage.conformance import StoreSuite
from traceledger.storage.postgresql import PostgresStore


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A database with an empty ledger, which every test copies."""
    name = server.new_database()
    PostgresStore.create(server.address(name)).close()
    return name


@pytest.fixture
def database(server: Server, template: str) -> str:
    return server.new_database(template)


@pytest.fixture
def address(server: Server, database: str) -> str:
    return server.address(database)


@pytest.fixture
def opened(address: str) -> Iterator[list[PostgresStore]]:
    stores = [PostgresStore(address, write=True)]
    yield stores
    stores[-1].close()


@pytest.fixture
def store(opened: list[PostgresStore]) -> PostgresStore:
    return opened[0]


@pytest.fixture
def reopen(address: str, opened: list[PostgresStore]) -> Callable[[], PostgresStore]:
    def again() -> PostgresStore:
        opened[-1].close()
        opened.append(PostgresStore(address, write=True))
        return opened[-1]

    return again


class TestPostgresStore(StoreSuite):
    pass
