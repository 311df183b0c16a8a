from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.ledger.bench import Bench, break_signature, dump, import_drafts
from tests.world import make_signer
from traceledger.errors import VerificationError
from traceledger.events.token import parse_token
from traceledger.ledger.writing.signature_checks import SignatureChecks

MANY = 300


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Bench]:
    """A ledger whose signatures are checked by two worker processes."""
    bench = Bench.start(tmp_path, workers=2)
    yield bench
    bench.ledger.close()


def workers_of(bench: Bench) -> list[int]:
    return [worker.process.pid for worker in bench.ledger.writer._checks._workers]


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


def test_a_killed_worker_skips_no_check(busy: Bench) -> None:
    busy.ledger.append(busy.sign(import_drafts(MANY)))
    for number, pid in enumerate(workers_of(busy), 1):
        os.kill(pid, signal.SIGKILL)
        wires = busy.sign(import_drafts(MANY, first=MANY * number))
        spoiled = [*wires[:200], break_signature(wires[200]), *wires[201:]]
        with pytest.raises(VerificationError) as caught:
            busy.ledger.append(spoiled)
        assert caught.value.where.startswith("event 201 ")
        assert len(busy.ledger.append(wires).events) == MANY


def test_an_algorithm_of_another_key_type_is_checked_without_workers(busy: Bench) -> None:
    wires = busy.sign(import_drafts(MANY))
    checks, key = busy.ledger.writer._checks, make_signer("importer").key
    checks.begin(MANY)
    for number, wire in enumerate(wires):
        event = parse_token(wire.split(b"~")[0])
        checks.add(number, replace(event, algorithm="ES256") if number == 150 else event, key)
    failure = checks.finish()
    assert failure is not None
    assert failure.number == 150


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


def test_a_maximum_of_one_worker_starts_none() -> None:
    checks = SignatureChecks(1)
    checks.begin(10_000)
    assert checks._workers == []
    assert checks.finish() is None
    checks.close()
