"""The cost of appending, looking up and opening in a large ledger, against a small one.

Items have ten entries each, of the size of events. `--events` sets the number in the large ledger.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.filling import fill, filled_item
from benchmarks.reporting import clocked, median, report
from benchmarks.workload import Plant

SMALL = 50_000
LARGE = 1_000_000
EVENTS = 10  # per item
SIZE = 1_000  # bytes per entry
BATCH = 1_000
ROUNDS = 15


def look_up(plant: Plant, items: list[str]) -> None:
    """Reads the head and the whole chain of each item, one item at a time."""
    for item in items:
        plant.ledger.heads([item])
        plant.ledger.chain(item)


def measure(plant: Plant, filled: int) -> dict[str, float]:
    """Measures microseconds per event, or per item looked up."""
    rng = random.Random(filled)
    numbers = [rng.randrange(filled) for _ in range(BATCH)]
    steps: dict[str, Callable[[], Callable[[], object]]] = {
        "append, new random items": lambda: partial(
            plant.ledger.append, plant.imports(BATCH, shuffled=True)
        ),
        "append, ten steps on 100 items": lambda: partial(
            plant.ledger.append, plant.work(plant.cores(100), BATCH)
        ),
        "look up an item and its ten events": lambda: partial(
            look_up, plant, [filled_item(number) for number in numbers]
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS + 1):
        for name, make in steps.items():
            times[name].append(clocked(make()) / BATCH * 1e6)
        plant.ledger.publish()
    return {name: median(values[1:]) for name, values in times.items()}


def opening(plant: Plant) -> tuple[float, float]:
    """Measures seconds until the ledger is open, and until it can prove an item's latest event."""
    start = time.perf_counter()
    plant.reopen()
    opened = time.perf_counter() - start
    plant.ledger.snapshot()
    return opened, time.perf_counter() - start


def main() -> None:
    """Measures at 50,000 events, adds more, and measures again."""
    options = argparse.ArgumentParser(description="Measures costs as a ledger grows.")
    options.add_argument("--events", type=int, default=LARGE, help="in the large ledger")
    large = options.parse_args().events
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as name:
        plant = Plant.found(Path(name))
        items = [SMALL // EVENTS, large // EVENTS]
        results = []
        for first, last in zip([0, items[0]], items, strict=True):
            fill(plant, first, last, events=EVENTS, size=SIZE)
            results.append(measure(plant, last))
        for label, small in results[0].items():
            grown = results[1][label]
            rows += [
                (f"{SMALL:,} events: {label}", small, "µs"),
                (f"{large:,} events: {label}", grown, "µs"),
                (f"{label}: growth", grown / small, "times (bar 1.3)"),
            ]
        opened, proving = opening(plant)
        rows += [
            (f"{large:,} events: open the ledger", opened, "s"),
            (
                f"{large:,} events of {items[1]:,} items: until proofs are available",
                proving,
                "s (bar 5)",
            ),
        ]
        plant.ledger.close()
    report("growth", rows)


if __name__ == "__main__":
    main()
