from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import event

from tests.ledger import load
from tests.ledger.bench import LOG, Bench, clock, dump, import_drafts
from tests.ledger.test_ledger_publish import check_everything, opened
from tests.storage.test_storage_sqlite import disk_full_at
from tests.world import ORIGIN
from traceledger.errors import StorageError
from traceledger.formats.receipt import open_receipt
from traceledger.ledger.ledger import Ledger
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import Batch


def kill_under_load(bench: Bench, run: int, delay: float) -> list[list[str]]:
    """Lets a process write for a while, kills it, and returns the lines that it printed."""
    with subprocess.Popen(
        [sys.executable, load.__file__, bench.path.parent, str(run)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "READY\n"
        # Its output is read continuously, so that it never blocks.
        killer = threading.Timer(delay, process.kill)
        killer.start()
        lines = [line.split() for line in process.stdout if line.endswith("\n")]
        killer.join()
    assert process.returncode == -signal.SIGKILL
    return lines


def check_promises(bench: Bench, lines: list[list[str]]) -> None:
    """Checks that acknowledged events and published checkpoints are kept, and requests atomic."""
    tried: list[tuple[int, int]] = []
    for word, *values in lines:
        if word == "TRY":
            tried.append((int(values[0]), int(values[1])))
        elif word == "ACK":
            receipt = open_receipt(bytes.fromhex(values[0]), ORIGIN, [LOG.verifier])
            for leaf in receipt.leaves:
                stored = bench.store.read_leaves(leaf.index, leaf.index + 1)
                assert stored == leaf.hash
        else:
            published = opened(bytes.fromhex(values[0]))
            row = bench.store.read_checkpoint(published.size)
            assert row is not None
            assert row.root == published.root
    for first, count in tried:
        items = [draft.item for draft in import_drafts(count, first=first)]
        assert len(bench.ledger.heads(items)) in {0, count}


def kill_often(bench: Bench, kills: int) -> None:
    chance = random.Random(kills)
    every: list[list[str]] = []
    for run in range(1, kills + 1):
        bench.ledger.close()
        lines = kill_under_load(bench, run, chance.random() * 0.15)
        bench.open()
        check_promises(bench, lines)
        every += lines
    check_promises(bench, every)
    assert sum(line[0] == "ACK" for line in every) > kills
    bench.ledger.publish()
    check_everything(bench.ledger, bench.store)


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(bench: Bench) -> None:
    kill_often(bench, 20)


@pytest.mark.faults
def test_nothing_acknowledged_is_lost_when_the_process_is_killed_hundreds_of_times(
    bench: Bench,
) -> None:
    kill_often(bench, 300)


def fail_at_every_page(bench: Bench, write: Callable[[], object]) -> int:
    """Fills the disk at the first page of the write, then at the second, until it succeeds."""
    wal = bench.path.with_name("ledger.db-wal")
    limit, refused = wal.stat().st_size, 0
    before = dump(bench.path)
    while True:
        with disk_full_at(limit), contextlib.suppress(StorageError):
            write()
            return refused
        assert dump(bench.path) == before
        refused += 1
        limit += 4096


def test_a_disk_full_at_any_page_of_a_request_changes_nothing(bench: Bench) -> None:
    wires = bench.sign(import_drafts(20))
    assert fail_at_every_page(bench, lambda: bench.ledger.append(wires)) > 5
    assert len(bench.ledger.append(wires).events) == 20
    bench.ledger.publish()
    bench.ledger.append(bench.sign(import_drafts(20, first=20)))
    bench.ledger.publish()
    check_everything(bench.ledger, bench.store)


def test_a_disk_full_at_any_page_of_a_seal_signs_nothing(bench: Bench) -> None:
    bench.ledger.append(bench.sign(import_drafts(20)))
    wal = bench.path.with_name("ledger.db-wal")
    limit, refused = wal.stat().st_size, 0
    while bench.ledger.published_size == 0:
        with disk_full_at(limit), contextlib.suppress(StorageError):
            bench.ledger.publish()
        refused += 1
        limit += 4096
    assert refused > 5
    bench.ledger.append(bench.sign(import_drafts(20, first=20)))
    bench.ledger.publish()
    assert len(list(bench.store.read_checkpoints())) == 2
    check_everything(bench.ledger, bench.store)


def test_a_ledger_recovers_after_its_database_was_read_only(bench: Bench) -> None:
    wires = bench.sign(import_drafts(3))
    before = dump(bench.path)
    store = bench.store
    assert isinstance(store, SqliteStore)
    state = "ON"

    @event.listens_for(store._engine, "checkout")
    def switch(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA query_only = {state}")

    for write in (lambda: bench.ledger.append(wires), bench.ledger.publish):
        with pytest.raises(StorageError) as caught:
            write()
        assert caught.value.code == "store.write"
    assert dump(bench.path) == before
    state = "OFF"
    assert len(bench.ledger.append(wires).events) == 3
    bench.ledger.publish()
    check_everything(bench.ledger, bench.store)


class Forgetful(SqliteStore):
    """A store that commits but, if `lose` is set, reports a failure."""

    lose = False

    def append_all(self, batches: Iterable[Batch]) -> None:
        super().append_all(batches)
        if self.lose:
            raise StorageError("store.write", "the acknowledgement was lost")


def test_a_commit_with_a_lost_acknowledgement_is_neither_lost_nor_repeated(bench: Bench) -> None:
    bench.ledger.close()
    store = Forgetful(bench.path, write=True)
    bench.ledger, bench.store = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=0), store
    bench.ledger.publish()
    wires = bench.sign(import_drafts(3))
    size = store.size()
    store.lose = True
    with pytest.raises(StorageError):
        bench.ledger.append(wires)
    store.lose = False
    events = bench.ledger.append(wires).events
    assert [logged.leaf_index for logged in events] == [size, size + 1, size + 2]
    store.lose = True
    with pytest.raises(StorageError):
        bench.ledger.publish()
    store.lose = False
    assert opened(bench.ledger.publish()).size == size + 4
    bench.ledger.append(bench.sign(import_drafts(3, first=3)))
    bench.ledger.publish()
    check_everything(bench.ledger, bench.store)
