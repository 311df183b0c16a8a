"""Appending against a hand-written loop that does only what is indispensable.

The loop verifies each Ed25519 signature in two threads, hashes the token and inserts rows of the
same sizes into SQLite (WAL, `synchronous=FULL`), one transaction per batch. It parses nothing,
knows only one key and checks no rule. Loop and ledger alternate with the same events, and each
ratio is the median over the rounds. With `--store postgres`, the ledger is in a PostgreSQL
database; the loop remains on SQLite.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.openssl import with_openssl
from benchmarks.reporting import clocked, median, report
from benchmarks.stores import add_store_option, new_places
from benchmarks.workload import LOG, ORIGIN, Plant
from traceledger.events.disclosure import split_wire
from traceledger.events.keys import PublicKey
from traceledger.events.token import Event, check_signature, parse_token
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.writing.intake import read_wire
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import Batch

BATCH = 1_000
ROUNDS = 9
CHUNK = 125


class Loop:
    """The baseline."""

    def __init__(self, directory: Path, key: PublicKey) -> None:
        self.key = key
        self.threads = ThreadPoolExecutor(2)
        self.size = 0
        self.connection = sqlite3.connect(directory / "loop.db", isolation_level=None)
        self.connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192;"
            'CREATE TABLE entry ("index" INTEGER PRIMARY KEY, leaf BLOB, item TEXT, seq INTEGER,'
            " kind TEXT, body BLOB, disclosures BLOB);"
        )

    def verify(self, events: Sequence[Event]) -> None:
        """Verifies signatures only."""
        chunks = [events[start : start + CHUNK] for start in range(0, len(events), CHUNK)]
        list(self.threads.map(self._verify, chunks))

    def append(self, events: Sequence[Event], disclosures: Sequence[bytes]) -> None:
        """Verifies, hashes and inserts a batch."""
        self.verify(events)
        rows = []
        for event, text in zip(events, disclosures, strict=True):
            claims = event.payload
            leaf = hashlib.sha256(b"\x00" + event.token).digest()
            row = (self.size, leaf, claims.sub, claims.seq, event.kind_name, event.token, text)
            rows.append(row)
            self.size += 1
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Stops the threads and closes the file."""
        self.threads.shutdown()
        self.connection.close()

    def _verify(self, events: Sequence[Event]) -> None:
        for event in events:
            self.key.verify(event.signed, event.signature)


def measure(plant: Plant, loop: Loop, make: Callable[[], list[bytes]]) -> dict[str, float]:
    """Alternates bare verification, the loop and the ledger; microseconds per event."""
    times: dict[str, list[float]] = {"verify": [], "loop": [], "ledger": []}
    for number in range(ROUNDS + 1):
        wires = make()
        events = [parse_token(split_wire(wire)[0]) for wire in wires]
        rest = [wire[len(event.token) + 1 :] for wire, event in zip(wires, events, strict=True)]
        turn = {
            "verify": clocked(partial(loop.verify, events)),
            "loop": clocked(partial(loop.append, events, rest)),
            "ledger": clocked(partial(plant.ledger.append, wires)),
        }
        if number:  # the first round warms up
            for name, seconds in turn.items():
                times[name].append(seconds / BATCH * 1e6)
        plant.ledger.publish()
    ratios = [loop / ledger for loop, ledger in zip(times["loop"], times["ledger"], strict=True)]
    bare = [check / ledger for check, ledger in zip(times["verify"], times["ledger"], strict=True)]
    medians = {name: median(values) for name, values in times.items()}
    return medians | {"to loop": median(ratios), "to verify": median(bare)}


class TimedStore(SqliteStore):
    """A store that measures the time of its transactions."""

    seconds = 0.0

    def append_all(self, batches: Iterable[Batch]) -> None:
        """Writes batches once all of them are prepared."""
        prepared = list(batches)
        self.seconds += clocked(partial(super().append_all, prepared))


def repeat(work: Callable[..., object], values: Sequence[Any], other: object) -> None:
    """Does the work for each value."""
    for value in values:
        work(value, other)


def measure_stages(plant: Plant, path: Path) -> list[tuple[str, float, str]]:
    """Appends imports without workers, so that the stages run one after another."""
    plant.ledger.close()
    store = TimedStore(path, write=True)
    plant.ledger = Ledger(store, ORIGIN, clock=time.time, signer=LOG, workers=0)
    key = plant.station.key
    turns: list[list[float]] = []
    for _ in range(ROUNDS):
        wires = plant.imports(BATCH)
        now, store.seconds = time.time(), 0.0
        form = clocked(partial(repeat, read_wire, wires, now))
        events = [parse_token(split_wire(wire)[0]) for wire in wires]
        verify = clocked(partial(repeat, check_signature, events, key))
        total = clocked(partial(plant.ledger.append, wires))
        turns.append([form, verify, total - form - verify - store.seconds, store.seconds])
        plant.ledger.publish()
    names = ("form and fields", "signature, on one core", "rules, rows and receipt", "database")
    columns = zip(names, zip(*turns, strict=True), strict=True)
    return [
        (f"stage: {name}", median(times) / BATCH * 1e6, "µs per event") for name, times in columns
    ]


def main() -> None:
    """Measures batches over new items and over few items."""
    options = argparse.ArgumentParser(description="Measures appending.")
    add_store_option(options)
    given = options.parse_args()
    rows: list[tuple[str, float, str]] = []
    with (
        tempfile.TemporaryDirectory() as name,
        new_places(given.store, Path(name)) as new_place,
    ):
        directory = Path(name)
        place = new_place()
        plant = Plant.found(place)
        loop = Loop(directory, with_openssl(plant.station.key))
        for label, make in (
            ("imports, consecutive ids", lambda: plant.imports(BATCH)),
            ("imports, random ids", lambda: plant.imports(BATCH, shuffled=True)),
            ("steps on 10 items", lambda: plant.work(plant.cores(10), BATCH)),
        ):
            medians = measure(plant, loop, make)
            rows += [
                (f"{label}: loop", medians["loop"], "µs per event"),
                (f"{label}: ledger", medians["ledger"], "µs per event"),
                (f"{label}: ratio to the loop", medians["to loop"], "(bar 0.5, aim 0.7)"),
                (f"{label}: ratio to bare verification", medians["to verify"], "of all cores"),
            ]
        loop.close()
        if isinstance(place, Path):
            rows += measure_stages(plant, place)
        plant.ledger.close()
    report(f"append, {given.store}", rows)


if __name__ == "__main__":
    main()
