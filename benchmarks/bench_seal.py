"""Sealing and publishing as a share of appending, on a ledger of many items.

The items are logged through the store, with entries that are no events, which would take long to
sign; then real batches are appended and published. `--full` fills in
1,000,000 items instead of 100,000.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from benchmarks.workload import LOG, ORIGIN, Plant, clocked, median, report
from traceledger.ledger.sealing import Sealer
from traceledger.ledger.tip import read_tip
from traceledger.merkle.hashing import leaf_hash
from traceledger.storage.store import Batch, Entry, HeadRow, Latest

BATCH = 1_000
ROUNDS = 9
CHUNK = 50_000


def fill(plant: Plant, items: int) -> None:
    """Logs and seals that many items more; what stands in for their events is short."""
    (core,) = plant.cores(1)
    pattern = plant.ledger.store.read_heads([core])[core]
    plant.ledger.publish()
    store, sealer = plant.ledger.store, Sealer(plant.ledger.store, ORIGIN)
    tip = read_tip(store)
    for start in range(0, items, CHUNK):
        entries: list[Entry] = []
        heads: list[HeadRow] = []
        for number in range(start, min(start + CHUNK, items)):
            body = b"%d" % number
            item, leaf = f"8004/9521234F{sha256(body).hexdigest()[:16].upper()}", leaf_hash(body)
            entries.append(Entry(tip.size + len(entries), leaf, item, 0, "import", body))
            heads.append(pattern._replace(item=item, seq=0, head=leaf, latest=entries[-1][0]))
        after, tiles = tip.extended([entry.leaf for entry in entries])
        store.append(Batch(tip.size, entries, tiles, heads))
        tip = sealer.seal(after, [Latest(row.item, row.seq, row.head, row.latest) for row in heads])
        sealer.sign(LOG)
    plant.reopen()


def measure(plant: Plant, make: Callable[[], list[bytes]]) -> tuple[float, float, float]:
    """Appends and publishes in turn: microseconds an event of each, and the median share."""
    times = []
    for _ in range(ROUNDS + 1):
        wires = make()
        append = clocked(partial(plant.ledger.append, wires))
        times.append((append, clocked(plant.ledger.publish)))
    times = times[1:]  # the first turn warms up
    appends, seals = ([one / BATCH * 1e6 for one in column] for column in zip(*times, strict=True))
    return median(appends), median(seals), median([seal / append for append, seal in times])


def main() -> None:
    """Measures batches of new random items, and ten events on each of 100 items."""
    options = argparse.ArgumentParser(description="Measures sealing as a share of appending.")
    options.add_argument("--full", action="store_true", help="1,000,000 items, not 100,000")
    items = 1_000_000 if options.parse_args().full else 100_000
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as name:
        plant = Plant.found(Path(name))
        fill(plant, items)
        cores = plant.cores(100)
        for label, make, bar in (
            ("new random items", lambda: plant.imports(BATCH, shuffled=True), "0.30"),
            ("10 events an item", lambda: plant.work(cores, BATCH), "0.10"),
        ):
            append, seal, share = measure(plant, make)
            rows += [
                (f"{items:,} items, {label}: append", append, "µs an event"),
                (f"{items:,} items, {label}: seal and publish", seal, "µs an event"),
                (f"{items:,} items, {label}: share", share, f"of append (bar {bar})"),
            ]
        plant.ledger.close()
    report("seal", rows)


if __name__ == "__main__":
    main()
