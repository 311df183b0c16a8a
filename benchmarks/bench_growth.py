"""What a ledger costs as it grows, on SQLite or PostgreSQL, in processor time.

Cores have ten real events each (`benchmarks.lives`). At each size, batches are appended and sealed,
items looked up, passports built, and the ledger is opened in a process of its own. Signatures are
checked in this process, so that all that an append costs is counted. `--archive` also exports and
verifies an archive at the smallest and the largest size.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.archives import CUSTOMS, make_trust
from benchmarks.bench_archive import audit
from benchmarks.footprint import measure_footprint
from benchmarks.lives import EVENTS, core, fill_lives
from benchmarks.processor import Meter
from benchmarks.reporting import median, own_peak, own_size, report
from benchmarks.stores import add_store_option, new_place, parse_place
from benchmarks.workload import LOG, ORIGIN, Plant
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.archives import export_archive
from traceledger.ledger.reading.passports import build_passport
from traceledger.storage.opening import Place, open_store
from traceledger.views.history import PUBLIC

SIZES = (50_000, 500_000, 1_000_000, 2_000_000, 5_000_000)  # events
LARGE = 1_000_000
BATCH = 1_000
ROUNDS = 9
PASSPORTS = 200
CORES = os.cpu_count() or 1

Row = tuple[str, float, str]


def look_up(plant: Plant, items: list[str]) -> None:
    """Reads the head and the whole chain of each item, one item at a time."""
    for item in items:
        plant.ledger.heads([item])
        plant.ledger.chain(item)


def measure_batches(plant: Plant, meter: Meter, cores: int) -> list[Row]:
    """Measures microseconds per event, or per item looked up."""
    rng = random.Random(cores)
    numbers = [rng.randrange(cores) for _ in range(BATCH)]
    steps: dict[str, Callable[[], Callable[[], object]]] = {
        "append, new random items": lambda: partial(
            plant.ledger.append, plant.imports(BATCH, shuffled=True)
        ),
        "seal and publish, new random items": lambda: plant.ledger.publish,
        "append, ten steps on 100 items": lambda: partial(
            plant.ledger.append, plant.work(plant.cores(100), BATCH)
        ),
        "seal and publish, ten steps on 100 items": lambda: plant.ledger.publish,
        "look up an item and its ten events": lambda: partial(
            look_up, plant, [core(number) for number in numbers]
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS + 1):
        for name, make in steps.items():
            times[name].append(meter.measure(make()) / BATCH * 1e6)
    return [(name, median(values[1:]), "µs") for name, values in times.items()]


def measure_passports(plant: Plant, meter: Meter, cores: int) -> Row:
    """Measures milliseconds for the passport of a core with ten events."""
    rng = random.Random(cores)
    times = [
        meter.measure(partial(build_passport, plant.ledger, core(number), PUBLIC)) * 1e3
        for number in [rng.randrange(cores) for _ in range(PASSPORTS)]
    ]
    return "passport, p50", median(times), "ms"


def measure_size(plant: Plant, meter: Meter, cores: int) -> list[Row]:
    """Measures everything but archives at one size; opens the ledger in another process."""
    rows = [
        *measure_batches(plant, meter, cores),
        measure_passports(plant, meter, cores),
        *_run("opening", plant.place),
    ]
    size = plant.ledger.size
    rows += [
        (f"on disk, {name}", count / size, "bytes per event")
        for name, count in measure_footprint(plant.place).items()
        if count >= size  # smaller tables do not matter
    ]
    return rows


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
    return [tuple(row) for row in json.loads(run.stdout)]


def main() -> None:
    """Fills a ledger up to each size and measures there."""
    options = argparse.ArgumentParser(description="Measures costs as a ledger grows.")
    add_store_option(options)
    options.add_argument("--events", type=int, default=LARGE, help="in the largest ledger")
    options.add_argument("--signers", type=int, default=CORES, help="processes that sign events")
    options.add_argument("--archive", action="store_true", help="export and verify archives too")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        new_place(given.store, Path(folder)) as place,
    ):
        plant = Plant.found(place, workers=0)
        meter = Meter(place)
        filled = 0
        sizes = [*(size for size in SIZES if size < given.events), given.events]
        for size in sizes:
            cores = size // EVENTS
            filling = partial(fill_lives, plant, filled, cores, signers=given.signers)
            spent = meter.measure(filling) / (cores - filled) / EVENTS * 1e6
            filled = cores
            rows = [
                ("fill, without signatures", spent, "µs"),
                *measure_size(plant, meter, cores),
            ]
            if given.archive and size in (sizes[0], sizes[-1]):
                rows += measure_archive(plant)
            report(
                f"growth, {given.store}",
                [(f"{size:,} events: {name}", *rest) for name, *rest in rows],
            )
        plant.ledger.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(PARTS[sys.argv[2]](parse_place(sys.argv[3]), *sys.argv[4:])))
    else:
        main()
