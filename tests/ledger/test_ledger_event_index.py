from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.conformance import batch_of, full_batch
from traceledger.errors import StorageError
from traceledger.events.encoding import encode_base64url
from traceledger.ledger.reading import event_index
from traceledger.ledger.reading.event_index import EventIndex
from traceledger.merkle.hashing import leaf_hash
from traceledger.storage.sqlite import SqliteStore
from traceledger.views.rows import Entry

FIRST = """
CREATE TABLE event (
    prefix INTEGER NOT NULL, leaf_index INTEGER NOT NULL, PRIMARY KEY (prefix, leaf_index)
) STRICT, WITHOUT ROWID;
CREATE TABLE indexed (size INTEGER NOT NULL) STRICT;
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.create(tmp_path / "ledger.db")
    store.append(full_batch(store))
    yield store
    store.close()


@pytest.mark.parametrize("version", [0, 2], ids=["none", "newer"])
def test_an_index_of_another_version_is_rebuilt(
    store: SqliteStore, tmp_path: Path, version: int
) -> None:
    path = tmp_path / "lookup.db"
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.executescript(f"PRAGMA journal_mode = WAL;{FIRST}PRAGMA user_version = {version};")
        # It claims to cover the whole log; a lookup that trusted it would find nothing.
        file.execute("INSERT INTO indexed VALUES (257)")
        file.commit()
    for _ in range(2):
        index = EventIndex(path, store)
        for entry in store.read_entries(0, 257):
            assert index.find(encode_base64url(entry.leaf)) == entry.leaf_index
        index.close()
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)


def test_an_index_of_this_version_is_not_rebuilt(store: SqliteStore, tmp_path: Path) -> None:
    path = tmp_path / "lookup.db"
    with contextlib.closing(EventIndex(path, store)) as index:
        index.follow()
    file = path.stat().st_ino
    with contextlib.closing(EventIndex(path, store)) as index:
        assert index._size == 257
    assert path.stat().st_ino == file


def test_entries_in_memory_are_found_and_survive_a_kill(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest entries are in memory only; a process that is killed loses them."""
    path = tmp_path / "lookup.db"
    monkeypatch.setattr(event_index, "_RECENT", 200)
    killed = EventIndex(path, store)
    killed.follow()  # 257 entries, which are written
    bodies = {at: b"later %d" % at for at in range(257, 277)}
    later = [Entry(at, leaf_hash(body), "", at, "seal", body) for at, body in bodies.items()]
    store.append(batch_of(store, later))
    entries = list(store.read_entries(0, 277))
    with contextlib.closing(EventIndex(path, store)) as restarted:
        for index in (killed, restarted):
            assert [index.find(encode_base64url(entry.leaf)) for entry in entries] == [*range(277)]
            with contextlib.closing(sqlite3.connect(path)) as file:
                assert file.execute("SELECT size FROM indexed").fetchall() == [(257,)]
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT size FROM indexed").fetchall() == [(277,)]
        assert file.execute("SELECT count(*) FROM event").fetchall() == [(277,)]
    killed.close()
    with contextlib.closing(EventIndex(path, store)) as again:
        assert again.find(encode_base64url(entries[-1].leaf)) == 276


def test_an_unusable_index_path_is_a_storage_error(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "lookup.db").mkdir()
    with pytest.raises(StorageError, match=r"lookup\.db"):
        EventIndex(tmp_path / "lookup.db", store)


@pytest.mark.parametrize("existing", [False, True])
def test_an_index_is_readable_by_its_owner_only(
    store: SqliteStore,
    tmp_path: Path,
    existing: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Other users of the machine must not learn which events the ledger has."""
    path = tmp_path / "lookup.db"
    if existing:
        path.touch(mode=0o644)
    with contextlib.closing(EventIndex(path, store)) as index:
        index.follow()
        assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("lookup.db*")} == {0o600}


def test_an_index_of_another_log_is_rebuilt(store: SqliteStore, tmp_path: Path) -> None:
    """After a fail-over that lost entries, their places have other events."""
    path = tmp_path / "lookup.db"
    with contextlib.closing(EventIndex(path, store)) as index:
        index.follow()
    bodies = [b"other %d" % at for at in range(260)]
    rows = [Entry(at, leaf_hash(body), "", at, "seal", body) for at, body in enumerate(bodies)]
    other = SqliteStore.create(tmp_path / "other.db")
    other.append(batch_of(other, rows))
    with contextlib.closing(other), contextlib.closing(EventIndex(path, other)) as index:
        for row in rows:
            assert index.find(encode_base64url(row.leaf)) == row.leaf_index
