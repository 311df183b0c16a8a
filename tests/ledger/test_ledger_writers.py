"""Several writers on a store, as when several processes of a service share a database server.

The writer lock of a folder is not acquired here: the store itself must ensure that all writers
extend the same history.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.ledger import second_writer
from tests.ledger.bench import LOG, Bench, break_signature, clock, import_drafts
from tests.ledger.test_ledger_publish import check_everything, opened
from tests.world import ORIGIN
from traceledger.errors import ConflictError, StorageError, TraceledgerError
from traceledger.formats.receipt import open_receipt
from traceledger.ledger.service import LedgerService
from traceledger.ledger.writing.admission import Admission
from traceledger.ledger.writing.intake import read_wire
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import Batch
from traceledger.views.appended import Logged


class OvertakenStore(SqliteStore):
    """A store without the writer lock that runs other writes just before its own."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, write=True, beside=True)
        self.before_append: list[Callable[[], object]] = []
        self.before_signing: list[Callable[[], object]] = []

    def append_all(self, batches: Iterable[Batch]) -> None:
        taken = list(batches)
        if self.before_append:
            self.before_append.pop()()
        super().append_all(taken)

    def sign_checkpoint(self, size: int, note: str) -> None:
        if self.before_signing:
            self.before_signing.pop()()
        super().sign_checkpoint(size, note)


class Second:
    """A second writer on a bench's store."""

    def __init__(self, path: Path) -> None:
        self.store = OvertakenStore(path)
        self.writer = LedgerWriter(self.store, ORIGIN, clock=clock, signer=LOG, workers=0)


@pytest.fixture
def second(bench: Bench) -> Iterator[Second]:
    found = Second(bench.path)
    yield found
    found.writer.close()


def imports(bench: Bench, count: int, first: int = 0) -> list[bytes]:
    return bench.sign(import_drafts(count, first=first))


def check(bench: Bench) -> None:
    """Checks that both wrote the same log: a writer that opens it later agrees with everything."""
    bench.reopen().publish()
    check_everything(bench.ledger, bench.store)


def test_alternating_writers_write_one_log(bench: Bench, second: Second) -> None:
    places = []
    for number in range(6):
        writer = (bench.ledger.writer, second.writer)[number % 2]
        events = writer.append(imports(bench, 3 + number, first=10 * number)).events
        places += [logged.leaf_index for logged in events]
        if number == 3:
            second.writer.publish()
    assert places == sorted(set(places))
    assert second.writer.size == bench.store.size()
    check(bench)


def test_growth_over_full_tiles_and_a_seal_is_loaded(bench: Bench, second: Second) -> None:
    bench.ledger.publish()
    bench.ledger.append(imports(bench, 300))
    bench.ledger.publish()
    bench.ledger.append(imports(bench, 300, first=300))
    second.writer.append(imports(bench, 20, first=600))
    second.writer.publish()
    bench.ledger.append(imports(bench, 20, first=700))
    assert opened(bench.ledger.publish()).size == bench.store.size()
    check(bench)


def test_entries_of_another_process_are_sealed_too(bench: Bench, second: Second) -> None:
    bench.ledger.publish()
    second.writer.append(imports(bench, 2))
    assert not bench.ledger.writer.is_dirty
    note = bench.ledger.publish()
    assert opened(note).size == bench.store.size()
    assert second.writer.publish() == note
    check(bench)


def test_a_request_overtaken_several_times_is_prepared_again(bench: Bench, second: Second) -> None:
    wires = imports(bench, 2, first=100)
    second.store.before_append = [
        lambda: bench.ledger.append(imports(bench, 1, first=1)),
        bench.ledger.publish,
        lambda: bench.ledger.append(imports(bench, 1, first=2)),
    ]
    logged = second.writer.append(wires).events
    assert [place.leaf_index for place in logged] == [
        bench.store.size() - 2,
        bench.store.size() - 1,
    ]
    assert not second.store.before_append
    check(bench)


def test_a_request_overtaken_every_time_is_refused(bench: Bench, second: Second) -> None:
    wires = imports(bench, 1, first=100)
    others = iter(range(100))

    def overtake() -> None:
        bench.ledger.append(imports(bench, 1, first=next(others)))
        second.store.before_append.append(overtake)

    second.store.before_append.append(overtake)
    with pytest.raises(ConflictError) as caught:
        second.writer.append(wires)
    assert caught.value.code == "store.size"
    second.store.before_append.clear()
    assert len(second.writer.append(wires).events) == 1
    check(bench)


def test_the_same_request_to_both_writers_is_logged_once(bench: Bench, second: Second) -> None:
    wires = imports(bench, 3)
    second.store.before_append = [lambda: bench.ledger.append(wires)]
    answer = second.writer.append(wires)
    assert answer == bench.ledger.append(wires)
    assert len(open_receipt(answer.receipt, ORIGIN, [LOG.verifier]).leaves) == 3
    check(bench)


def test_the_later_of_two_events_for_the_same_place_is_refused(
    bench: Bench, second: Second
) -> None:
    core = bench.world.core()
    bench.feed()
    first = bench.world.sign("receive", core, {"result": "ok"})
    other = bench.world.sign("receive", core, {"result": "short"})
    second.store.before_append = [lambda: bench.ledger.append([first])]
    with pytest.raises(ConflictError) as caught:
        second.writer.append([other])
    assert caught.value.code == "chain.taken"
    check(bench)


def test_keys_registered_or_revoked_by_another_process_are_respected(
    bench: Bench, second: Second
) -> None:
    world = bench.world
    world.add_key("station", "plant", ["importer"])
    bench.feed()
    wire = world.sign("import", "8004/9521234C000001", by="station")
    assert second.writer.append([wire]).events
    later = world.sign("import", "8004/9521234C000002", by="station")
    kid = world.actors["station"].signer.key.kid
    ending = world.sign("revoke_key", f"key/{kid}", by="plant admin")
    second.store.before_append = [lambda: bench.ledger.append([ending])]
    with pytest.raises(TraceledgerError) as caught:
        second.writer.append([later])
    assert caught.value.code == "key.ended"
    check(bench)


def test_a_false_signature_in_an_overtaken_request_is_refused(bench: Bench, second: Second) -> None:
    wires = imports(bench, 2, first=50)
    second.store.before_append = [lambda: bench.ledger.append(imports(bench, 1))]
    with pytest.raises(TraceledgerError, match=r"signature\.false"):
        second.writer.append([wires[0], break_signature(wires[1])])
    check(bench)


def test_an_overtaken_group_is_answered_by_the_log_as_it_is_now(
    bench: Bench, second: Second
) -> None:
    (first,), (other,) = imports(bench, 1), imports(bench, 1, first=1)
    (draft,) = import_drafts(1)
    draft.data["pallet"] = "PLT-77"
    (rival,) = bench.sign([draft])
    second.store.before_append = [lambda: bench.ledger.append([first])]
    requests = [[read_wire(wire, clock())] for wire in (rival, other, first)]
    answers = second.writer.append_group(requests)
    assert isinstance(answers[0], ConflictError)
    assert isinstance(answers[1], tuple)
    assert answers[2] == bench.ledger.append([first]).events
    check(bench)


def test_a_checkpoint_signed_by_another_process_is_published(bench: Bench, second: Second) -> None:
    second.writer.append(imports(bench, 2))
    notes: list[bytes] = []
    second.store.before_signing = [lambda: notes.append(bench.ledger.publish())]
    note = second.writer.publish()
    assert notes == [note]
    assert opened(note).size == bench.store.size()
    check(bench)


def test_an_overtaken_seal_is_created_again(bench: Bench, second: Second) -> None:
    bench.ledger.publish()
    second.writer.append(imports(bench, 2))
    second.store.before_append = [
        lambda: bench.ledger.append(imports(bench, 1, first=10)),
        bench.ledger.publish,
        lambda: bench.ledger.append(imports(bench, 1, first=20)),
    ]
    assert opened(second.writer.publish()).size == bench.store.size()
    check(bench)


def test_a_checkpoint_with_another_note_is_damage(bench: Bench, second: Second) -> None:
    second.writer.append(imports(bench, 1))

    def sign_otherwise() -> None:
        newest = bench.store.newest_checkpoint()
        assert newest is not None
        bench.store.sign_checkpoint(newest.size, "another note")

    second.store.before_signing = [sign_otherwise]
    with pytest.raises(StorageError) as caught:
        second.writer.publish()
    assert caught.value.code == "ledger.damaged"


def test_two_services_on_one_store_answer_every_client(bench: Bench, second: Second) -> None:
    services = [
        LedgerService(writer, publish=lambda writer: writer.publish(), interval=0.02)
        for writer in (bench.ledger.writer, second.writer)
    ]
    admission = Admission(bench.ledger, clock)
    requests = [imports(bench, 1 + number % 3, first=10 * number) for number in range(80)]
    received = [admission.admit(wires) for wires in requests]
    for service in services:
        service.start()
    answers: list[Future[tuple[Logged, ...]]] = []
    for number, events in enumerate(received):
        answers.append(Future())
        services[number % 2].submit(events, answers[-1])
    places = [logged.leaf_index for answer in answers for logged in answer.result(60)]
    for service in services:
        service.stop()
    assert len(set(places)) == sum(map(len, requests))
    bench.open()
    check(bench)


def test_two_processes_on_one_store_write_one_log(bench: Bench, second: Second) -> None:
    with subprocess.Popen(
        [sys.executable, second_writer.__file__, bench.path, "1000"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "READY\n"
        process.stdin.close()
        chance = random.Random(1)
        for number in range(25):
            second.writer.append(imports(bench, 1 + chance.randrange(3), first=10 * number))
            if number % 5 == 0:
                second.writer.publish()
        receipts = [bytes.fromhex(line) for line in process.stdout]
    assert process.returncode == 0
    assert len(receipts) == second_writer.REQUESTS
    for receipt in receipts:
        for leaf in open_receipt(receipt, ORIGIN, [LOG.verifier]).leaves:
            assert bench.store.read_leaves(leaf.index, leaf.index + 1) == leaf.hash
    check(bench)
