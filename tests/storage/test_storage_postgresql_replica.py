"""Reading from a real streaming replica that lags, dies or belongs to another ledger."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.postgresql import Server, running_server, running_standby
from tests.storage.conformance import batch_of, contents, entry, full_batch
from traceledger.errors import UsageError
from traceledger.storage.postgresql import PostgresStore, replicated
from traceledger.storage.postgresql.connections import Patience
from traceledger.storage.postgresql.replicated import ReplicatedStore
from traceledger.storage.seen import Seen
from traceledger.storage.store import CosignatureRow


@pytest.fixture(scope="module")
def replicated_server() -> Iterator[tuple[Server, str]]:
    """A server with a database of one entry, which standbys can copy.

    It keeps its log: each copy ends with a checkpoint, after which the server would remove what
    another standby that starts again still needs.
    """
    with running_server(wal_keep_size="512MB") as server:
        database = server.new_database()
        with contextlib.closing(PostgresStore.create(server.address(database))) as store:
            store.append(batch_of(store, [entry(0)]))
        yield server, database


@pytest.fixture(scope="module")
def standby(replicated_server: tuple[Server, str]) -> Iterator[Server]:
    with running_standby(replicated_server[0]) as standby:
        yield standby


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    monkeypatch.setattr(replicated, "_REST", 0.0)  # a replica is asked again at once
    monkeypatch.setattr(replicated, "_LAG", 0.0)
    return Seen()


@pytest.fixture
def writer(replicated_server: tuple[Server, str], seen: Seen) -> Iterator[PostgresStore]:
    server, database = replicated_server
    with contextlib.closing(
        PostgresStore(server.address(database), write=True, seen=seen)
    ) as store:
        yield store


@pytest.fixture
def read_from(
    replicated_server: tuple[Server, str], seen: Seen
) -> Iterator[Callable[[str], ReplicatedStore]]:
    """Opens a reader of the server's database that a replica at an address answers."""
    server, database = replicated_server
    with contextlib.ExitStack() as opened:

        def read(replica: str) -> ReplicatedStore:
            store = ReplicatedStore(server.address(database), replica, seen=seen)
            return opened.enter_context(contextlib.closing(store))

        yield read


@pytest.fixture
def reader(
    replicated_server: tuple[Server, str],
    standby: Server,
    read_from: Callable[[str], ReplicatedStore],
) -> ReplicatedStore:
    return read_from(standby.address(replicated_server[1]))


@contextlib.contextmanager
def lagging(standby: Server) -> Iterator[None]:
    """A replica that receives everything and applies nothing."""
    standby.execute("SELECT pg_wal_replay_pause()")
    while standby.execute("SELECT pg_get_wal_replay_pause_state()") != [("paused",)]:
        time.sleep(0.01)
    try:
        yield
    finally:
        standby.execute("SELECT pg_wal_replay_resume()")


def answered_by_replica(reader: ReplicatedStore, read: Callable[[], object]) -> object:
    """Reads until the replica answers."""
    while True:
        before = reader.replica_reads.answered
        found = read()
        if reader.replica_reads.answered > before:
            return found
        time.sleep(0.01)


def test_everything_that_the_primary_server_has_is_read_from_the_replica(
    writer: PostgresStore, reader: ReplicatedStore
) -> None:
    writer.append(full_batch(writer))
    size = writer.size()
    assert answered_by_replica(reader, reader.size) == size
    before = reader.replica_reads
    assert contents(reader) == contents(writer)
    assert [found.leaf_index for found in reader.read_entries(0, size)] == list(range(size))
    assert reader.replica_reads.answered > before.answered
    assert reader.replica_reads.failed == before.failed


def test_a_replica_that_lags_never_answers_with_less_than_was_shown(
    standby: Server, writer: PostgresStore, reader: ReplicatedStore
) -> None:
    answered_by_replica(reader, reader.size)
    with lagging(standby):
        size = writer.size()
        for _ in range(3):
            writer.append(full_batch(writer))
            size += 257
            assert reader.size() == size
            assert reader.newest_checkpoint() == writer.newest_checkpoint()
            assert len(reader.read_leaves(0, size)) == 32 * size
            assert len(list(reader.read_bodies(0, size))) == size
        writer.sign_checkpoint(size, "note")
        assert reader.signed_size() == size
        writer.add_cosignatures([CosignatureRow(size, "w", 1, "line")])
        assert reader.cosigned_sizes(1) == [size]
        assert reader.replica_reads.behind > 0
    assert answered_by_replica(reader, reader.size) == size


@pytest.mark.parametrize("streamed", [False, True])
def test_what_others_wrote_and_was_read_once_is_never_missing_later(
    replicated_server: tuple[Server, str],
    standby: Server,
    seen: Seen,
    reader: ReplicatedStore,
    *,
    streamed: bool,
) -> None:
    """A reader that was sent to the primary server has seen what the replica lacks.

    It has seen that from the first row of a stream on, which it may end there.
    """
    server, database = replicated_server
    answered_by_replica(reader, reader.size)
    with (
        contextlib.closing(PostgresStore(server.address(database), write=True)) as other,
        contextlib.closing(
            PostgresStore(server.address(database), write=False, seen=seen)
        ) as primary,
        lagging(standby),
    ):
        old = other.size()
        other.append(full_batch(other))
        assert reader.size() == old  # nobody was shown more
        if streamed:
            assert next(reader.read_all_heads()).seq == old
        else:
            assert primary.size() == other.size()
        assert reader.size() == other.size()


def test_a_replica_that_dies_costs_no_answer_and_is_used_again_when_it_is_back(
    replicated_server: tuple[Server, str],
    writer: PostgresStore,
    read_from: Callable[[str], ReplicatedStore],
) -> None:
    server, database = replicated_server
    with running_standby(server) as standby:
        reader = read_from(standby.address(database))
        answered_by_replica(reader, reader.size)
        for number in (signal.SIGQUIT, signal.SIGINT):
            standby.stop(number)
            for _ in range(3):
                writer.append(full_batch(writer))
                assert contents(reader) == contents(writer)
            assert reader.replica_reads.failed > 0
            standby.restart()
            assert answered_by_replica(reader, reader.size) == writer.size()


def test_a_replica_that_hangs_is_given_up(
    replicated_server: tuple[Server, str],
    writer: PostgresStore,
    read_from: Callable[[str], ReplicatedStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replicated, "_PATIENCE", Patience(answer=0.3, connect=1))
    server, database = replicated_server
    with running_standby(server) as standby:
        reader = read_from(standby.address(database))
        answered_by_replica(reader, reader.size)
        with standby.hanging():
            assert reader.size() == writer.size()
            assert reader.replica_reads.failed == 1
        answered_by_replica(reader, reader.size)


def test_a_replica_that_is_away_at_the_start_is_used_later(
    replicated_server: tuple[Server, str],
    standby: Server,
    read_from: Callable[[str], ReplicatedStore],
) -> None:
    standby.stop()
    try:
        reader = read_from(standby.address(replicated_server[1]))
        assert reader.size() > 0
        standby.restart()
        answered_by_replica(reader, reader.size)
    finally:
        if standby.process.poll() is not None:
            standby.restart()


def test_a_copy_that_does_not_follow_is_refused(
    replicated_server: tuple[Server, str],
    postgresql: Server,
    read_from: Callable[[str], ReplicatedStore],
) -> None:
    """It would answer with its old state for ever: positions in its log mean something else."""
    server, database = replicated_server
    restored = server.address(server.new_database(database))
    elsewhere = postgresql.address(postgresql.new_database())
    PostgresStore.create(elsewhere).close()
    for copy in (restored, elsewhere):
        with pytest.raises(UsageError) as caught:
            read_from(copy)
        assert caught.value.code == "store.replica"


def test_a_standby_that_was_promoted_does_not_answer(
    replicated_server: tuple[Server, str], read_from: Callable[[str], ReplicatedStore]
) -> None:
    """It has another log from then on, which may be longer."""
    server, database = replicated_server
    with running_standby(server) as standby:
        address = standby.address(database)
        reader = read_from(address)
        size = answered_by_replica(reader, reader.size)
        answered = reader.replica_reads.answered
        standby.execute("SELECT pg_promote()")
        with contextlib.closing(PostgresStore(address, write=True)) as fork:
            fork.append(full_batch(fork))
        assert reader.size() == size
        assert reader.replica_reads.answered == answered
        assert reader.replica_reads.behind > 0
