"""A process to be watched or killed: `python -m tests.faults.workload KIND FOLDER [MUTANT]`.

It uses the product below FOLDER, which is empty, and says on stdout what the product acknowledged:
`OPEN`, `ACK receipt`, `PUB note`, `COS size`, `KEPT size`, and what it is about to send, `TRY wire
wire ...`; bytes are in hexadecimal. A mutant is the product with one fault planted in it.
"""

from __future__ import annotations

import contextlib
import os
import random
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.ledger.bench import clock, import_drafts
from tests.world import ORIGIN, START, World, make_signer
from traceledger.events.draft import Draft
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import NoteVerifier, parse_note
from traceledger.ledger.keeping.backup import back_up, confirm_newest, restore
from traceledger.ledger.keeping.founding import found_ledger
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.witness_requests import write_request
from traceledger.planning.keys import LOG_KEY
from traceledger.planning.signing import Identity, sign_drafts
from traceledger.storage.sqlite import store as sqlite
from traceledger.witness.home import WitnessHome
from traceledger.witness.request_folder import read_entries, read_request

__all__ = ["PASSPHRASE", "URL", "WITNESS", "Plant"]

PASSPHRASE = b"correct horse"
URL = "https://ledger.example/cq-1"
WITNESS = make_signer("witness")


def say(*words: object) -> None:
    """Says that something was acknowledged; the test reads it."""
    print(*words, flush=True)  # noqa: T201 - stdout is this process's answer


class Plant:
    """A ledger's folder, the folder of its witness, and the world that signs the events."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World()
        self.home = Home(folder / "ledger", ORIGIN, URL)
        self._sent = 0

    def found(self) -> None:
        """Makes the folders of the ledger and its witness, and logs what the world begins with."""
        Home.create(self.home.path, ORIGIN, URL)
        self.home.keys.add(LOG_KEY, make_signer("log"), PASSPHRASE)
        log = NoteVerifier(ORIGIN, make_signer("log").key)
        WitnessHome.create(self.folder / "witness", "customs.example/w1", log, WITNESS, PASSPHRASE)
        say("OPEN")
        with self.writing() as ledger:
            self.send(ledger, self.world.wires)

    def writing(self) -> contextlib.closing[Ledger]:
        return contextlib.closing(self.home.write(clock, PASSPHRASE))

    def drafts(self, count: int) -> Sequence[Draft]:
        """Imports of new cores."""
        self._sent += count
        return import_drafts(count, first=self._sent - count)

    def sign(self, ledger: Ledger, count: int) -> list[bytes]:
        actor = self.world.actors["importer"]
        signed = sign_drafts(
            ledger,
            self.drafts(count),
            actor.signer,
            Identity(actor.iss, actor.auth),
            randbytes=random.Random(1).randbytes,
        )
        return [one.wire for one in signed]

    def send(self, ledger: Ledger, wires: Sequence[bytes]) -> None:
        """Appends a request and says so."""
        say("TRY", *(wire.hex() for wire in wires))
        say("ACK", ledger.append(wires).receipt.hex())

    def publish(self, ledger: Ledger) -> None:
        say("PUB", self.home.publish(ledger).hex())

    def cosign(self, ledger: Ledger, old: int) -> int:
        """Lets the witness cosign the newest checkpoint, and keeps its answer; returns the size."""
        request = self.folder / f"request-{old}"
        size = write_request(ledger, old, request)
        witness = WitnessHome.open(self.folder / "witness").witness(PASSPHRASE)
        entries = read_entries(request)
        answer = witness.cosign_replayed(read_request(request), entries, START + size)
        say("COS", size)
        ledger.accept_answer(answer, [witness.cosigner.verifier])
        self.home.copy_checkpoint(ledger)
        say("KEPT", size)
        return size


def run(folder: Path, counts: Sequence[int] = (1, 230, 2)) -> None:
    """Appends, seals, publishes and cosigns; every few requests the ledger is opened anew."""
    plant = Plant(folder)
    plant.found()
    cosigned = 0
    for number, count in enumerate(counts):
        with plant.writing() as ledger:
            plant.send(ledger, plant.sign(ledger, count))
            plant.publish(ledger)
            plant.send(ledger, plant.sign(ledger, 2))
            if number % 2 == 0:
                cosigned = plant.cosign(ledger, cosigned)


def brief(folder: Path) -> None:
    """The same with fewer events."""
    run(folder, (2, 1))


def found(folder: Path) -> None:
    """Founds a ledger as `traceledger init` does."""
    chance = random.Random(1)
    home = found_ledger(
        folder / "new" / "ledger",
        ORIGIN,
        URL,
        "Ledger",
        PASSPHRASE,
        clock=clock,
        randbytes=chance.randbytes,
    )
    say("FOUNDED", home.published.read_bytes().hex())


def save(folder: Path) -> None:
    """Backs a ledger up while it is open, goes on, and restores the back-up."""
    plant = Plant(folder)
    plant.found()
    with plant.writing() as ledger:
        plant.publish(ledger)
        size = back_up(plant.home, folder / "saves" / "backup")
        say("SAVED", size)
        plant.send(ledger, plant.sign(ledger, 3))
    home = restore(folder / "saves" / "backup", folder / "again" / "ledger")
    say("RESTORED")
    note = plant.home.published.read_bytes()
    confirm_newest(home, [note])
    say("FREED", parse_checkpoint(parse_note(note).text).size)


def _replace_sync(wanted: Callable[[int], bool]) -> None:
    """Lets `os.fsync` sync only the descriptors that are wanted."""
    sync = os.fsync

    def fsync(fd: Any) -> None:
        if wanted(fd):
            sync(fd)

    os.fsync = fsync


def _replace_pragma(old: str, new: str) -> None:
    changed = tuple(new if one == old else one for one in sqlite._WRITING)
    setattr(sqlite, "_WRITING", changed)  # noqa: B010 - to the type checker it is a constant


def plant_fault(name: str) -> None:
    """Makes the product worse, or changes a setting that must not matter."""
    match name:
        case "synchronous NORMAL" | "synchronous OFF":
            _replace_pragma("synchronous = FULL", name.replace(" ", " = "))
        case "small WAL":
            _replace_pragma("wal_autocheckpoint = 8192", "wal_autocheckpoint = 16")
        case "no sync of folders":
            _replace_sync(lambda fd: not stat.S_ISDIR(os.fstat(fd).st_mode))
        case "no sync of files":
            _replace_sync(lambda _fd: False)
        case _:
            raise ValueError(name)


KINDS: dict[str, Callable[[Path], None]] = {
    "run": run,
    "brief": brief,
    "found": found,
    "save": save,
}

if __name__ == "__main__":
    for fault in sys.argv[3:]:
        plant_fault(fault)
    KINDS[sys.argv[1]](Path(sys.argv[2]))
