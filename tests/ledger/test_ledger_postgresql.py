"""Writers of one ledger in a PostgreSQL database, which take turns."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.ledger import second_writer
from tests.ledger.bench import LOG, Bench, clock, import_drafts
from tests.ledger.test_ledger_publish import check_everything, opened
from tests.postgresql import Server
from tests.storage.test_storage_postgresql_trouble import require_standby
from tests.storage.wire import counting
from tests.world import ORIGIN
from traceledger.errors import StorageError, TraceledgerError
from traceledger.formats.receipt import open_receipt
from traceledger.ledger.keeping.rebuild import rebuild
from traceledger.ledger.writing.intake import read_wire
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.storage.postgresql import PostgresStore
from traceledger.storage.postgresql.connections import Patience
from traceledger.storage.store import Latest


@pytest.fixture
def database(postgresql: Server) -> str:
    return postgresql.new_database()


@pytest.fixture
def bench(tmp_path: Path, postgresql: Server, database: str) -> Iterator[Bench]:
    bench = Bench.start(tmp_path, address=postgresql.address(database))
    yield bench
    bench.ledger.close()


@contextlib.contextmanager
def writing_too(bench: Bench) -> Iterator[LedgerWriter]:
    store = PostgresStore(bench.address, write=True)
    writer = LedgerWriter(store, ORIGIN, clock=clock, signer=LOG, workers=0)
    with contextlib.closing(writer):
        yield writer


def imports(bench: Bench, count: int, first: int = 0) -> list[bytes]:
    return bench.sign(import_drafts(count, first=first))


def check(bench: Bench) -> None:
    """Checks that a writer that opens the ledger later agrees with everything."""
    bench.reopen().publish()
    check_everything(bench.ledger, bench.store)
    assert not rebuild(bench.ledger).differing
    assert bench.store.check() == []


def test_writers_follow_each_other_over_tiles_and_seals(bench: Bench) -> None:
    bench.ledger.publish()
    with writing_too(bench) as second:
        for number in range(4):
            writer = (bench.ledger.writer, second)[number % 2]
            events = writer.append(imports(bench, 130, first=200 * number)).events
            assert len(events) == 130
            assert second.publish() == bench.ledger.publish()
        wires = imports(bench, 3, first=900)
        assert bench.ledger.append(wires) == second.append(wires)
    assert opened(bench.ledger.publish()).size == bench.store.size()
    check(bench)


def test_an_event_takes_few_round_trips_to_the_database(
    bench: Bench, postgresql: Server, database: str
) -> None:
    """Its turn, the state of its item, the place in the log, and one for everything written."""
    bench.ledger.publish()
    events = [read_wire(signed, clock())._replace(checked=True) for signed in imports(bench, 8)]
    with counting(postgresql) as wire:
        line = replace(bench, address=f"postgresql://owner@/{database}?host={wire.folder}")
        with contextlib.closing(line.open()) as ledger:
            for event in events:
                wire.trips()
                (logged,) = ledger.writer.append_group([[event]])
                assert not isinstance(logged, TraceledgerError)
            assert wire.trips() <= 5
            many = [[read_wire(signed, clock())] for signed in imports(bench, 20, first=100)]
            wire.trips()
            for logged in ledger.writer.append_group(many):
                assert not isinstance(logged, TraceledgerError)
            assert wire.trips() <= 7  # not some for each event
    check(bench)


def test_others_write_while_a_map_is_built(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that starts beside others must not keep them waiting for minutes."""
    bench.ledger.publish()
    bench.ledger.append(imports(bench, 1))
    store = PostgresStore(bench.address, write=True)
    read_latest, later = store.read_latest, imports(bench, 1, first=1)

    def read(size: int) -> Iterator[Latest]:
        bench.ledger.append(later)
        return read_latest(size)

    monkeypatch.setattr(store, "read_latest", read)
    with contextlib.closing(LedgerWriter(store, ORIGIN, clock=clock, signer=LOG)) as writer:
        assert opened(writer.publish()).size == store.size()
    check(bench)


def test_an_event_for_a_taken_place_is_refused_by_the_other_writer(bench: Bench) -> None:
    core = bench.world.core()
    bench.feed()
    first = bench.world.sign("receive", core, {"result": "ok"})
    rival = bench.world.sign("receive", core, {"result": "short"})
    with writing_too(bench) as second:
        bench.ledger.append([first])
        with pytest.raises(TraceledgerError) as caught:
            second.append([rival])
        assert caught.value.code == "chain.taken"
    check(bench)


def test_nothing_acknowledged_is_lost_when_writers_are_killed(bench: Bench) -> None:
    """Three processes write at once; two of them are killed after some receipts."""
    bench.ledger.publish()
    writers = [
        subprocess.Popen(
            [sys.executable, second_writer.__file__, bench.address, str(1000 * number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    lines = []
    for process, received in zip(writers, (5, 8, 0), strict=True):
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "READY\n"
            if received:
                lines += [process.stdout.readline() for _ in range(received)]
                process.kill()
            lines += process.stdout.readlines()
    assert [process.returncode for process in writers] == [-signal.SIGKILL, -signal.SIGKILL, 0]
    receipts = [bytes.fromhex(line) for line in lines if line.endswith("\n")]
    assert len(receipts) >= 13 + second_writer.REQUESTS
    for receipt in receipts:
        for leaf in open_receipt(receipt, ORIGIN, [LOG.verifier]).leaves:
            assert bench.store.read_leaves(leaf.index, leaf.index + 1) == leaf.hash
    check(bench)


def test_no_receipt_is_signed_before_a_commit_is_confirmed(
    bench: Bench, postgresql: Server
) -> None:
    """What was written while no standby had it can be read soon after, and is not yet a promise."""
    wires = imports(bench, 2)
    store = PostgresStore(bench.address, write=True, patience=Patience(1, 2, 1))
    writer = LedgerWriter(store, ORIGIN, clock=clock, signer=LOG, workers=0)
    with contextlib.closing(writer):
        require_standby(postgresql, "ghost")
        try:
            for _ in range(2):
                with pytest.raises(TraceledgerError) as caught:
                    writer.append(wires)
                assert caught.value.code in {"store.unconfirmed", "store.connect", "store.busy"}
        finally:
            require_standby(postgresql, "")
        assert writer.append(wires) == bench.ledger.append(wires)
    check(bench)


@contextlib.contextmanager
def lost_by_a_fail_over(bench: Bench, postgresql: Server, database: str) -> Iterator[None]:
    """What the block writes is lost; the standby's log goes on with as many other entries."""
    bench.ledger.publish()
    kept = imports(bench, 4, first=10)
    end_connections(postgresql, database)
    standby = postgresql.new_database(database)
    yield
    other = replace(bench, address=postgresql.address(standby))
    with contextlib.closing(other.open()) as ledger:
        ledger.append(kept)
        ledger.publish()
        assert ledger.size == bench.store.size()
    for name in (database, standby):
        end_connections(postgresql, name)
    for old, new in ((database, f"{database}_failed"), (standby, database)):
        rename = SQL("ALTER DATABASE {} RENAME TO {}")
        postgresql.execute(rename.format(Identifier(old), Identifier(new)))


def code_of_append(bench: Bench, wires: list[bytes]) -> str:
    with pytest.raises(StorageError) as caught:
        bench.ledger.append(wires)
    return caught.value.code


def test_after_a_fail_over_that_lost_what_was_read_the_log_is_read_again(
    bench: Bench, postgresql: Server, database: str
) -> None:
    """Another process's write can be read while its commit waits for a standby, or in vain."""
    lost, later = imports(bench, 4), imports(bench, 2, first=20)
    with lost_by_a_fail_over(bench, postgresql, database):
        with writing_too(bench) as second:
            second.append(lost)
            second.publish()
        bench.ledger.publish()
    assert code_of_append(bench, later) == "store.replaced"
    assert len(bench.ledger.append(later).events) == 2
    assert len(bench.ledger.append(lost).events) == 4
    check(bench)


def test_after_a_fail_over_that_lost_what_was_confirmed_nothing_is_signed(
    bench: Bench, postgresql: Server, database: str
) -> None:
    """The log would otherwise sign a second history beside its receipts."""
    lost, later = imports(bench, 4), imports(bench, 2, first=20)
    with lost_by_a_fail_over(bench, postgresql, database):
        bench.ledger.append(lost)
        bench.ledger.publish()
    assert code_of_append(bench, later) == "store.replaced"
    assert [code_of_append(bench, wires) for wires in (later, lost)] == ["ledger.behind"] * 2
    with pytest.raises(StorageError, match="were confirmed"):
        bench.ledger.publish()


def end_connections(postgresql: Server, database: str) -> None:
    end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s"
    postgresql.execute(end, values=[database])
