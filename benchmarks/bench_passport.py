"""Passports of units with 7 events from cores with 5, in a ledger with many items and parties."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.filling import fill
from benchmarks.reporting import clocked, median, report
from benchmarks.stores import add_store_option, new_places
from benchmarks.workload import Plant
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft, DraftRef
from traceledger.ledger.reading.passports import build_passport
from traceledger.views.history import PUBLIC

ITEMS = 100_000
PARTIES = 50
UNITS = 20
ROUNDS = 25

BOOK = "book/ACCOUNT-BOOK-0001"
LINE = "decl/DECLARATION-OUT-1"


def draft(kind: str, item: str, *refs: DraftRef, **data: Any) -> Draft:
    """Builds a draft with the catalogue's examples of required fields."""
    row = CATALOGUE[kind]
    required = {name: row.fields[name].example for name in row.fields if name in row.required}
    return Draft(kind=kind, item=item, data=required | data, refs=refs)


def make_unit(plant: Plant, core: str, unit: str) -> None:
    """Takes a core that was imported, received and inspected through the plant."""
    steps = [draft("clean", core)]
    join = [
        draft("assemble", unit, DraftRef("input", core), input_count=1),
        draft("consume", core, DraftRef("unit", unit)),
        draft("calibrate", unit),
        draft("update", unit),
        draft("test", unit, overall="pass"),
    ]
    last = [
        draft("pack", unit),
        draft("export", unit, DraftRef("declaration", LINE)),
    ]
    plant.ledger.append(plant.sign(steps))
    plant.ledger.append(plant.sign(join))
    approval = draft("approve", unit, decision="pass")
    plant.ledger.append(plant.sign([approval], by=plant.approver))
    plant.ledger.append(plant.sign(last))


def main() -> None:
    """Builds passports of all units in turn; milliseconds and bytes."""
    options = argparse.ArgumentParser(description="Measures passports.")
    add_store_option(options)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        new_places(given.store, Path(name)) as new_place,
    ):
        plant = Plant.found(new_place())
        for number in range(PARTIES):
            plant.admit(f"party/partner-{number}")
        plant.ledger.append(plant.sign([draft("open_book", BOOK)]))
        plant.ledger.append(plant.sign([draft("declare_out", LINE, DraftRef("book", BOOK))]))
        fill(plant, 0, ITEMS)
        cores = plant.cores(UNITS)
        units = [f"01/09521234543213/21/U{number:04}" for number in range(UNITS)]
        for core, unit in zip(cores, units, strict=True):
            make_unit(plant, core, unit)
        plant.ledger.publish()
        sizes = [len(build_passport(plant.ledger, unit, PUBLIC)) for unit in units]
        times = [
            clocked(partial(build_passport, plant.ledger, unit, PUBLIC)) * 1e3
            for _ in range(ROUNDS)
            for unit in units
        ]
        plant.ledger.close()
    report(
        f"passport, {given.store}",
        [
            ("passport, p50", median(times), "ms (bar 8)"),
            ("passport, p99", statistics.quantiles(times, n=100)[98], "ms (bar 30)"),
            ("passport, largest", max(sizes) / 1000, "kB (bar 48)"),
        ],
    )


if __name__ == "__main__":
    main()
