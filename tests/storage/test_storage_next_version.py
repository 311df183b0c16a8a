"""A program of a later version migrates a ledger once, completely or not at all."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.postgresql import Server
from tests.storage import next_version
from tests.storage.conformance import batch_of, contents, entry, full_batch
from tests.storage.test_storage_postgresql_trouble import connections_of
from traceledger.errors import StorageError
from traceledger.storage.opening import Place, create_store, open_store
from traceledger.storage.store import Store


@dataclass(frozen=True, slots=True)
class Ledger:
    """A store with entries, and how to look at it beside the program."""

    place: Place
    query: Callable[[str], list[tuple[object, ...]]]
    before: dict[str, object]

    def is_unchanged(self) -> bool:
        with contextlib.closing(open_store(self.place, write=False)) as store:
            return contents(store) == self.before


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(tmp_path: Path, request: pytest.FixtureRequest) -> Ledger:
    place: Place = tmp_path / "ledger.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        database = server.new_database()
        server.execute(f"ALTER DATABASE {database} SET search_path = traceledger")
        place = server.address(database)

        def query(text: str) -> list[tuple[object, ...]]:
            return server.execute(text, database)

    else:

        def query(text: str) -> list[tuple[object, ...]]:
            with contextlib.closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
                return connection.execute(text).fetchall()

    create_store(place)
    with contextlib.closing(open_store(place, write=True)) as store:
        store.append(full_batch(store))
        before = contents(store)
    return Ledger(place, query, before)


@pytest.fixture
def older(ledger: Ledger) -> Iterator[Store]:
    """A reader of this version, opened before the migration."""
    with contextlib.closing(open_store(ledger.place, write=False)) as store:
        yield store


@contextlib.contextmanager
def starting(ledger: Ledger) -> Iterator[subprocess.Popen[str]]:
    """Starts a process of the next version, which is ready to open the ledger."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.storage.next_version", str(ledger.place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_one_of_two_processes_migrates(
    ledger: Ledger, older: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait for it, or are refused; a program of the earlier version writes no more."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(starting(ledger)) for _ in range(2)]
        for process in processes:
            begin(process)
        said = {process.communicate()[0].strip() for process in processes}
    assert "opened" in said
    if isinstance(ledger.place, str):
        assert said == {"opened"}
    assert said <= {"opened", "store.busy"}
    assert ledger.query("SELECT size FROM migrated") == [(257,)]
    assert contents(older) == ledger.before
    for write in (True, False):
        with pytest.raises(StorageError) as caught:
            open_store(ledger.place, write=write)
        assert caught.value.code == "store.version"
    next_version.install(monkeypatch.setattr)
    assert ledger.is_unchanged()
    with contextlib.closing(open_store(ledger.place, write=True)) as store:
        assert store.check() == []
        store.append(full_batch(store))
        assert store.size() == 514


def test_a_writer_of_the_earlier_version_stops_when_the_database_is_migrated(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file has one writer; a database may have others that nobody stopped."""
    address = postgresql.address(postgresql.new_database())
    create_store(address)
    with contextlib.closing(open_store(address, write=True)) as writer:
        writer.append(batch_of(writer, [entry(0)]))
        batch = batch_of(writer, [entry(1)])
        with monkeypatch.context() as patch:
            next_version.install(patch.setattr)
            open_store(address, write=True).close()
        with pytest.raises(StorageError) as caught:
            writer.append(batch)
        assert caught.value.code == "store.version"
        assert writer.size() == 1


def test_a_migration_that_is_killed_changes_nothing(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a file, a test kills its real migrations at every statement."""
    database = postgresql.new_database()
    address = postgresql.address(database)
    create_store(address)
    with contextlib.closing(open_store(address, write=True)) as store:
        store.append(full_batch(store))
        before = contents(store)
    ledger = Ledger(address, lambda text: postgresql.execute(text, database), before)
    with starting(ledger) as process:
        begin(process)
        while not connections_of(postgresql, database, "PgSleep"):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert ledger.is_unchanged()
    with contextlib.closing(open_store(address, write=True)) as store:
        store.append(full_batch(store))
    next_version.install(monkeypatch.setattr)
    open_store(address, write=True).close()
    assert postgresql.execute("SELECT size FROM traceledger.migrated", database) == [(514,)]
