from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.ledger.bench import LOG, Bench, break_signature, clock, import_drafts
from tests.world import ORIGIN
from traceledger.errors import (
    BusyError,
    ConflictError,
    NotAllowedError,
    StorageError,
    TraceledgerError,
    VerificationError,
)
from traceledger.events.encoding import encode_base64url
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import parse_passport
from traceledger.formats.receipt import open_receipt
from traceledger.formats.seal import parse_seal
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.event_index import EventIndex
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.service import LedgerService, Published
from traceledger.ledger.writing.admission import Admission
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.intake_workers import MANY
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.merkle.headmap import map_key
from traceledger.merkle.headproof import check_head
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import Latest
from traceledger.views.appended import Logged
from traceledger.views.history import PUBLIC
from traceledger.views.rows import Search

Logs = tuple[Logged, ...]


def publish(writer: LedgerWriter) -> bytes:
    return writer.publish()


class Running:
    """A service over a bench's ledger, with a publishing clock that tests advance."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.now = 0.0
        self.contradiction: StorageError | None = None
        self.service = LedgerService(
            bench.ledger.writer,
            publish=publish,
            interval=1.0,
            prepare=bench.ledger.snapshot,
            find_contradiction=lambda: self.contradiction,
            monotonic=lambda: self.now,
        )
        self.admission = Admission(bench.ledger, bench.ledger.clock)

    def submit(self, wires: Sequence[bytes]) -> Future[Logs]:
        answer: Future[Logs] = Future()
        self.service.submit(self.admission.admit(wires), answer)
        return answer

    def append(self, wires: Sequence[bytes]) -> Logs:
        return self.submit(wires).result(30)


@pytest.fixture
def idle(bench: Bench) -> Iterator[Running]:
    """A service that is not started yet: requests wait in its queue."""
    running = Running(bench)
    yield running
    running.service.stop()
    running.admission.close()


@pytest.fixture
def started(idle: Running) -> Running:
    idle.service.start()
    idle.service._preparation.join(30)  # otherwise the first publication may wait for the map
    return idle


def imports(bench: Bench, count: int, first: int = 0) -> list[bytes]:
    return bench.sign(import_drafts(count, first=first))


def test_waiting_requests_share_one_transaction(idle: Running) -> None:
    wires = imports(idle.bench, 200)
    answers = [idle.submit([wire]) for wire in wires]
    before = idle.bench.ledger.size
    idle.service.start()  # publishes first, which adds a seal
    logged = [answer.result(30)[0] for answer in answers]
    assert [place.leaf_index for place in logged] == list(range(before + 1, before + 201))
    assert idle.service.counts.transactions == 1
    assert idle.service.counts.events == 200


def test_hundreds_of_waiting_events_share_one_transaction(idle: Running) -> None:
    """A burst of single events must not be split by the threshold for large requests."""
    answers = [idle.submit([wire]) for wire in imports(idle.bench, 600)]
    idle.service.start()
    places = [answer.result(60)[0].leaf_index for answer in answers]
    assert places == list(range(places[0], places[0] + 600))
    assert idle.service.counts.transactions == 1


def test_a_large_request_joins_a_group_with_enough_room(idle: Running) -> None:
    sizes = [1, MANY, 2 * MANY, 3, 1_300, 1, 1]  # the fifth no longer fits
    first, answers = 0, []
    for size in sizes:
        answers.append(idle.submit(imports(idle.bench, size, first=first)))
        first += size
    idle.service.start()
    assert [len(answer.result(60)) for answer in answers] == sizes
    assert idle.service.counts.transactions == 2


def test_requests_that_an_event_loop_receives_one_by_one_share_a_transaction(
    started: Running,
) -> None:
    """The writer must not begin with the first while the loop still reads the others."""
    requests = [started.admission.admit([wire]) for wire in imports(started.bench, 10)]

    async def submit() -> list[Logs]:
        loop = asyncio.get_running_loop()
        started.service.run_in(loop)
        answers: list[asyncio.Future[Logs]] = [loop.create_future() for _ in requests]
        for request, answer in zip(requests, answers, strict=True):
            started.service.submit(request, answer)
            await asyncio.sleep(0)  # another round of the loop
        return await asyncio.gather(*answers)

    assert len(asyncio.run(submit())) == 10
    assert started.service.counts.transactions == 1


def test_requests_that_never_cease_do_not_keep_the_earlier_ones_waiting(started: Running) -> None:
    """A loop that always has a further request at hand must not gather without end."""
    (request,) = [started.admission.admit(imports(started.bench, 1))]

    async def submit() -> int:
        loop = asyncio.get_running_loop()
        started.service.run_in(loop)
        answers: list[asyncio.Future[Logs]] = []

        def submit_next() -> None:
            answers.append(loop.create_future())
            started.service.submit(request, answers[-1])
            time.sleep(0.001)  # for the writer
            if not answers[0].done():
                loop.call_soon(submit_next)

        submit_next()
        await answers[0]
        await asyncio.sleep(0)  # for the last call
        await asyncio.gather(*answers)
        return len(answers)

    assert asyncio.run(submit()) > 100  # until then, they were gathered


def test_an_invalid_request_of_a_group_fails_alone(idle: Running) -> None:
    wires = imports(idle.bench, 5)
    (draft,) = import_drafts(1)  # another event at the place of the first
    other = idle.bench.sign([replace(draft, data={**draft.data, "pallet": "PLT-02"})])
    answers = [idle.submit([wire]) for wire in [*wires, *other]]
    idle.service.start()
    assert [answer.result(30)[0].seq for answer in answers[:5]] == [0] * 5
    assert isinstance(answers[5].exception(30), ConflictError)
    assert idle.service.counts.refused == 1
    assert idle.service.counts.transactions == 1


def test_a_join_spread_over_the_requests_of_a_group_is_refused(idle: Running) -> None:
    """Checking requests together must not join what was not sent together."""
    world = idle.bench.world
    core = world.core("IN_PROCESS")
    idle.bench.feed()
    world.unit(parts=(core,))
    assembling, consuming = world.wires[idle.bench.fed :]
    answers = [idle.submit([wire]) for wire in (*imports(idle.bench, 2), assembling, consuming)]
    idle.service.start()
    assert [len(answer.result(30)) for answer in answers[:2]] == [1, 1]
    for answer in answers[2:]:
        assert isinstance(answer.exception(30), NotAllowedError)
    assert idle.service.counts.transactions == 1


def test_later_request_of_a_group_builds_on_earlier_ones(idle: Running) -> None:
    world = idle.bench.world
    core = world.core("ACCEPTED")
    world.add("clean", core)
    wires = world.wires[idle.bench.fed :]
    answers = [idle.submit([wire]) for wire in wires]
    again = idle.submit(wires[:1])
    idle.service.start()
    assert [answer.result(30)[0].seq for answer in answers] == list(range(len(wires)))
    assert again.result(30) == answers[0].result()
    assert idle.service.counts.transactions == 1


def test_key_registered_in_a_group_signs_later_in_it(idle: Running) -> None:
    world = idle.bench.world
    world.add_key("station", "plant", ["importer"])
    registering = world.wires[-1:]
    core = world.sign("import", "8004/9521234C000001", by="station", refs=())
    first = idle.submit(registering)
    with pytest.raises(NotAllowedError, match=r"key\.unknown"):
        idle.submit([core])  # the key is not registered yet
    together: Future[Logs] = Future()
    idle.service.submit(
        [
            incoming._replace(checked=False)
            for incoming in idle.admission.admit([*registering, core])
        ],
        together,
    )
    idle.service.start()
    assert len(first.result(30)) == 1
    assert [logged.item for logged in together.result(30)][1:] == ["8004/9521234C000001"]


def test_erasures_of_one_entry_in_a_group_add_up(idle: Running) -> None:
    world = idle.bench.world
    core = world.core("DECLARED")
    imported = world.events[-1]
    idle.bench.feed()
    target = (("target", core, imported.id),)
    wires = [
        world.append(
            world.sign("erase", core, {"fields": [name]}, by="importer", refs=target)
        ).token
        + b"~"
        for name in ("old_serial", "pallet")
        if name in imported.digests
    ]
    answers = [idle.submit([wire]) for wire in wires]
    idle.service.start()
    for answer in answers:
        answer.result(30)
    (entry,) = [found for found in idle.bench.ledger.chain(core) if found.kind == "import"]
    assert entry.disclosures.count(b"~") == len(imported.digests) - len(wires)


def test_a_failed_transaction_is_the_answer_to_all_its_requests(
    started: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    wires = imports(started.bench, 3)
    store = started.bench.store

    def full(*_args: object, **_more: object) -> None:
        raise StorageError("store.write", "the disk is full")

    monkeypatch.setattr(store, "append", full)
    failed = [started.submit([wire]) for wire in wires[:2]]
    assert [str(answer.exception(30)) for answer in failed] == [
        "the disk is full [store.write]"
    ] * 2
    monkeypatch.undo()
    size = started.bench.ledger.size
    assert started.append(wires[:1])[0].leaf_index == size


def test_a_fault_of_the_writer_is_the_answer_to_waiting_requests(
    started: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(started.bench.ledger.writer, "append_group", broken)
    assert isinstance(started.submit(imports(started.bench, 1)).exception(30), ZeroDivisionError)
    monkeypatch.undo()
    assert started.append(imports(started.bench, 1))


def test_log_that_is_behind_accepts_nothing_and_signs_no_receipt(idle: Running) -> None:
    """At these indexes, the log as it was signed has other events."""
    waiting = idle.submit(imports(idle.bench, 1))
    size, logged = idle.bench.ledger.size, (Logged(1, "e", b"e" * 32, "i", 0),)
    idle.contradiction = StorageError("witness.ahead", "customs has a checkpoint of size 5,000")
    with pytest.raises(StorageError) as caught:
        idle.submit(imports(idle.bench, 1, first=1))
    assert caught.value.code == "witness.ahead"
    with pytest.raises(StorageError):
        idle.service.receipt(logged)
    idle.service._commit(idle.service._take() or [])
    assert isinstance(waiting.exception(30), StorageError)
    assert idle.bench.ledger.size == size
    idle.contradiction, idle.service._failure = None, StorageError("store.write", "disk is full")
    assert idle.service.receipt(logged)  # what is durable stays so
    idle.contradiction = StorageError("file.read", "contradiction: permission denied")
    with pytest.raises(StorageError, match="permission denied"):  # it may be there
        idle.service.receipt(logged)
    with pytest.raises(StorageError, match="permission denied"):
        idle.submit(imports(idle.bench, 1))
    idle.contradiction = None
    idle.submit(imports(idle.bench, 1))


def test_contradiction_is_reported_while_nothing_is_written(started: Running) -> None:
    """An idle log publishes nothing, so it would not notice that it must not sign any more."""
    started.contradiction = StorageError("witness.ahead", "customs has a checkpoint of size 5,000")
    assert started.service.failure is started.contradiction
    with pytest.raises(StorageError, match="5,000"):
        started.submit(imports(started.bench, 1))


def test_false_signature_of_a_large_request_fails_only_it(idle: Running) -> None:
    wires = imports(idle.bench, MANY)
    false = [*wires[:-1], break_signature(wires[-1])]
    small = idle.submit(imports(idle.bench, 1, first=9000))
    with pytest.raises(VerificationError):
        idle.submit(false)
    idle.service.start()
    assert small.result(30)
    assert len(idle.append(wires)) == MANY


def test_publishes_at_most_once_per_interval_and_only_after_changes(started: Running) -> None:
    received: list[Published] = []
    arrived = threading.Event()

    def listener(published: Published) -> None:
        received.append(published)
        arrived.set()

    started.service.listen(listener)
    first = started.service.published.size
    for number in range(3):
        started.append(imports(started.bench, 1, first=number))
    assert (started.service.published.size, received) == (first, [])
    started.now = 1.0
    started.append(imports(started.bench, 1, first=7))
    assert arrived.wait(30)
    assert [published.size for published in received] == [started.bench.ledger.size]
    assert parse_checkpoint(parse_note(received[0].note).text).size == received[0].size
    started.now = 100.0
    started.service.stop()
    assert len(received) == 1  # there were no new entries


def test_stop_completes_and_publishes_accepted_requests(idle: Running) -> None:
    answers = [idle.submit([wire]) for wire in imports(idle.bench, 50)]
    idle.service.start()
    idle.service.stop()
    assert all(answer.result(0) for answer in answers)
    assert idle.service.published.size == idle.service.size
    with pytest.raises(BusyError, match=r"server\.stopping"):
        idle.submit(imports(idle.bench, 1, first=99))


def test_a_full_queue_refuses_requests(idle: Running) -> None:
    (incoming,) = idle.admission.admit(imports(idle.bench, 1))
    idle.service.submit([incoming] * 20_000, Future())
    with pytest.raises(BusyError, match=r"server\.busy"):
        idle.service.submit([incoming], Future())
    idle.service._queue.clear()


@pytest.mark.parametrize(
    "fault", [StorageError("store.write", "the disk is full"), ZeroDivisionError()]
)
def test_a_failed_publication_is_reported_and_repeated(
    fault: Exception, started: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> Any:
        raise fault

    monkeypatch.setattr(started.bench.ledger.writer, "publish", full)
    started.now = 1.0
    started.append(imports(started.bench, 1))
    started.append(imports(started.bench, 1, first=1))  # publishing was attempted in between
    assert isinstance(started.service.failure, StorageError)
    monkeypatch.undo()
    started.now = 2.0
    started.append(imports(started.bench, 1, first=2))
    started.service.stop()
    assert started.service.failure is None
    assert started.service.published.size == started.service.size


def test_a_receipt_is_signed_by_the_log(started: Running) -> None:
    logged = started.append(imports(started.bench, 2))
    receipt = open_receipt(started.service.receipt(logged), ORIGIN, [LOG.verifier])
    assert [leaf.index for leaf in receipt.leaves] == [place.leaf_index for place in logged]


def test_a_snapshot_stays_consistent_while_others_publish(started: Running) -> None:
    ledger = started.bench.ledger
    snapshot = ledger.snapshot()
    items = [row.item for row in ledger.search(Search())]
    seal = parse_seal(snapshot.seal)
    for number in range(1, 4):
        started.now = float(number)
        started.append(imports(started.bench, 40, first=40 * number))
        # The next request is answered after the due checkpoint.
        started.append(imports(started.bench, 1, first=1000 + number))
    assert ledger.published_size > snapshot.size
    assert ledger.snapshot().heads.root != snapshot.heads.root == seal.map_root
    for item in items:
        path = snapshot.heads.find_path(item)
        head = snapshot.entry(snapshot.heads.find_event(map_key(item)) or 0)
        check_head(seal.map_root, item, head.seq, head.leaf, path.siblings)


class HaltingStore(SqliteStore):
    """A store that blocks the signing of a checkpoint until it is resumed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, write=True)
        self.halted, self.resume = threading.Event(), threading.Event()

    def sign_checkpoint(self, size: int, note: str) -> None:
        self.halted.set()
        assert self.resume.wait(30)
        super().sign_checkpoint(size, note)


def test_a_passport_does_not_wait_for_publishing(bench: Bench) -> None:
    core = bench.world.core()
    bench.feed()
    published = bench.ledger.publish()
    bench.ledger.close()
    store = HaltingStore(bench.path)
    bench.ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=0)
    bench.ledger.append(imports(bench, 1))
    publishing = threading.Thread(target=bench.ledger.publish)
    publishing.start()
    assert store.halted.wait(30)
    try:
        passport = parse_passport(build_passport(bench.ledger, core, PUBLIC))
    finally:
        store.resume.set()
        publishing.join()
    assert passport.checkpoint == published
    assert bench.ledger.checkpoint() != published


class SlowMapStore(SqliteStore):
    """A store whose items are read for the map only once it is resumed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, write=True)
        self.resume = threading.Event()

    def read_latest(self, size: int) -> Iterator[Latest]:
        assert self.resume.wait(30)
        return super().read_latest(size)


def test_events_are_acknowledged_while_the_map_of_a_large_ledger_is_built(bench: Bench) -> None:
    """After a start, the first publication must not keep the requests behind it waiting."""
    bench.ledger.publish()
    bench.ledger.close()
    store = SlowMapStore(bench.path)
    bench.ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=0)
    running = Running(bench)
    try:
        running.service.start()
        before = running.service.published.size
        running.now = 100.0  # publishing is due all the time
        places = [running.append(imports(bench, 1, first=number))[0] for number in range(3)]
        assert running.service.published.size == before
        store.resume.set()
        running.service._preparation.join(30)
        running.append(imports(bench, 1, first=3))
        running.append(imports(bench, 1, first=4))  # answered after the due checkpoint
        assert before < places[-1].leaf_index < running.service.published.size
    finally:
        store.resume.set()
        running.service.stop()
        running.admission.close()


def test_hundreds_of_threads_share_commits(started: Running) -> None:
    wires = imports(started.bench, 300)
    found: list[int] = []

    def post(wire: bytes) -> None:
        found.append(started.append([wire])[0].leaf_index)

    threads = [threading.Thread(target=post, args=(wire,)) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 300
    assert started.service.counts.transactions < 300


@pytest.mark.parametrize("change", [break_signature, lambda wire: wire[:-1], lambda _wire: b""])
def test_admission_refuses_before_the_writer_is_involved(idle: Running, change: Any) -> None:
    (wire,) = imports(idle.bench, 1)
    with pytest.raises(TraceledgerError):
        idle.admission.admit([change(wire)])
    assert idle.service.counts.waiting == 0


def test_admission_caches_keys_but_still_checks_signatures(idle: Running) -> None:
    wires = imports(idle.bench, 2)
    received: list[Received] = idle.admission.admit(wires)
    assert all(incoming.checked for incoming in received)
    assert all(incoming.checked for incoming in idle.admission.admit(wires))
    with pytest.raises(VerificationError, match=r"signature\.false"):
        idle.admission.admit([break_signature(wires[0])])


def test_event_index_follows_the_log_and_finds_by_id(bench: Bench, tmp_path: Path) -> None:
    index = EventIndex(tmp_path / "lookup.db", bench.store)
    for event in bench.world.events:
        found = index.find(event.id)
        assert found is not None
        (entry,) = bench.ledger.read_entries(found, found + 1)
        assert entry.leaf == event.leaf
    bench.ledger.append(imports(bench, 1))
    index.close()
    again = EventIndex(tmp_path / "lookup.db", bench.store)
    (newest,) = bench.ledger.chain("8004/9521234N000000")
    assert again.find(encode_base64url(newest.leaf)) == newest.leaf_index
    assert again.find("A" * 43) is None
    again.close()


def test_an_event_index_damaged_during_use_is_a_storage_error(bench: Bench, tmp_path: Path) -> None:
    index = EventIndex(tmp_path / "lookup.db", bench.store)
    with contextlib.closing(sqlite3.connect(tmp_path / "lookup.db")) as other:
        other.execute("DROP TABLE event")
    for _ in range(2):
        with pytest.raises(StorageError, match=r"lookup\.db"):
            index.find(bench.world.events[5].id)
    index.close()


def test_a_damaged_event_index_is_rebuilt(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "lookup.db").write_bytes(b"nonsense" * 1000)
    index = EventIndex(tmp_path / "lookup.db", bench.store)
    assert index.find(bench.world.events[5].id) is not None
    index.close()
