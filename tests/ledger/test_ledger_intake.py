from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec
import pytest

from tests.ledger.bench import Bench, break_signature, clock, dump, import_drafts
from tests.storage.conformance import contents
from tests.world import STEPS, World, make_signer
from traceledger.errors import ConflictError, MalformedError, NotAllowedError, VerificationError
from traceledger.events.disclosure import MAX_WIRE
from traceledger.events.keys import Jwk
from traceledger.events.token import Event
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.intake_workers import IntakeWorkers
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.authority import find_named_key

MANY = 300
MANY_WRITTEN = 800  # events of which some are written before the last are sent to a worker


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Bench]:
    """A ledger of which two worker processes read large requests."""
    bench = Bench.start(tmp_path, workers=2)
    yield bench
    bench.ledger.close()


def workers_of(bench: Bench) -> list[int]:
    return [worker.process.pid for worker in bench.ledger.writer._intake._workers]


def test_a_false_signature_is_found_at_every_position(bench: Bench) -> None:
    wires = bench.sign(import_drafts(40))
    before = dump(bench.path)
    for position in range(40):
        spoiled = [*wires]
        spoiled[position] = break_signature(wires[position])
        with pytest.raises(VerificationError) as caught:
            bench.ledger.append(spoiled)
        assert caught.value.code == "signature.false"
        assert caught.value.where.startswith(f"event {position + 1} (import ")
    assert dump(bench.path) == before


def test_workers_find_false_signatures_at_any_position(busy: Bench) -> None:
    wires = busy.sign(import_drafts(MANY))
    before = dump(busy.path)
    for position in (0, 1, 31, 32, 63, 100, 255, 256, MANY - 13, MANY - 12, MANY - 1):
        spoiled = [*wires]
        spoiled[position] = break_signature(wires[position])
        spoiled[-1] = break_signature(wires[-1])
        with pytest.raises(VerificationError) as caught:
            busy.ledger.append(spoiled)
        assert caught.value.where.startswith(f"event {position + 1} (import ")
    assert len(workers_of(busy)) == 2
    assert dump(busy.path) == before
    assert len(busy.ledger.append(wires).events) == MANY


def test_answers_to_an_abandoned_request_are_not_used_for_the_next(busy: Bench) -> None:
    wires = busy.sign(import_drafts(MANY))
    bad = [break_signature(wire) for wire in wires[:-1]]
    for _ in range(3):
        with pytest.raises(VerificationError) as caught:
            busy.ledger.append([*bad, wires[-1].split(b"~")[0] + b"~"])
        assert caught.value.code == "disclosure.missing"
    assert len(busy.ledger.append(wires).events) == MANY


def test_a_killed_worker_skips_no_check_and_is_started_again(busy: Bench) -> None:
    busy.ledger.append(busy.sign(import_drafts(MANY)))
    for number in (1, 2):
        pids = workers_of(busy)
        os.kill(pids[number - 1], signal.SIGKILL)
        wires = busy.sign(import_drafts(MANY, first=MANY * number))
        spoiled = [*wires[:200], break_signature(wires[200]), *wires[201:]]
        with pytest.raises(VerificationError) as caught:
            busy.ledger.append(spoiled)
        assert caught.value.where.startswith("event 201 ")
        assert len(busy.ledger.append(wires).events) == MANY
        assert not set(workers_of(busy)) & set(pids)


def test_rows_written_during_the_checks_are_those_of_one_write(tmp_path: Path) -> None:
    world = World()
    cores = [world.core("ACCEPTED") for _ in range(30)]
    first = next(event for event in world.events if event.payload.sub == cores[0])
    for kind, states in STEPS.items():
        for state in states:
            world.thing(kind, state)
    for core in (*cores, *cores[:9]):  # their rows were written, and change again
        world.add("diagnose", core)
    target = (("target", cores[0], first.id),)
    world.add("correct", cores[0], {"set_public": {"part_no": "NEW-1"}}, by="importer", refs=target)
    written = []
    for workers in (0, 2):
        folder = tmp_path / f"{workers}"
        folder.mkdir()
        bench = Bench.empty(folder, workers=workers)
        receipt = bench.ledger.append(world.wires).receipt
        written.append((receipt, contents(bench.store)))
        bench.ledger.close()
    assert written[0] == written[1]


def test_an_event_of_the_same_request_is_not_in_the_log_yet(busy: Bench) -> None:
    world = busy.world
    core = world.core()
    target = (("target", core, world.replay.states[core].head),)
    early = world.wires[busy.fed :]
    erase = world.sign("erase", core, {"fields": ["net_kg"]}, by="importer", refs=target)
    before = dump(busy.path)
    with pytest.raises(NotAllowedError) as caught:
        busy.ledger.append([*early, *busy.sign(import_drafts(MANY)), erase])
    assert caught.value.code == "erase.target"
    assert dump(busy.path) == before


def test_a_refused_request_grants_no_key_and_takes_no_chain(busy: Bench) -> None:
    """The keys of late events are looked up while early ones are written and may be undone."""
    world = busy.world
    imports = busy.sign(import_drafts(MANY_WRITTEN))
    world.add_key("late", world.actors["importer"].iss.removeprefix("party/"), ["importer"])
    granted = world.wires[busy.fed :]
    first, second = (world.sign("import", f"8004/9521234L{n:06}", by="late") for n in range(2))
    with pytest.raises(ConflictError):
        busy.ledger.append([*granted, *imports, first, break_signature(first)])
    with pytest.raises(NotAllowedError) as caught:
        busy.ledger.append([second])
    assert caught.value.code == "key.unknown"
    assert len(busy.ledger.append([*granted, second]).events) == 2


@pytest.fixture
def intake() -> Iterator[IntakeWorkers]:
    workers = IntakeWorkers(2)
    yield workers
    workers.close()


def read(
    intake: IntakeWorkers, wires: list[bytes], find_key: Callable[[str], Jwk | None]
) -> list[Received]:
    return list(chain.from_iterable(intake.read(wires, clock(), find_key, warn=True)))


def test_workers_read_what_this_process_reads(bench: Bench, intake: IntakeWorkers) -> None:
    world = bench.world
    core = world.core("ACCEPTED")
    new = {"new_parts": [{"lot": "lot/A1", "part_no": "P1", "quantity": "1"}]}
    late = {"equipment": {"id": "BENCH-3", "due": "2020-12-31"}}
    wires = [
        *bench.sign(import_drafts(MANY)),
        world.sign("repair", core, new),
        world.sign("calibrate", core, late),
    ]
    find_key = partial(find_named_key, StoreWorld(bench.store, {}))
    ours, theirs = read(IntakeWorkers(0), wires, find_key), read(intake, wires, find_key)
    assert all(one.checked for one in theirs)
    assert not any(one.checked for one in ours)
    for own, other in zip(ours, theirs, strict=True):
        assert other._replace(event=own.event, checked=False) == own
        assert format_event(other.event) == format_event(own.event)
    assert theirs[-2].lots == ("lot/A1",)
    assert theirs[-1].warnings[0].code == "audit.equipment"


def format_event(event: Event) -> tuple[object, ...]:
    """Everything of an event except for its signature."""
    head = (event.token, event.leaf, event.id, event.kid, event.algorithm, event.kind)
    return (*head, event.claims, msgspec.json.encode(event.data))


def test_events_sent_to_workers_that_end_are_read_here(bench: Bench, intake: IntakeWorkers) -> None:
    wires = bench.sign(import_drafts(3 * MANY))  # more than are on the way at once
    find_key = partial(find_named_key, StoreWorld(bench.store, {}))
    chunks = intake.read(wires, clock(), find_key)
    received = next(chunks)
    assert received[0].checked
    for worker in intake._workers:
        worker.process.kill()
    received += chain.from_iterable(chunks)
    assert [one.number for one in received] == list(range(1, 3 * MANY + 1))
    assert [one.event.token for one in received] == [wire.split(b"~")[0] for wire in wires]
    assert not received[-1].checked


@pytest.mark.parametrize("jwk", [None, make_signer("operator").key.jwk])
def test_workers_vouch_for_no_signature_under_another_key(
    bench: Bench, intake: IntakeWorkers, jwk: Jwk | None
) -> None:
    received = read(intake, bench.sign(import_drafts(MANY)), lambda _kid: jwk)
    assert [one.checked for one in received] == [False] * MANY


def test_a_malformed_event_is_reported_before_a_false_signature_or_a_broken_rule(
    busy: Bench,
) -> None:
    wires = busy.sign(import_drafts(MANY))
    wires[0] = break_signature(wires[0])
    wires[1] = wires[2]
    with pytest.raises(VerificationError) as caught:
        busy.ledger.append([*wires[:-1], wires[-1].split(b"~")[0] + b"~"])
    assert (caught.value.code, caught.value.where) == ("disclosure.missing", f"event {MANY}")


def test_an_event_too_large_for_a_pipe_is_refused(busy: Bench) -> None:
    wires = busy.sign(import_drafts(MANY))
    for size in (MAX_WIRE + 1, 8 << 20):
        with pytest.raises(MalformedError) as caught:
            busy.ledger.append([*wires[:100], b"a" * size, *wires[100:]])
        assert caught.value.where == "event 101"
    assert len(busy.ledger.append(wires).events) == MANY


def test_workers_end_with_the_ledger(tmp_path: Path) -> None:
    bench = Bench.start(tmp_path, workers=2)
    bench.ledger.append(bench.sign(import_drafts(MANY)))
    pids = workers_of(bench)
    assert len(pids) == 2
    bench.ledger.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_small_requests_start_no_worker(busy: Bench) -> None:
    busy.ledger.append(busy.sign(import_drafts(20)))
    assert workers_of(busy) == []


def test_a_maximum_of_one_worker_starts_none(bench: Bench) -> None:
    workers = IntakeWorkers(1)
    assert len(read(workers, bench.sign(import_drafts(MANY)), lambda _kid: None)) == MANY
    assert workers._workers == []
