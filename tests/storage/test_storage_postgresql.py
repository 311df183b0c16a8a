from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlmodel import SQLModel

from tests.postgresql import Server
from tests.storage.conformance import StoreSuite, batch_of, contents, entry, full_batch, head
from tests.storage.test_storage_queries import stored_queries
from tests.storage.wire import counting
from traceledger.errors import ConflictError, NoLedgerError, StorageError
from traceledger.storage import queries
from traceledger.storage.postgresql import PostgresStore, statements
from traceledger.storage.postgresql.schema import SCHEMA_VERSION
from traceledger.storage.store import CosignatureRow
from traceledger.views.rows import Search

HARMLESS = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
READ_ALL = {"FORGET_HEADS", "FORGET_DECLARED", "LATEST"}
GUARDED = ("entry", "disclosure", "tile", "checkpoint", "cosignature", "log_end")


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


def filled(store: PostgresStore) -> PostgresStore:
    store.append(full_batch(store))
    store.sign_checkpoint(257, "note")
    store.add_cosignatures([CosignatureRow(257, "w", 1, "line")])
    return store


@pytest.mark.parametrize("table", GUARDED)
def test_the_database_itself_refuses_changes(
    store: PostgresStore, postgresql: Server, database: str, table: str
) -> None:
    before = contents(filled(store))
    name = Identifier("traceledger", table)
    column = "size" if table in {"checkpoint", "cosignature", "log_end"} else "index"
    changes = [
        SQL("DELETE FROM {}").format(name),
        SQL("TRUNCATE {} CASCADE").format(name),
        SQL("UPDATE {0} SET {1} = {1} - 1").format(name, Identifier(column)),
    ]
    for change in changes:
        with pytest.raises(psycopg.IntegrityError):
            postgresql.execute(change, database)
    assert contents(store) == before


def test_log_that_a_forgotten_slot_keeps_is_seen_by_a_role_without_rights(
    store: PostgresStore, postgresql: Server, database: str
) -> None:
    """A slot that nobody reads keeps the write-ahead log until the disk is full."""
    slot = f"forgotten_{database}"
    postgresql.execute(f"CREATE ROLE {slot} LOGIN", database)
    create = f"SELECT pg_create_physical_replication_slot('{slot}', true)"
    postgresql.execute(create, database)
    try:
        before = store.wal_bytes()
        filled(store)
        after = store.wal_bytes()
        assert before is not None
        assert after is not None
        assert after >= before + 256 * 32
        with psycopg.connect(postgresql.address(database, slot)) as plain:
            assert plain.execute(statements.WAL_KEPT).fetchone()
    finally:
        postgresql.execute(f"SELECT pg_drop_replication_slot('{slot}')", database)
        postgresql.execute(f"DROP ROLE {slot}", database)


@pytest.mark.parametrize("index", [256, 258])
def test_the_database_itself_refuses_gaps(
    store: PostgresStore, postgresql: Server, database: str, index: int
) -> None:
    filled(store)
    add = "INSERT INTO traceledger.entry VALUES (%s, sha256(''), 'x', 0, 'k', '')"
    with pytest.raises(psycopg.IntegrityError):
        postgresql.execute(add, database, [index])
    assert store.size() == 257


def test_the_declared_tables_match_the_migrations(postgresql: Server, template: str) -> None:
    types = {"INTEGER": "bigint", "VARCHAR": "text", "BLOB": "bytea"}
    declared = {
        (table.name, column.name): types[str(column.type)]
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
    }
    rows = postgresql.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'traceledger' AND table_name NOT IN ('schema_version', 'log_end')",
        template,
    )
    assert {(table, column): kind for table, column, kind in rows} == declared


def plan(postgresql: Server, database: str, query: str) -> str:
    """Returns a query's plan on a server that avoids reading all rows and sorting if it can."""
    with psycopg.connect(postgresql.address(database), autocommit=True) as connection:
        connection.execute("SET search_path = traceledger")
        for setting in ("seqscan", "sort", "bitmapscan"):
            connection.execute(f"SET enable_{setting} = off".encode())
        connection.execute("SET plan_cache_mode = force_generic_plan")
        number = query.count("?")
        for position in range(number):
            query = query.replace("?", f"${position + 1}", 1)
        connection.execute(f"PREPARE q AS {query}".encode())
        given = f"({', '.join(['NULL'] * number)})" if number else ""
        rows = connection.execute(f"EXPLAIN EXECUTE q{given}".encode()).fetchall()
    return "\n".join(str(line) for (line,) in rows)


@pytest.mark.parametrize("name", sorted(stored_queries().keys() - READ_ALL))
def test_a_query_finds_its_rows_by_an_index(postgresql: Server, template: str, name: str) -> None:
    found = plan(postgresql, template, stored_queries()[name].format(marks="?,?"))
    assert "Seq Scan" not in found
    assert "Sort" not in found
    assert "Index" in found


@pytest.mark.parametrize("name", ["declaration", "part_no", "life", "chain", "id_part", "after"])
def test_a_search_reads_an_index_in_order(postgresql: Server, template: str, name: str) -> None:
    given: dict[str, Any] = {name: "x"}
    query, _ = queries.make_search(Search(**given))
    found = plan(postgresql, template, query)
    assert "Seq Scan" not in found
    assert "Sort" not in found


def test_a_database_without_a_ledger_is_refused(postgresql: Server) -> None:
    address = postgresql.address(postgresql.new_database())
    for write in (True, False):
        with pytest.raises(NoLedgerError) as caught:
            PostgresStore(address, write=write)
        assert caught.value.code == "store.none"


def test_a_new_ledger_does_not_replace_another(store: PostgresStore, address: str) -> None:
    before = contents(filled(store))
    with pytest.raises(ConflictError) as caught:
        PostgresStore.create(address)
    assert caught.value.code == "store.exists"
    assert contents(store) == before


def test_another_schema_version_is_refused(postgresql: Server, database: str, address: str) -> None:
    newer = SCHEMA_VERSION + 1
    add = "INSERT INTO traceledger.schema_version VALUES (%s)"
    postgresql.execute(add, database, [newer])
    for write in (True, False):
        with pytest.raises(StorageError) as caught:
            PostgresStore(address, write=write)
        assert caught.value.code == "store.version"
        assert f"version {newer}" in caught.value.message


def test_a_reader_cannot_write(store: PostgresStore, address: str) -> None:
    batch = full_batch(store)
    reader = PostgresStore(address, write=False)
    with pytest.raises(StorageError) as caught:
        reader.append(batch)
    assert caught.value.code == "store.readonly"
    assert reader.size() == 0
    reader.close()


def test_a_reader_that_stops_early_leaves_the_store_usable(store: PostgresStore) -> None:
    filled(store)
    for _ in range(3):
        assert next(store.read_bodies(0, 257)) == b"entry 0"
    assert len(list(store.read_bodies(0, 257))) == 257


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE traceledger.entry DISABLE TRIGGER entry_no_change",
        "DROP TRIGGER tile_no_change ON traceledger.tile",
        "DROP INDEX traceledger.head_life",
        "ALTER TABLE traceledger.entry ALTER COLUMN leaf DROP NOT NULL",
        f"CREATE OR REPLACE FUNCTION traceledger.refuse() {HARMLESS}",
    ],
)
def test_an_altered_guard_is_reported(
    store: PostgresStore, postgresql: Server, database: str, change: str
) -> None:
    postgresql.execute(change, database)
    assert store.check() == ["the tables or their triggers were altered"]


def test_an_end_of_the_log_that_is_not_its_own_is_reported(
    store: PostgresStore, postgresql: Server, database: str
) -> None:
    filled(store)
    postgresql.execute("UPDATE traceledger.log_end SET size = size + 1", database)
    assert store.check() == ["the end of the log is recorded at 258, not at 257"]


def test_a_write_takes_few_round_trips(postgresql: Server, database: str) -> None:
    """A database in another room answers after a millisecond or more."""
    with counting(postgresql) as wire:
        address = f"postgresql://owner@/{database}?host={wire.folder}"
        with contextlib.closing(PostgresStore(address, write=True)) as store:
            trips: dict[str, int] = {}
            for _ in range(7):  # after some, the library prepares the statements
                batch = full_batch(store)
                wire.trips()
                with store.turn():
                    assert store.size() == batch.size
                    store.append(batch)
                trips["append in turn"] = wire.trips()
                store.barrier()
                trips["barrier"] = wire.trips()
                store.sign_checkpoint(store.size(), "note")
                trips["sign"] = wire.trips()
                store.add_cosignatures([CosignatureRow(store.size(), "w", 1, "line")])
                trips["cosign"] = wire.trips()
                with store.turn():
                    pass
                trips["unused turn"] = wire.trips()
    most = {"append in turn": 3, "barrier": 2, "sign": 4, "cosign": 3, "unused turn": 2}
    assert trips.keys() == most.keys()
    assert all(trips[name] <= most[name] for name in most), trips


def test_erased_disclosures_leave_the_table(store: PostgresStore) -> None:
    store.append(batch_of(store, [entry(0, disclosures=b"one~two~")], heads=[head("a")]))
    store.append(batch_of(store, [entry(1)], erased=[(0, b"two~")]))
    assert [found.disclosures for found in store.read_entries(0, 2)] == [b"two~", b""]
