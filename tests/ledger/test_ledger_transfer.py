"""A ledger that outgrows its file: everything in it moves to a database, or nothing does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ledger.bench import Bench, import_drafts
from tests.ledger.test_ledger_publish import check_everything
from tests.postgresql import Server
from tests.storage.conformance import contents
from tests.world import LINE_IN
from traceledger.errors import StorageError
from traceledger.ledger.keeping.transfer import transfer
from traceledger.storage.opening import create_store, open_store
from traceledger.storage.store import CosignatureRow
from traceledger.views.rows import Entry


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A ledger with tiles, seals, cosignatures, an erased field, and events after the last seal."""
    bench = Bench.start(tmp_path)
    bench.ledger.publish()
    item = "8004/9521234C900001"
    imported = bench.world.add("import", item, {"pallet": "P"}, refs=(("declaration", LINE_IN),))
    bench.feed()
    target = (("target", item, imported.id),)
    bench.world.add("erase", item, {"fields": ["pallet"]}, by="importer", refs=target)
    bench.feed()
    for first, count in ((0, 300), (300, 1), (301, 1_100)):
        bench.ledger.append(bench.sign(import_drafts(count, first=first)))
        bench.ledger.publish()
        size = bench.ledger.published_size
        rows = [CosignatureRow(size, f"witness {n}", n, f"— witness {n} line\n") for n in (1, 2)]
        bench.store.add_cosignatures(rows)
    bench.ledger.append(bench.sign(import_drafts(3, first=2_000)))
    yield bench
    bench.ledger.close()


@pytest.fixture
def address(postgresql: Server) -> str:
    address = postgresql.address(postgresql.new_database())
    create_store(address)
    return address


def test_everything_arrives_and_the_ledger_goes_on(bench: Bench, address: str) -> None:
    with contextlib.closing(open_store(address, write=True)) as target:
        transfer(bench.store, target)
        assert contents(target) == contents(bench.store)
        assert list(target.misfiled_items()) == target.check() == []
    moved = replace(bench, address=address)
    with contextlib.closing(moved.open()) as ledger:
        ledger.append(moved.sign(import_drafts(2, first=3_000)))
        ledger.publish()
        check_everything(ledger, moved.store)


def change_body(entry: Entry) -> Entry:
    return entry._replace(body=entry.body + b" ")


def change_leaf(entry: Entry) -> Entry:
    return entry._replace(leaf=bytes(32))


@pytest.mark.parametrize("change", [change_body, change_leaf])
def test_an_entry_that_the_disk_changed_does_not_move(
    bench: Bench, address: str, monkeypatch: pytest.MonkeyPatch, change: Callable[[Entry], Entry]
) -> None:
    """The changed entry would otherwise be the only one that is left."""
    read = bench.store.read_entries

    def read_changed(start: int, stop: int) -> Iterator[Entry]:
        for entry in read(start, stop):
            yield change(entry) if entry.leaf_index == 500 else entry

    monkeypatch.setattr(bench.store, "read_entries", read_changed)
    with (
        contextlib.closing(open_store(address, write=True)) as target,
        pytest.raises(StorageError, match=r"ledger\.damaged"),
    ):
        transfer(bench.store, target)
