"""What a ledger costs as it grows, on SQLite or PostgreSQL, in processor time.

Cores have ten real events each (`benchmarks.lives`). At each size, batches are appended and sealed,
items looked up and passports built, in alternation with a new ledger of 50,000 events, and the
ledger is opened in a process of its own. Signatures are checked in this process, so that all that
an append costs is counted. `--archive` also exports and verifies an archive at the largest size.
With `--signed`, only so many events are real, and further entries are of the same size but unsigned
(`benchmarks.filling`), which takes a sixth of the time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.archives import CUSTOMS, make_trust
from benchmarks.bench_archive import audit
from benchmarks.filling import fill, filled_item
from benchmarks.footprint import measure_footprint
from benchmarks.lives import EVENTS, core, fill_lives
from benchmarks.processor import Meter
from benchmarks.reporting import median, own_peak, own_size, report
from benchmarks.stores import add_store_option, new_places, parse_place
from benchmarks.workload import LOG, ORIGIN, Plant
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.archives import export_archive
from traceledger.ledger.reading.passports import build_passport
from traceledger.storage.opening import Place, open_store
from traceledger.views.history import PUBLIC

SMALL = 50_000  # events
SIZES = (500_000, 1_000_000, 2_000_000, 5_000_000)
LARGE = 1_000_000
BATCH = 1_000
ROUNDS = 9
PASSPORTS = 20  # in a round
UNSIGNED = 970  # bytes of an entry that is not signed, as of an event with its disclosures
CORES = os.cpu_count() or 1

Row = tuple[str, float, str]


def look_up(plant: Plant, items: list[str]) -> None:
    """Reads the head and the whole chain of each item, one item at a time."""
    for item in items:
        plant.ledger.heads([item])
        plant.ledger.chain(item)


class Measured(NamedTuple):
    """A ledger that is measured, and how many cores `fill_lives` has recorded in it."""

    plant: Plant
    meter: Meter
    cores: int

    def steps(self) -> Iterator[tuple[str, float]]:
        """Measures each step once: microseconds per event, item or passport."""
        plant = self.plant
        rng = random.Random(plant.ledger.size)
        known = [core(rng.randrange(self.cores)) for _ in range(BATCH)]
        imports = plant.imports(BATCH, shuffled=True)
        yield "append, new random items", self._per_event(lambda: plant.ledger.append(imports))
        yield "seal, new random items", self._per_event(plant.ledger.publish)
        work = plant.work(plant.cores(100), BATCH)
        yield "append, ten steps on 100 items", self._per_event(lambda: plant.ledger.append(work))
        yield "seal, ten steps on 100 items", self._per_event(plant.ledger.publish)
        yield "look up an item and its ten events", self._per_event(lambda: look_up(plant, known))
        passports = [
            self.meter.measure(partial(build_passport, plant.ledger, item, PUBLIC)) * 1e6
            for item in known[:PASSPORTS]
        ]
        yield "passport, p50", median(passports)

    def _per_event(self, work: Callable[[], object]) -> float:
        return self.meter.measure(work) / BATCH * 1e6


def measure_growth(large: Measured, small: Measured) -> list[Row]:
    """Alternates the two ledgers; the growth is the median of the ratios of the rounds."""
    times: dict[str, list[tuple[float, float]]] = {}
    for number in range(ROUNDS + 1):
        for (name, little), (_, much) in zip(small.steps(), large.steps(), strict=True):
            if number:  # the first round warms up
                times.setdefault(name, []).append((little, much))
    rows: list[Row] = []
    for name, pairs in times.items():
        little, much = (median(column) for column in zip(*pairs, strict=True))
        growth = median([after / before for before, after in pairs])
        rows += [
            (f"{name}, small ledger", little, "µs"),
            (name, much, "µs"),
            (f"{name}: growth", growth, "times (bar 1.3)"),
        ]
    return rows


def measure_disk(plant: Plant) -> list[Row]:
    """Measures the bytes of tables and indexes that matter."""
    size = plant.ledger.size
    return [
        (f"on disk, {name}", count / size, "bytes per event")
        for name, count in measure_footprint(plant.place).items()
        if count >= size
    ]


def measure_archive(plant: Plant) -> list[Row]:
    """Exports and verifies an archive in other processes."""
    with tempfile.TemporaryDirectory() as name:
        founding = next(iter(plant.ledger.read_bodies(0, 1)))
        make_trust(Path(name), LOG.verifier, founding)
        return [row for part in ("exporting", "verifying") for row in _run(part, plant.place, name)]


def opening(place: Place) -> list[Row]:
    """Measures until the ledger is open and until it can prove, and the memory of its map."""
    meter = Meter(place)
    opened: list[Ledger] = []

    def open_ledger() -> None:
        opened.append(Ledger(open_store(place, write=False), ORIGIN, clock=time.time))

    seconds = meter.measure(open_ledger)
    before = own_size()
    proving = meter.measure(opened[0].snapshot)
    items = opened[0].snapshot().heads.items
    return [
        ("open the ledger", seconds, "s"),
        ("until proofs are available", seconds + proving, "s"),
        ("the map in memory", (own_size() - before) / items, "bytes per item"),
        ("peak memory of a process that proves", own_peak() / 1e6, "MB"),
        ("items", items, ""),
    ]


def exporting(place: Place, folder: str) -> list[Row]:
    """Measures the export of an archive for customs."""
    meter = Meter(place)
    ledger = Ledger(open_store(place, write=False), ORIGIN, clock=time.time)
    seconds = meter.measure(partial(export_archive, ledger, Path(folder, "archive"), CUSTOMS))
    return [
        ("export of an archive", seconds / ledger.published_size * 1e6, "µs per event"),
        ("export, peak memory", own_peak() / 1e6, "MB"),
    ]


def verifying(_: Place, folder: str) -> list[Row]:
    """Measures the verification of that archive, in this process and its workers."""
    events = audit(Path(folder, "archive"), Path(folder, "trust.json")).counts.events
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return [
        ("verification of the archive", seconds / events * 1e6, "µs per event"),
        ("verification, peak memory of the fold", own_peak() / 1e6, "MB"),
    ]


PARTS: dict[str, Callable[..., list[Row]]] = {
    work.__name__: work for work in (opening, exporting, verifying)
}


def _run(part: str, place: Place, *arguments: str) -> list[Row]:
    """Measures a part in a process of its own."""
    command = [sys.executable, __file__, "--part", part, str(place), *arguments]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(run.stdout, type=list[Row])


def count_filled(plant: Plant, name: Callable[[int], str]) -> int:
    """Counts the items in a ledger that were filled in one after another and have these names."""
    return bisect_left(
        range(plant.ledger.size), 1, key=lambda number: not plant.ledger.heads([name(number)])
    )


def fill_to(plant: Plant, meter: Meter, events: int, given: argparse.Namespace) -> list[Row]:
    """Fills a ledger up to that many events; measures microseconds per event."""
    cores, others = count_filled(plant, core), count_filled(plant, filled_item)
    wanted = min(events, given.signed) // EVENTS
    rows: list[Row] = []
    if cores < wanted:
        work = partial(fill_lives, plant, cores, wanted, signers=given.signers)
        spent = meter.measure(work) / (wanted - cores) / EVENTS * 1e6
        rows.append(("fill, without signatures", spent, "µs"))
        cores = wanted
    if cores + others < events // EVENTS:
        fill(plant, others, events // EVENTS - cores, events=EVENTS, size=UNSIGNED)
    return rows


def measure_size(
    plant: Plant, new_place: Callable[[], Place], size: int, given: argparse.Namespace
) -> list[Row]:
    """Fills a ledger up to a size and measures it there beside a new one."""
    meter = Meter(plant.place)
    rows = fill_to(plant, meter, size, given)
    small = Plant.found(new_place(), workers=0)
    with contextlib.closing(small.ledger):
        beside = Meter(small.place)
        fill_to(small, beside, SMALL, given)
        rows += measure_growth(
            Measured(plant, meter, min(size, given.signed) // EVENTS),
            Measured(small, beside, SMALL // EVENTS),
        )
    return [*rows, *_run("opening", plant.place), *measure_disk(plant)]


def main() -> None:
    """Fills a ledger up to each size and measures there."""
    options = argparse.ArgumentParser(description="Measures costs as a ledger grows.")
    add_store_option(options)
    options.add_argument("--ledger", type=parse_place, help="place of a ledger to go on with")
    options.add_argument("--events", type=int, default=LARGE, help="in the largest ledger")
    options.add_argument(
        "--signed", type=int, default=sys.maxsize, help="events; the others are not signed"
    )
    options.add_argument("--signers", type=int, default=CORES, help="processes that sign events")
    options.add_argument("--archive", action="store_true", help="export and verify an archive too")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        new_places(given.store, Path(folder)) as new_place,
    ):
        if given.ledger:
            plant = Plant.open(given.ledger, workers=0)
        else:
            plant = Plant.found(new_place(), workers=0)
        first = EVENTS * (count_filled(plant, core) + count_filled(plant, filled_item))
        for size in [*(size for size in SIZES if first < size < given.events), given.events]:
            rows = measure_size(plant, new_place, size, given)
            if given.archive and size == given.events:
                rows += measure_archive(plant)
            report(
                f"growth, {given.store}",
                [(f"{size:,} events: {name}", value, unit) for name, value, unit in rows],
            )
        plant.ledger.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(PARTS[sys.argv[2]](parse_place(sys.argv[3]), *sys.argv[4:])))
    else:
        main()
