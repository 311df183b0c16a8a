"""What can go wrong between a process and its database: said plainly, and nothing is lost."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import Server, running_standby
from tests.storage.conformance import batch_of, contents, entry, full_batch, head
from traceledger.errors import BusyError, StorageError, TraceledgerError, UsageError
from traceledger.merkle.tree import Frontier
from traceledger.storage.postgresql import PostgresStore, connections
from traceledger.storage.postgresql.connections import Patience
from traceledger.storage.postgresql.store import Cursor
from traceledger.storage.rows import Row
from traceledger.views.rows import HeadRow

BRIEF = Patience(turn=0.3, hold=0.5, answer=1)
HIDDEN = "correct-horse"  # a password
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = %s"
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


@pytest.fixture
def store(address: str) -> Iterator[PostgresStore]:
    with contextlib.closing(PostgresStore(address, write=True)) as store:
        yield store


def code_of(call: Callable[[], object]) -> str:
    """Returns the code of the error, whose text must not have the secret."""
    with pytest.raises(TraceledgerError) as caught:
        call()
    chain: BaseException | None = caught.value
    while chain is not None:
        assert HIDDEN not in f"{chain!r} {chain}"
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    return caught.value.code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (f"postgresql://owner:{HIDDEN}@[::1/x", "store.url"),
        (f"postgresql://owner:{HIDDEN}@host:port/x?nonsense=1", "store.url"),
        (f"postgresql://owner:{HIDDEN}@host/x", "store.password"),
        (f"postgresql://host/x?password={HIDDEN}", "store.password"),
        (f"postgresql://host/x?user=a&sslpassword={HIDDEN}", "store.password"),
    ],
)
def test_an_address_never_has_a_password_and_messages_never_quote_it(
    address: str, code: str
) -> None:
    assert code_of(lambda: PostgresStore(address, write=False)) == code
    with pytest.raises(UsageError):
        PostgresStore.create(address)


def test_a_file_with_the_password_may_be_named(address: str, tmp_path: Path) -> None:
    PostgresStore(f"{address}&passfile={tmp_path}/passwords", write=False).close()


def test_writing_during_a_check_is_no_fault(
    store: PostgresStore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(PostgresStore(address, write=True)) as other:
        fetch = store.fetch

        def fetch_and_write(query: str, values: Sequence[object] = ()) -> list[Row]:
            rows = fetch(query, values)
            other.append(batch_of(other, [entry(other.size())]))
            return rows

        monkeypatch.setattr(store, "fetch", fetch_and_write)
        assert store.check() == []


def test_replacing_the_rows_of_all_items_has_no_deadline(address: str) -> None:
    """A rebuild of a large ledger takes longer than any other write."""

    def rows() -> Iterator[HeadRow]:
        yield head("a")
        time.sleep(2 * BRIEF.hold)
        yield head("b")

    with contextlib.closing(PostgresStore(address, write=True, patience=BRIEF)) as store:
        store.replace_heads(rows(), Frontier())
        assert store.count_items() == 2


def test_rows_may_take_as_long_as_a_turn(postgresql: Server, database: str, address: str) -> None:
    """They are answered together with the commit, which by itself has less time."""
    slow = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'"
    patience = Patience(hold=30, answer=0.3)
    with contextlib.closing(PostgresStore(address, write=True, patience=patience)) as store:
        batch = full_batch(store)
        postgresql.execute(f"CREATE FUNCTION slow() {slow}", database)
        for table in ("entry", "log_end"):
            postgresql.execute(
                f"CREATE TRIGGER slow AFTER INSERT OR UPDATE ON traceledger.{table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION public.slow()",
                database,
            )
        store.append(batch)
        store.barrier()
        assert store.size() == 257


def open_to_write(address: str) -> PostgresStore:
    return PostgresStore(address, write=True)


def test_a_server_that_does_not_answer_is_named(postgresql: Server, database: str) -> None:
    for address in (
        "postgresql://owner@127.0.0.1:1/ledger",
        postgresql.address("nowhere"),
        postgresql.address(database, user="stranger"),
    ):
        assert code_of(partial(open_to_write, address)) == "store.connect"


def test_an_old_server_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "OLDEST_SERVER", 990_000)
    assert code_of(lambda: PostgresStore(address, write=False)) == "store.server"


def test_a_database_with_another_encoding_is_refused(postgresql: Server) -> None:
    postgresql.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'")
    address = postgresql.address("latin")
    assert code_of(lambda: PostgresStore(address, write=False)) == "store.server"


def test_missing_rights_are_named(postgresql: Server, database: str) -> None:
    """A user may connect, then read, and in the end write."""
    user = f"user_{database}"
    address = postgresql.address(database, user)
    postgresql.execute(f"CREATE ROLE {user} LOGIN")
    assert code_of(lambda: PostgresStore(address, write=False)) == "store.rights"
    postgresql.execute(f"GRANT USAGE ON SCHEMA traceledger TO {user}", database)
    postgresql.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA traceledger TO {user}", database)
    with contextlib.closing(PostgresStore(address, write=True)) as store:
        assert store.size() == 0
        assert store.check() == []  # as `traceledger doctor` does
        assert code_of(lambda: store.append(batch_of(store, [entry(0)]))) == "store.rights"
        assert code_of(store.barrier) == "store.rights"
        assert store.size() == 0
    create = postgresql.address(postgresql.new_database(), user)
    assert code_of(lambda: PostgresStore.create(create)) == "store.rights"


def test_a_standby_is_read_and_refuses_writes(
    postgresql: Server, database: str, store: PostgresStore
) -> None:
    store.append(full_batch(store))
    with running_standby(postgresql) as standby:
        address = standby.address(database)
        with contextlib.closing(PostgresStore(address, write=False)) as reader:
            assert contents(reader) == contents(store)
            assert code_of(reader.check) == "store.readonly"
        with contextlib.closing(PostgresStore(address, write=True)) as writer:
            assert code_of(writer.barrier) == "store.readonly"
            assert (
                code_of(lambda: writer.append(batch_of(writer, [entry(257)]))) == "store.readonly"
            )


def test_an_ended_idle_connection_is_replaced(
    postgresql: Server, database: str, store: PostgresStore
) -> None:
    store.append(full_batch(store))
    end_connections(postgresql, database)
    while connections_of(postgresql, database):
        time.sleep(0.02)
    assert store.size() == 257
    store.append(full_batch(store))
    assert store.size() == 514


def connections_of(postgresql: Server, database: str, waiting_for: str = "%") -> int:
    query = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND coalesce(wait_event, '') LIKE %s"
    return len(postgresql.execute(query, values=[database, waiting_for]))


def end_connections(postgresql: Server, database: str, *, cancel: bool = False) -> None:
    postgresql.execute(CANCEL if cancel else TERMINATE, values=[database])


def test_a_turn_that_another_process_keeps_is_busy(address: str, store: PostgresStore) -> None:
    with contextlib.closing(PostgresStore(address, write=True, patience=BRIEF)) as other:
        with store.turn(), pytest.raises(BusyError) as caught:
            other.append(batch_of(other, [entry(0)]))
        assert caught.value.code == "store.busy"
        other.append(batch_of(other, [entry(0)]))
    assert store.size() == 1


HOLDER = """
import sys
from traceledger.storage.postgresql import PostgresStore

with PostgresStore(sys.argv[1], write=True).turn():
    print("turn", flush=True)
    sys.stdin.read()
"""


def test_the_turn_of_a_killed_process_ends_with_it(address: str, store: PostgresStore) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"turn\n"
        holder.kill()
    store.append(full_batch(store))
    assert store.size() == 257


def test_a_process_that_keeps_its_turn_too_long_loses_it(
    address: str, store: PostgresStore
) -> None:
    """A process that hangs, or whose machine vanished, must not keep all others from writing."""
    with contextlib.closing(PostgresStore(address, write=True, patience=BRIEF)) as slow:
        batch = batch_of(slow, [entry(0)])

        def keep_the_turn() -> None:
            with slow.turn():
                store.append(full_batch(store))
                slow.append(batch)

        # The end of the connection arrives before its commit is sent, or after.
        assert code_of(keep_the_turn) in {"store.connect", "store.unconfirmed"}
        assert store.size() == 257
        slow.append(full_batch(slow))
    assert store.size() == 514


def test_a_turn_ends_with_the_error_of_its_block(address: str, store: PostgresStore) -> None:
    with pytest.raises(ZeroDivisionError), store.turn():
        raise ZeroDivisionError
    with contextlib.closing(PostgresStore(address, write=True, patience=BRIEF)) as other:
        other.append(batch_of(other, [entry(0)]))


def test_another_log_of_the_same_size_is_not_extended(
    postgresql: Server, database: str, store: PostgresStore
) -> None:
    """After a fail-over that lost writes, a tree of what was read before must not continue."""
    store.append(full_batch(store))
    batch = batch_of(store, [entry(257)])
    for change in (
        "ALTER TABLE traceledger.log_end DISABLE TRIGGER USER",
        "UPDATE traceledger.log_end SET root = sha256('another')",
    ):
        postgresql.execute(change, database)
    assert code_of(lambda: store.append(batch)) == "store.replaced"
    assert code_of(lambda: store.barrier(batch.before)) == "store.replaced"
    assert store.size() == 257


def cut(store: PostgresStore) -> None:
    """Cuts the connections of a store that are in use."""
    for connection in list(store._connections._used):
        with contextlib.closing(socket.socket(fileno=connection.fileno())) as used:
            used.shutdown(socket.SHUT_RDWR)
            used.detach()


def test_a_connection_cut_before_the_commit_is_not_acknowledged(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(connection: connections.Connection, cursor: Cursor) -> Cursor:
        cut(store)
        monkeypatch.undo()
        return store._commit(connection, cursor)

    batch = full_batch(store)
    monkeypatch.setattr(store, "_commit", commit)
    with pytest.raises(StorageError) as caught:
        store.append(batch)
    assert caught.value.code == "store.unconfirmed"
    assert store.size() == 0  # here the commit did not arrive
    store.append(batch)
    assert store.size() == 257


@pytest.fixture
def no_standby(postgresql: Server, address: str) -> Iterator[str]:
    """The address of a database, while every commit waits for a standby that does not exist."""

    require_standby(postgresql, "ghost")
    yield address
    require_standby(postgresql, "")


def require_standby(postgresql: Server, names: str) -> None:
    postgresql.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    postgresql.execute("SELECT pg_reload_conf()")
    while waits(postgresql) == (not names):
        time.sleep(0.02)


def waits(postgresql: Server) -> bool:
    """Reports whether a commit waits; the process that knows learns it a little after the rest."""
    with psycopg.connect(postgresql.address()) as connection:
        connection.execute("SELECT pg_logical_emit_message(true, 'test', '')")
        handle = socket.socket(fileno=connection.fileno())
        timer = threading.Timer(0.3, handle.shutdown, [socket.SHUT_RDWR])
        timer.start()
        try:
            connection.commit()
        except psycopg.OperationalError:
            connection.close()
            return True
        finally:
            timer.cancel()
            timer.join()
            handle.detach()
    return False


@pytest.mark.parametrize("cancel", [True, False], ids=["cancelled", "terminated"])
def test_a_commit_whose_wait_for_the_standby_ends_is_not_acknowledged(
    postgresql: Server, database: str, no_standby: str, *, cancel: bool
) -> None:
    """The server says that it committed, and only warns; all readers see the rows."""

    def interrupt() -> None:
        while not connections_of(postgresql, database, "SyncRep"):
            time.sleep(0.02)
        end_connections(postgresql, database, cancel=cancel)

    interrupting = threading.Thread(target=interrupt)
    with contextlib.closing(open_to_write(no_standby)) as store:
        interrupting.start()
        assert code_of(lambda: store.append(full_batch(store))) == "store.unconfirmed"
        interrupting.join()
        assert store.size() == 257


def test_a_commit_that_takes_too_long_is_given_up_and_not_cancelled(
    postgresql: Server, database: str, no_standby: str
) -> None:
    """A cancelled commit would return as a success."""
    with contextlib.closing(PostgresStore(no_standby, write=True, patience=BRIEF)) as store:
        batch = full_batch(store)
        assert code_of(lambda: store.append(batch)) == "store.unconfirmed"
        assert connections_of(postgresql, database, "SyncRep") == 1
        require_standby(postgresql, "")
        assert store.size() == 257
        store.barrier()
        assert code_of(lambda: store.append(batch)) == "store.size"
