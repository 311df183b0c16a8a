"""Sealing and publishing as a share of appending, on a ledger of many items.

Real batches are appended to a filled ledger and published. `--full` fills it with 1,000,000 items
instead of 100,000.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.filling import fill
from benchmarks.reporting import clocked, median, report
from benchmarks.workload import Plant

BATCH = 1_000
ROUNDS = 9


def measure(plant: Plant, make: Callable[[], list[bytes]]) -> tuple[float, float, float]:
    """Appends and publishes in turn: microseconds per event of each, and the median share."""
    times = []
    for _ in range(ROUNDS + 1):
        wires = make()
        append = clocked(partial(plant.ledger.append, wires))
        times.append((append, clocked(plant.ledger.publish)))
    times = times[1:]  # the first round warms up
    appends, seals = (
        [time / BATCH * 1e6 for time in column] for column in zip(*times, strict=True)
    )
    return median(appends), median(seals), median([seal / append for append, seal in times])


def steps(plant: Plant) -> list[bytes]:
    """Signs ten events on each of 100 items, whose first events are sealed already."""
    cores = plant.cores(100)
    plant.ledger.publish()
    return plant.work(cores, BATCH)


def main() -> None:
    """Measures batches of new random items, and ten events on each of 100 items."""
    options = argparse.ArgumentParser(description="Measures sealing as a share of appending.")
    options.add_argument("--full", action="store_true", help="1,000,000 items, not 100,000")
    items = 1_000_000 if options.parse_args().full else 100_000
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as name:
        plant = Plant.found(Path(name, "ledger.db"))
        fill(plant, 0, items)
        for label, make, bar in (
            ("new random items", lambda: plant.imports(BATCH, shuffled=True), "0.20"),
            ("10 events per item", lambda: steps(plant), "0.08"),
        ):
            append, seal, share = measure(plant, make)
            rows += [
                (f"{items:,} items, {label}: append", append, "µs per event"),
                (f"{items:,} items, {label}: seal and publish", seal, "µs per event"),
                (f"{items:,} items, {label}: share", share, f"of append (bar {bar})"),
            ]
        plant.ledger.close()
    report("seal", rows)


if __name__ == "__main__":
    main()
