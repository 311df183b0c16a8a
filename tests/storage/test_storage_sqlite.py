from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from tests.storage.conformance import StoreSuite, batch_of, contents, entry, full_batch, head
from traceledger.errors import BusyError, ConflictError, NoLedgerError, StorageError
from traceledger.storage import reading
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.sqlite import store as sqlite_store
from traceledger.storage.sqlite.schema import SCHEMA_VERSION
from traceledger.storage.store import CosignatureRow

GUARDED = ("entry", "disclosure", "tile", "checkpoint", "cosignature")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def opened(path: Path) -> Iterator[list[SqliteStore]]:
    stores = [SqliteStore.create(path)]
    yield stores
    stores[-1].close()


@pytest.fixture
def store(opened: list[SqliteStore]) -> SqliteStore:
    return opened[0]


@pytest.fixture
def reopen(path: Path, opened: list[SqliteStore]) -> Callable[[], SqliteStore]:
    def again() -> SqliteStore:
        opened[-1].close()
        opened.append(SqliteStore(path, write=True))
        return opened[-1]

    return again


class TestSqliteStore(StoreSuite):
    pass


@contextlib.contextmanager
def back_door(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def filled(store: SqliteStore) -> SqliteStore:
    store.append(full_batch(store))
    store.sign_checkpoint(257, "note")
    store.add_cosignatures([CosignatureRow(257, "w", 1, "line")])
    return store


@pytest.mark.parametrize("table", GUARDED)
def test_the_database_itself_refuses_changes(store: SqliteStore, path: Path, table: str) -> None:
    before = contents(filled(store))
    with back_door(path) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        changes = [" ".join(("UPDATE", table, f'SET "{name}" = "{name}"')) for name in columns]
        changes.append(f"DELETE FROM {table}")  # noqa: S608 - a name of this test
        for change in changes:
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(change)
    assert contents(store) == before


@pytest.mark.parametrize("index", [256, 258])
def test_the_database_itself_refuses_gaps(store: SqliteStore, path: Path, index: int) -> None:
    filled(store)
    with back_door(path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO entry VALUES (?, zeroblob(32), 'x', 0, 'k', x'')", (index,))
    assert store.size() == 257


def test_the_declared_tables_match_the_migrations(store: SqliteStore, path: Path) -> None:
    store.close()
    types = {"INTEGER": "INTEGER", "VARCHAR": "TEXT", "BLOB": "BLOB"}
    declared = {
        table.name: [
            (column.name, types[str(column.type)], bool(column.primary_key))
            for column in table.columns
        ]
        for table in SQLModel.metadata.sorted_tables
    }
    with back_door(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        made = {
            name: [
                (row[1], row[2], bool(row[5]))
                for row in connection.execute(f"PRAGMA table_info({name})")
            ]
            for (name,) in names
        }
        (strict,) = connection.execute(
            "SELECT min(strict) FROM pragma_table_list"
            " WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
        ).fetchone()
    assert made == declared
    assert strict == 1


def test_another_schema_version_is_refused(store: SqliteStore, path: Path) -> None:
    store.close()
    for version in (0, SCHEMA_VERSION + 1):
        with back_door(path) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        for write in (True, False):
            with pytest.raises(StorageError) as caught:
                SqliteStore(path, write=write)
            assert caught.value.code == "store.version"
            assert f"version {version}" in caught.value.message


def test_synchronous_full_and_wal_are_in_effect(store: SqliteStore) -> None:
    with store._writing() as connection:
        found = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_a_long_read_does_not_let_the_write_ahead_log_grow(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay of millions of entries takes minutes, in which others write."""
    store.append(full_batch(store))
    store.close()
    monkeypatch.setattr(reading, "_RANGE", 10)
    monkeypatch.setattr(
        sqlite_store, "_WRITING", (*sqlite_store._WRITING, "wal_autocheckpoint = 16")
    )
    with (
        contextlib.closing(SqliteStore(path, write=True)) as writer,
        contextlib.closing(SqliteStore(path, write=False)) as reader,
    ):
        for _ in reader.read_bodies(0, 257):
            writer.append(batch_of(writer, [entry(writer.size(), disclosures=b"x" * 8_000)]))
        assert path.with_name("ledger.db-wal").stat().st_size < 1_000_000


def test_the_write_ahead_log_shrinks_again_after_a_long_read(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A back-up or a proof that another program makes may hold the same moment for hours."""
    limits = dict(setting.split(" = ") for setting in sqlite_store._WRITING)
    page = 4096
    assert int(limits["journal_size_limit"]) > page * int(limits["wal_autocheckpoint"])
    store.append(full_batch(store))
    store.close()
    small = ("wal_autocheckpoint = 16", f"journal_size_limit = {32 * page}")
    monkeypatch.setattr(sqlite_store, "_WRITING", (*sqlite_store._WRITING, *small))
    log = path.with_name("ledger.db-wal")
    with (
        contextlib.closing(SqliteStore(path, write=True)) as writer,
        contextlib.closing(sqlite3.connect(path)) as reader,
    ):
        rows = reader.execute("SELECT body FROM entry")
        rows.fetchone()
        for _ in range(100):
            writer.append(batch_of(writer, [entry(writer.size(), disclosures=b"x" * 8_000)]))
        assert log.stat().st_size > 1_000_000
        rows.close()
        for _ in range(2):  # the first empties the log, the second begins it again
            writer.append(batch_of(writer, [entry(writer.size())]))
        assert log.stat().st_size <= 32 * page


def test_erased_disclosures_leave_the_write_ahead_log(store: SqliteStore, path: Path) -> None:
    """A reader was using it when a field was erased, and nothing tried again."""
    log, secret = path.with_name("ledger.db-wal"), b"by Li~"
    store.append(batch_of(store, [entry(0), entry(1)]))
    store.append(batch_of(store, [entry(2, disclosures=secret)], heads=[head("a")]))
    with contextlib.closing(sqlite3.connect(path)) as reader:
        rows = reader.execute("SELECT body FROM entry")
        rows.fetchone()
        store.append(batch_of(store, [entry(3)], erased=[(2, b"")]))
        assert secret in log.read_bytes()  # the reader needs what was before
        rows.close()
    store.append(batch_of(store, [entry(4)]))
    assert secret not in log.read_bytes()
    assert secret not in path.read_bytes()


def test_a_list_of_checkpoints_keeps_no_statement_open(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishing thousands of notes over a network takes hours, in which others write."""
    monkeypatch.setattr(reading, "_RANGE", 2)
    for _ in range(5):
        store.append(full_batch(store))
    found = store.read_checkpoints(257)
    sizes = [next(found).size]
    with contextlib.closing(sqlite3.connect(path)) as other:
        ((busy, *_),) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert not busy
    assert sizes + [row.size for row in found] == [514, 771, 1028, 1285]


def test_a_missing_file_is_no_ledger(path: Path) -> None:
    for write in (True, False):
        with pytest.raises(NoLedgerError):
            SqliteStore(path, write=write)
    assert not any(path.parent.iterdir())


def test_a_new_ledger_does_not_replace_another(store: SqliteStore, path: Path) -> None:
    before = contents(filled(store))
    with pytest.raises(ConflictError) as caught:
        SqliteStore.create(path)
    assert caught.value.code == "store.exists"
    assert contents(store) == before


@pytest.mark.parametrize("data", [b"", b"not a database, for certain" * 200])
def test_a_file_that_is_not_a_database_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    for write in (True, False):
        with pytest.raises(StorageError):
            SqliteStore(path, write=write)


@pytest.mark.parametrize("name", ["a?mode=ro", "b#c", "d%20e", "f g", "海关", "h'i\"j"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    SqliteStore.create(tmp_path / name / "ledger.db").close()
    with contextlib.closing(SqliteStore(tmp_path / name / "ledger.db", write=True)) as store:
        store.append(batch_of(store, [entry(0)]))
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with contextlib.closing(SqliteStore(tmp_path / name / "ledger.db", write=False)) as reader:
        assert reader.size() == 1


def test_there_is_one_writer(store: SqliteStore, path: Path) -> None:
    with pytest.raises(BusyError) as caught:
        SqliteStore(path, write=True)
    assert caught.value.code == "store.busy"
    store.close()
    SqliteStore(path, write=True).close()


def test_a_writer_waits_briefly_for_the_lock(store: SqliteStore, path: Path) -> None:
    ending = threading.Timer(0.2, store.close)
    ending.start()
    SqliteStore(path, write=True).close()
    ending.join()


def test_a_writer_in_another_process_holds_the_lock_until_it_dies(
    store: SqliteStore, path: Path
) -> None:
    store.close()
    program = (
        "import sys, pathlib; from traceledger.storage.sqlite import SqliteStore;"
        "store = SqliteStore(pathlib.Path(sys.argv[1]), write=True); print('open', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(BusyError):
            SqliteStore(path, write=True)
        other.kill()
    SqliteStore(path, write=True).close()


def test_readers_see_complete_batches_during_writes(store: SqliteStore, path: Path) -> None:
    reader = SqliteStore(path, write=False)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            size = reader.size()
            assert size % 257 == 0
            assert len(list(reader.read_bodies(0, size))) == size
            seen.append(size)

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(12):
        store.append(full_batch(store))
    done.set()
    thread.join()
    assert sorted(seen) == seen
    assert reader.size() == 12 * 257
    reader.close()


def test_a_reader_cannot_write(store: SqliteStore, path: Path) -> None:
    batch = full_batch(store)
    reader = SqliteStore(path, write=False)
    with pytest.raises(StorageError):
        reader.append(batch)
    assert reader.size() == 0
    reader.close()


def as_a_stranger(path: Path, write: bool) -> subprocess.CompletedProcess[str]:  # noqa: FBT001 - a parameter
    """Reads and tries to write in a process that obeys file permissions, even for root."""
    program = (
        "import sys, pathlib\n"
        "from traceledger.errors import TraceledgerError\n"
        "from traceledger.storage.sqlite import SqliteStore\n"
        "from traceledger.merkle.tree import Frontier\n"
        "from traceledger.storage.store import Batch, Entry\n"
        "try:\n"
        "    store = SqliteStore(pathlib.Path(sys.argv[1]), write=sys.argv[2] == 'True')\n"
        "    size = store.size()\n"
        "    print(size, flush=True)\n"
        "    added = [Entry(size, bytes(32), 'new', 0, 'k', b'')]\n"
        "    store.append(Batch(Frontier(size), Frontier(size + 1), added))\n"
        "    print('written')\n"
        "except TraceledgerError as error:\n"
        "    print(error.code)\n"
    )
    # Root bypasses permissions unless it drops this capability.
    drop = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*drop, sys.executable, "-c", program, path, str(write)],
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("leftover", [False, True], ids=["closed", "killed"])
def test_a_read_only_directory_can_be_read(
    store: SqliteStore,
    path: Path,
    tmp_path: Path,
    leftover: bool,  # noqa: FBT001 - a parameter
) -> None:
    filled(store)
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    if not leftover:
        store.close()
    for file in path.parent.glob("ledger.db*"):
        shutil.copy(file, frozen)
    for file in frozen.iterdir():
        file.chmod(0o444)
    frozen.chmod(0o555)
    try:
        assert as_a_stranger(frozen / "ledger.db", write=False).stdout.split()[0] == "257"
        assert as_a_stranger(frozen / "ledger.db", write=True).stdout.split() == ["store.write"]
    finally:
        frozen.chmod(0o755)


def test_a_read_only_file_refuses_writes_and_is_read(store: SqliteStore, path: Path) -> None:
    before = contents(filled(store))
    store.close()
    path.chmod(0o444)
    assert as_a_stranger(path, write=False).stdout.split() == ["257", "store.write"]
    assert as_a_stranger(path, write=True).stdout.split()[-1] == "store.write"
    path.chmod(0o644)
    again = SqliteStore(path, write=True)
    assert contents(again) == before
    again.append(full_batch(again))
    again.close()


@contextlib.contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """Limits files of this process to `size` bytes, which simulates a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_full_at_any_page_rolls_back_the_batch(store: SqliteStore, path: Path) -> None:
    filled(store)
    before = contents(store)
    log = path.with_name("ledger.db-wal")
    limit, refused = log.stat().st_size, 0
    while store.size() == 257:
        with disk_full_at(limit), contextlib.suppress(StorageError):
            store.append(full_batch(store))
            break
        assert contents(store) == before
        refused += 1
        limit += 4096
    assert refused > 10
    assert store.size() == 514
    assert store.check() == []
    store.append(full_batch(store))
    assert store.size() == 771


def test_a_new_ledger_on_a_full_disk_is_a_storage_error(path: Path) -> None:
    with disk_full_at(4096), pytest.raises(StorageError):
        SqliteStore.create(path)


def test_damaged_pages_are_reported(store: SqliteStore, path: Path) -> None:
    for _ in range(8):
        store.append(full_batch(store))
    assert store.check() == []
    store.close()
    data = bytearray(path.read_bytes())
    for start in range(4096 * 8, len(data) - 4096, 4096 * 16):
        data[start : start + 64] = bytes(64)
    path.write_bytes(data)
    again = SqliteStore(path, write=False)
    try:
        problems = again.check()
    except StorageError as error:
        problems = [error.message]
    assert problems
    again.close()


def test_closing_leaves_only_the_database_and_the_lock(store: SqliteStore, path: Path) -> None:
    filled(store).close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["ledger.db", "ledger.lock"]


def test_the_file_is_private(store: SqliteStore, path: Path) -> None:
    store.append(batch_of(store, [entry(0)]))
    assert {file.stat().st_mode & 0o077 for file in path.parent.glob("ledger.db*")} == {0}
