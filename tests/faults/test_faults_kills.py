from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest

from tests.conftest import Counts
from tests.faults.promises import Said, check_ledger, opened
from tests.faults.service import Service, SocketStation, Station
from tests.ledger.bench import LOG
from tests.ledger.test_ledger_publish import check_everything
from traceledger.formats.receipt import open_receipt
from traceledger.ledger.ledger import Ledger

STATIONS = 6


def start(folder: Path) -> tuple[Service, list[Station]]:
    service = Service(folder)
    with service.plant.writing() as ledger:
        ledger.append(service.plant.world.wires)
    stations: list[Station] = [SocketStation(service, number) for number in range(1, STATIONS + 1)]
    for station in stations:
        station.start()
    return service, stations


def said_by(stations: list[Station]) -> Said:
    """What all stations sent and were answered, those without an answer last."""
    answered: list[tuple[tuple[bytes, ...], bytes]] = []
    waiting: list[tuple[bytes, ...]] = []
    published = 0
    for station in stations:
        receipts = list(station.receipts)  # in this order: a request is noted before its answer
        requests = list(station.requests)
        answered += [(tuple(w), receipt) for w, receipt in zip(requests, receipts, strict=False)]
        waiting += [tuple(wires) for wires in requests[len(receipts) :]]
        sizes = [opened(note).size for note in station.notes if note]
        published = max([published, *sizes])
    tried = [wires for wires, _ in answered] + waiting
    receipts = [receipt for _, receipt in answered]
    return Said(tuple(tried), tuple(receipts), published, 0, 0, frozenset())


def check_once(ledger: Ledger, said: Said) -> None:
    """Every receipt's places are its own: no event is in the log twice, none shares a place."""
    bodies = list(ledger.read_bodies(0, ledger.size))
    assert len(set(bodies)) == len(bodies)
    places = [
        leaf.index
        for receipt in said.receipts
        for leaf in open_receipt(receipt, ledger.origin, [LOG.verifier]).leaves
    ]
    assert len(set(places)) == len(places)


def wait_for_answers(stations: list[Station], more: int) -> None:
    """Waits until the stations together got that many more answers, at most for a while."""
    wanted = sum(len(station.receipts) for station in stations) + more
    for _ in range(1000):
        if sum(len(station.receipts) for station in stations) >= wanted:
            return
        time.sleep(0.001)


def kill_often(folder: Path, kills: int, seed: int) -> tuple[int, int]:
    """Kills the service at random moments under load; returns how many answers came and did not."""
    chance = random.Random(seed)
    service, stations = start(folder)
    with contextlib.closing(service):
        for _ in range(kills):
            service.start(wait=chance.random() < 0.8)  # it is killed while it starts, too
            wait_for_answers(stations, chance.randrange(12))
            time.sleep(chance.random() * 0.02)
            service.kill()
            with service.plant.writing() as ledger:
                check_ledger(service.plant.home, said_by(stations))
        service.start()
        for station in stations:
            station.finish()
        service.kill()
    said = said_by(stations)
    with service.plant.writing() as ledger:
        check_ledger(service.plant.home, said)
        check_once(ledger, said)
        assert len(said.tried) == len(said.receipts)
        for note in {note for station in stations for note in station.notes if note}:
            assert ledger.checkpoint(opened(note).size) == note
        service.plant.home.publish(ledger)
        with contextlib.closing(service.plant.home.open_store()) as store:
            check_everything(ledger, store)
    return len(said.receipts), sum(station.lost for station in stations)


def test_a_service_killed_under_load_loses_no_answer_of_any_client(
    fast_folder: Path, counts: Counts
) -> None:
    report(counts, 25, *kill_often(fast_folder, 25, seed=1))


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_service_killed_hundreds_of_times_loses_no_answer_of_any_client(
    fast_folder: Path, counts: Counts, seed: int
) -> None:
    report(counts, 60, *kill_often(fast_folder, 60, seed=seed))


def report(counts: Counts, kills: int, answers: int, unanswered: int) -> None:
    assert answers > kills
    assert unanswered > kills
    title = "kill -9 under the load of several clients"
    counts(title, kills=kills, answers=answers, sent_again=unanswered, lost=0, half_done=0)
