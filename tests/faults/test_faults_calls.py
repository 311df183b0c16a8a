from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import Counts
from tests.faults.failing import failing
from tests.faults.promises import Said, check_folder, check_ledger
from tests.faults.workload import PASSPHRASE, URL, WITNESS, Plant
from tests.ledger.bench import clock
from tests.world import ORIGIN, START, make_signer
from traceledger.errors import ConflictError, StorageError
from traceledger.formats.note import NoteVerifier
from traceledger.ledger.keeping.backup import back_up, confirm_newest, restore
from traceledger.ledger.keeping.founding import found_ledger
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.witness_requests import write_request
from traceledger.witness.home import WitnessHome
from traceledger.witness.request_folder import read_entries, read_request

# Each call that touches the disk, and an error that it may give.
FAULTS = {
    "pwrite64": "EIO",
    "fdatasync": "EIO",
    "fsync": "EIO",
    "write": "ENOSPC",
    "openat": "EMFILE",
    "pread64": "EIO",
    "ftruncate": "EIO",
    "/^rename": "EIO",
    "/^unlink": "EIO",
    "/^mkdir": "ENOSPC",
}

pytestmark = pytest.mark.parametrize(("call", "error"), FAULTS.items(), ids=FAULTS)


@pytest.fixture
def plant(fast_folder: Path) -> Plant:
    plant = Plant(fast_folder)
    plant.found()
    return plant


def fail_each(
    call: str, error: str, log: Path, attempt: Callable[[], object], after: Callable[[], object]
) -> int:
    """Fails the first call of an attempt, then the second, until one goes through; how many?

    What an attempt may raise is a StorageError; `after` sees that nothing is half done.
    """
    for nth in count(1):
        with failing(call, error, nth, log) as failure, contextlib.suppress(StorageError):
            attempt()
        if not failure.happened:
            return nth - 1
        after()
    raise AssertionError("it never went through")


class Customer:
    """Sends requests, and keeps what it sent and what it was answered."""

    def __init__(self, plant: Plant, ledger: Ledger) -> None:
        self.plant, self.ledger = plant, ledger
        self.tried: list[tuple[bytes, ...]] = [tuple(plant.world.wires)]
        self.receipts = [ledger.append(plant.world.wires).receipt]
        self.published = 0

    @property
    def said(self) -> Said:
        return Said(tuple(self.tried), tuple(self.receipts), self.published, 0, 0, frozenset())

    def prepare(self) -> None:
        self.tried.append(tuple(self.plant.sign(self.ledger, 1)))

    def send(self) -> None:
        self.receipts.append(self.ledger.append(self.tried[-1]).receipt)

    def publish(self) -> None:
        self.plant.home.publish(self.ledger)
        self.published = self.ledger.published_size

    def recover(self) -> None:
        """Nothing is half done; the same request is answered now, and published."""
        check_ledger(self.plant.home, self.said)
        if len(self.receipts) < len(self.tried):
            self.send()
        self.publish()
        check_ledger(self.plant.home, self.said)
        self.prepare()


def test_a_call_that_fails_while_appending_or_publishing_loses_nothing(
    plant: Plant, counts: Counts, call: str, error: str
) -> None:
    with plant.writing() as ledger:
        customer = Customer(plant, ledger)
        customer.prepare()

        def attempt() -> None:
            customer.send()
            customer.publish()

        faults = fail_each(call, error, plant.folder / "log", attempt, customer.recover)
        check_ledger(plant.home, customer.said)
    check_folder(plant.folder, customer.said, go_on=True)
    counts("a call fails while appending and publishing", faults=faults, lost=0, half_done=0)


def test_a_call_that_fails_while_opening_or_closing_changes_nothing(
    plant: Plant, counts: Counts, call: str, error: str
) -> None:
    with plant.writing() as ledger:
        customer = Customer(plant, ledger)
        customer.publish()
    size = 0

    def attempt() -> None:
        plant.home.write(clock, PASSPHRASE).close()

    def after() -> None:
        nonlocal size
        with plant.writing() as ledger:
            check_ledger(plant.home, customer.said)
            customer.ledger = ledger
            customer.prepare()
            customer.send()
            assert ledger.size > size
            size = ledger.size

    faults = fail_each(call, error, plant.folder / "log", attempt, after)
    check_folder(plant.folder, customer.said, go_on=True)
    counts("a call fails while opening and closing", faults=faults, lost=0, half_done=0)


def test_a_call_that_fails_while_cosigning_never_lets_the_witness_forget(
    plant: Plant, counts: Counts, call: str, error: str
) -> None:
    request = plant.folder / "request"
    with plant.writing() as ledger:
        customer = Customer(plant, ledger)
        customer.publish()
        witness = WitnessHome.open(plant.folder / "witness").witness(PASSPHRASE)

        def ask(since: int) -> tuple[int, bytes]:
            shutil.rmtree(request, ignore_errors=True)
            size = write_request(ledger, since, request)
            wanted = read_request(request)
            return size, witness.cosign_replayed(wanted, read_entries(request), START + size)

        def attempt() -> None:
            try:
                size, answer = ask(witness.size())
            except ConflictError:  # the call that failed was between record and replay
                size, answer = ask(0)
            assert witness.size() == size
            ledger.accept_answer(answer, [witness.cosigner.verifier])
            plant.home.copy_checkpoint(ledger)

        def after() -> None:
            assert witness.size() <= customer.published
            customer.recover()
            attempt()
            assert witness.size() == customer.published

        customer.prepare()
        faults = fail_each(call, error, plant.folder / "log", attempt, after)
    check_folder(plant.folder, customer.said._replace(cosigned=witness.size()), go_on=True)
    counts("a call fails while cosigning", faults=faults, forgotten=0)


def test_a_call_that_fails_leaves_no_half_ledger_key_witness_or_back_up(
    plant: Plant, counts: Counts, call: str, error: str
) -> None:
    with plant.writing() as ledger:
        note = plant.home.publish(ledger)
    new, saved, again = (plant.folder / name for name in ("new", "saved", "again"))
    log_key = NoteVerifier(ORIGIN, make_signer("log").key)

    def attempt() -> None:
        found_ledger(
            new / "ledger", ORIGIN, URL, "x", PASSPHRASE, clock=clock, randbytes=lambda n: b"7" * n
        )
        Home.open(new / "ledger").keys.add("station", make_signer("x"), PASSPHRASE)
        WitnessHome.create(new / "witness", "customs.example/w2", log_key, WITNESS, PASSPHRASE)
        back_up(plant.home, saved)
        confirm_newest(restore(saved, again), [note])

    def after() -> None:
        for place in (new / "ledger", saved, again):
            if not place.exists():
                continue
            home = Home.open(place)  # what appeared is complete
            home.read(clock).close()
            assert all(home.keys.signer(name, PASSPHRASE) for name in home.keys.names())
            if place in {saved, again} and home.restored.exists():
                with pytest.raises(StorageError):
                    home.write(clock, PASSPHRASE)
        for place in (new, saved, again):
            shutil.rmtree(place, ignore_errors=True)

    faults = fail_each(call, error, plant.folder / "log", attempt, after)
    with contextlib.closing(Home.open(again).write(clock, PASSPHRASE)) as ledger:
        assert ledger.checkpoint() == note
    counts("a call fails while founding, saving, restoring", faults=faults, half_done=0)
