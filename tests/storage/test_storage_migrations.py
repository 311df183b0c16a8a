"""Opening a ledger of an earlier schema version must not change its log."""

from __future__ import annotations

import contextlib
import gzip
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conformance import contents, full_batch
from traceledger.errors import StorageError
from traceledger.ledger.keeping.doctor import examine
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.keeping.rebuild import rebuild, rebuilding
from traceledger.ledger.keeping.scrub import check_entries
from traceledger.ledger.ledger import Ledger
from traceledger.merkle.nodes import read_frontier
from traceledger.storage.sqlite import SqliteStore, copy_database
from traceledger.storage.sqlite.schema import SCHEMA_VERSION, migrate, read_schema, read_version
from traceledger.views.rows import Search

ORIGIN = "ledger.example/cq-demo"
DATA = Path(__file__).parent.parent / "data"
# Version 1 recorded only the latest declaration line of an item.
SEVERAL_LINES = {
    "01/09521234543213/21/CNAFTEDV2LZSUV": ("decl/EC42P9HDMLK69RN8SXBR decl/Z2VFUNME7AN4AMGFWRZT"),
    "8004/9521234C000006": "decl/6MVWSAZE97HV5UC9BC85 decl/JHLK85DK4FRSEBV3U34A",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger written by the last release with schema version 1."""
    path = tmp_path / "ledger.db"
    path.write_bytes(gzip.decompress((DATA / "ledger-v1" / "ledger.db.gz").read_bytes()))
    return path


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def rows(path: Path, states: int = 1) -> dict[str, list[Any]]:
    """Returns everything in the tables; states without the prefix of their version."""
    with opened(path) as connection:
        bare = read_version(connection) > 1
        found = {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608 - names of this test
            for table in ("entry", "disclosure", "tile", "checkpoint", "cosignature", "head")
        }
    if bare:
        assert {row[-1][0] for row in found["head"]} == {states}
        found["head"] = [(*row[:-1], row[-1][1:]) for row in found["head"]]
    return found


def items_of(store: SqliteStore, line: str) -> set[str]:
    """The items that a search by declaration line finds."""
    return {row.item for row in store.search(Search(declaration=line, limit=1000))}


def fresh_schema(tmp_path: Path) -> list[tuple[str, ...]]:
    SqliteStore.create(tmp_path / "fresh.db").close()
    with opened(tmp_path / "fresh.db") as connection:
        return read_schema(connection)


def test_a_ledger_of_the_previous_version_is_migrated_completely(
    path: Path, tmp_path: Path
) -> None:
    before = rows(path)
    store = SqliteStore(path, write=True)
    assert store.check() == []
    store.close()
    assert rows(path) == before
    with opened(path) as connection:
        assert read_version(connection) == SCHEMA_VERSION
        assert read_schema(connection) == fresh_schema(tmp_path)


def test_a_migrated_ledger_agrees_with_its_log(path: Path) -> None:
    """Only the states have an older version, which `traceledger rebuild` replaces."""
    SqliteStore(path, write=True).close()
    store = SqliteStore(path, write=False)
    with contextlib.closing(Ledger(store, ORIGIN, clock=lambda: 0.0)) as ledger:
        with rebuilding(ledger) as replayed:
            rebuilt = replayed.compare()
            rows = list(replayed.rows())
        assert rebuilt.entries == 254
        assert rebuilt.differing == len(rebuilt.named) == len(rows) == 60
        stored = {row.item: row for row in ledger.read_all_heads()}
        for row in rows:
            declaration = SEVERAL_LINES.get(row.item, row.declaration)
            latest = stored[row.item].declaration
            assert row == stored[row.item]._replace(declaration=declaration, state=row.state)
            assert stored[row.item].state[:1] == b"\x01"
            assert latest == row.declaration.rpartition(" ")[2]
            assert row.item in items_of(store, latest) or not latest
        check_entries(store, ledger.size)
        assert ledger.snapshot().heads.items == store.count_items() == 60
        assert len(store.search(Search(life="EXPORTED"))) == 6


def test_states_of_another_version_are_rebuilt_from_the_log(path: Path) -> None:
    SqliteStore(path, write=True).close()
    before = rows(path)
    with opened(path) as connection:
        connection.execute("UPDATE head SET state = CAST(x'63' || substr(state, 2) AS BLOB)")
    store = SqliteStore(path, write=True)
    with contextlib.closing(Ledger(store, ORIGIN, clock=lambda: 0.0)) as ledger:
        with pytest.raises(StorageError, match="version 63") as caught:
            ledger.state("ledger")
        assert "`traceledger rebuild`" in caught.value.hint
        with rebuilding(ledger) as replayed:
            assert replayed.compare().differing == 60
            store.replace_heads(replayed.rows(), read_frontier(replayed.size, store))
        assert not rebuild(ledger).differing
        for item, lines in SEVERAL_LINES.items():
            assert all(item in items_of(store, line) for line in lines.split())
    after = rows(path, states=2)
    for row in after["head"]:
        assert row[7] == SEVERAL_LINES.get(row[0], row[7])
    for found in (after, before):  # the states are those of the log, as `rebuild` found above
        found["head"] = [(*row[:7], row[7].rpartition(" ")[2], *row[8:-1]) for row in found["head"]]
    assert after == before


def test_a_migrated_ledger_can_be_extended(path: Path) -> None:
    with contextlib.closing(SqliteStore(path, write=True)) as store:
        store.append(full_batch(store))
        before = contents(store)
    with contextlib.closing(SqliteStore(path, write=True)) as store:
        assert contents(store) == before


@pytest.mark.parametrize("beside", [False, True], ids=["reader", "beside"])
def test_without_the_writer_lock_the_refusal_explains_how_to_migrate(
    path: Path,
    beside: bool,  # noqa: FBT001 - a parameter
) -> None:
    before = path.read_bytes()
    with pytest.raises(StorageError, match="schema version 1") as caught:
        SqliteStore(path, write=beside, beside=beside)
    assert caught.value.code == "store.version"
    assert "`traceledger checkpoint`" in caught.value.hint
    with opened(path) as connection:
        assert read_version(connection) == 1
    assert path.read_bytes()[100:] == before[100:]  # the header counts openings in WAL mode


def test_a_ledger_awaiting_migration_is_not_reported_as_damaged(path: Path) -> None:
    home = Home(path.parent, ORIGIN, "https://id.example")
    with pytest.raises(StorageError, match=r"store\.version"):
        list(examine(home, lambda: 0.0))


def test_a_copy_of_an_earlier_version_is_migrated(path: Path, tmp_path: Path) -> None:
    before = rows(path)
    copy_database(path, tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db") == before
    assert rows(path) == before
    with opened(path) as source, opened(tmp_path / "copy.db") as copy:
        assert (read_version(source), read_version(copy)) == (1, SCHEMA_VERSION)
        assert read_schema(copy) == fresh_schema(tmp_path)
    SqliteStore(tmp_path / "copy.db", write=False).close()


KILLED = """
import os, signal, sqlite3, sys
from traceledger.storage.sqlite.schema import migrate

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # pages: the file changes before the commit
left = int(sys.argv[2])

def count(statement):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

connection.set_trace_callback(count)
migrate(connection)
"""


def test_a_migration_killed_at_any_statement_changes_nothing(
    path: Path,
) -> None:
    before = rows(path)
    killed = 0
    while subprocess.run([sys.executable, "-c", KILLED, path, str(killed)], check=False).returncode:
        killed += 1
        with opened(path) as connection:
            assert read_version(connection) == 1
        assert rows(path) == before
    assert killed > 9
    with contextlib.closing(SqliteStore(path, write=True)) as store:
        assert store.check() == []
    assert rows(path) == before


def test_a_full_disk_leaves_no_partial_migration(path: Path) -> None:
    before = rows(path)
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            migrate(connection)
    assert rows(path) == before
