from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from tests.conftest import Counts
from tests.faults.promises import check_ledger, opened
from tests.faults.test_faults_kills import said_by, start, wait_for_answers
from tests.faults.workload import PASSPHRASE
from tests.ledger.bench import clock
from traceledger.errors import StorageError
from traceledger.ledger.keeping.backup import back_up, confirm_newest, restore
from traceledger.ledger.keeping.home import DATABASE, Home


def refusal(home: Home) -> str:
    """The code with which a ledger refuses to be written."""
    with pytest.raises(StorageError) as caught:
        home.write(clock, PASSPHRASE)
    return caught.value.code


def save_under_load(folder: Path, saves: int) -> int:
    """Backs a ledger up again and again under load, and restores; returns the answers."""
    service, stations = start(folder)
    home = service.plant.home
    with contextlib.closing(service):
        service.start()
        for number in range(saves):
            wait_for_answers(stations, 10)
            before = said_by(stations)
            size = back_up(home, folder / f"saved-{number}")
            saved = Home.open(folder / f"saved-{number}")
            with contextlib.closing(saved.read(clock)) as ledger:
                assert ledger.size == size
                check_ledger(saved, before)
            assert refusal(saved) == "ledger.restored"
            if number:
                shutil.rmtree(saved.path)
        wait_for_answers(stations, 10)
        for station in stations:
            station.finish()
        service.kill()
    said = said_by(stations)
    with service.plant.writing() as ledger:
        newest = home.publish(ledger)
        more = service.plant.sign(ledger, 1)
    back_up(home, folder / "last")

    older = restore(folder / "saved-0", folder / "older")
    assert refusal(older) == "ledger.restored"
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            confirm_newest(older, [opened_copy(folder / "saved-0"), newest])
        assert caught.value.code == "ledger.behind"
        assert refusal(older) == "ledger.restored"

    again = restore(folder / "last", folder / "again")
    assert confirm_newest(again, [opened_copy(folder / "saved-0"), newest]) == opened(newest).size
    for place in (home, again):
        with contextlib.closing(place.write(clock, PASSPHRASE)) as ledger:
            check_ledger(place, said)
            assert ledger.append(said.tried[-1]).receipt == said.receipts[-1]
            ledger.append(more)
            place.publish(ledger)
    assert home.published.read_bytes() == again.published.read_bytes()
    return len(said.receipts)


def opened_copy(folder: Path) -> bytes:
    """The checkpoint that lies in a back-up."""
    return (folder / "checkpoint").read_bytes()


def test_back_ups_of_a_ledger_under_load_hold_all_that_was_answered_before(
    fast_folder: Path, counts: Counts
) -> None:
    answers = save_under_load(fast_folder, 6)
    counts("back-ups under load", saves=7, answers=answers, lost=0, signed_too_early=0)


@pytest.mark.faults
def test_more_back_ups_of_a_growing_ledger_hold_all_that_was_answered_before(
    fast_folder: Path, counts: Counts
) -> None:
    answers = save_under_load(fast_folder, 25)
    counts("back-ups under load", saves=26, answers=answers, lost=0, signed_too_early=0)


def test_an_older_database_copied_over_the_newer_one_signs_nothing(
    fast_folder: Path, counts: Counts
) -> None:
    service, stations = start(fast_folder)
    home = service.plant.home
    with contextlib.closing(service):
        service.start()
        wait_for_answers(stations, 20)
        back_up(home, fast_folder / "saved")
        wait_for_answers(stations, 20)
        for station in stations:
            station.finish()
        service.kill()
    with service.plant.writing() as ledger:
        home.publish(ledger)
    newer = (home.path / DATABASE).read_bytes()
    shutil.copy(fast_folder / "saved" / DATABASE, home.path / DATABASE)
    assert refusal(home) == "ledger.behind"
    (home.path / DATABASE).write_bytes(newer)
    with service.plant.writing() as ledger:
        check_ledger(home, said_by(stations))
    counts("older database copied over the newer one", copied=1, signed=0)
