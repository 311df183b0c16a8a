"""A process under load, to be killed: `python load.py DIRECTORY RUN`.

It appends requests and publishes without end. On standard output it says what it is about to send
(`TRY first count`), what was acknowledged (`ACK receipt`) and what was published (`PUB note`), the
last two in hexadecimal.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.ledger.bench import LOG, Bench, clock, import_drafts
from tests.world import ORIGIN, World
from traceledger.ledger.ledger import Ledger
from traceledger.storage.sqlite import SqliteStore


def main(directory: Path, run: int) -> None:
    store = SqliteStore(directory / "ledger.db", write=True)
    ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=2)
    bench = Bench(directory / "ledger.db", World(), ledger)
    chance = random.Random(run)
    number = run * 10_000
    requests: list[tuple[int, int, list[bytes]]] = []
    for count in (1, 3, 300, 20, 1, 40, 5):
        requests.append((number, count, bench.sign(import_drafts(count, first=number))))
        number += count
    print("READY", flush=True)
    while True:
        for first, count, wires in requests:
            print("TRY", first, count, flush=True)
            print("ACK", ledger.append(wires).receipt.hex(), flush=True)
            if chance.random() < 0.5:
                print("PUB", ledger.publish().hex(), flush=True)
        requests = []
        for count in (1, 3, 20, 5):
            requests.append((number, count, bench.sign(import_drafts(count, first=number))))
            number += count


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
