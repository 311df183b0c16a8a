"""What the store needs of a server beside the right to use it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.postgresql import Server
from tests.storage.conformance import contents, full_batch
from traceledger.errors import StorageError
from traceledger.storage.postgresql import PostgresStore


@pytest.fixture(params=["fsync", "full_page_writes"])
def unsafe(postgresql: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """A setting of the server without which a power cut may lose what was confirmed."""
    change(postgresql, request.param, "off")
    yield request.param
    change(postgresql, request.param, "on")


def change(postgresql: Server, name: str, value: str) -> None:
    postgresql.execute(f"ALTER SYSTEM SET {name} = {value}")
    postgresql.execute("SELECT pg_reload_conf()")
    while postgresql.execute(f"SHOW {name}") != [(value,)]:
        time.sleep(0.02)


def test_a_server_that_may_lose_what_it_confirmed_is_read_but_not_written(
    address: str, postgresql: Server, unsafe: str
) -> None:
    with pytest.raises(StorageError) as caught:
        PostgresStore(address, write=True)
    assert caught.value.code == "store.unsafe"
    assert caught.value.message.endswith(f"has {unsafe} = off")
    with pytest.raises(StorageError) as caught:
        PostgresStore.create(postgresql.address("postgres"))
    assert caught.value.code == "store.unsafe"
    with contextlib.closing(PostgresStore(address, write=False)) as reader:
        assert reader.size() == 0
        with pytest.raises(StorageError) as caught:
            reader.check_durability()
        assert caught.value.code == "store.unsafe"


@pytest.mark.parametrize(
    ("given", "used"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")],
)
def test_a_commit_waits_for_the_disk_of_the_standby_or_for_more(
    postgresql: Server, database: str, address: str, given: str, used: str
) -> None:
    postgresql.execute(f"ALTER DATABASE {database} SET synchronous_commit = {given}")
    with contextlib.closing(PostgresStore(address, write=True)) as store:
        store.append(full_batch(store))
        assert store.fetch("SHOW synchronous_commit") == [(used,)]


def test_settings_of_the_address_do_not_replace_those_of_the_store(
    postgresql: Server, database: str
) -> None:
    options = "-c search_path=public -c client_min_messages=error -c work_mem=3MB"
    address = f"{postgresql.address(database)}&options={quote(options)}"
    with contextlib.closing(PostgresStore(address, write=True)) as store:
        store.append(full_batch(store))
        assert len(contents(store)) > 1
        assert store.fetch("SHOW client_min_messages") == [("warning",)]
        assert store.fetch("SHOW work_mem") == [("3MB",)]
