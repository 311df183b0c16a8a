"""A ledger on a disk that fills up: `python full_disk.py FOLDER LIMIT`.

FOLDER is the root of a small file system of its own, or LIMIT is the size that no file may pass,
which is what a full disk does to one file. Says how many requests were refused; ends well only if
every promise held before, while and after the disk was full.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from tests.faults.promises import Said, check_folder, check_ledger
from tests.faults.workload import Plant
from traceledger.errors import StorageError
from traceledger.ledger.ledger import Ledger

_BALLAST = 3 << 20  # bytes, enough to go on and to check the witness on the same disk
_ENOUGH = 20


def main(folder: Path, limit: int) -> None:
    plant = Plant(folder)
    plant.found()
    ballast = folder / "ballast"
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    else:
        ballast.write_bytes(bytes(_BALLAST))
    tried = [tuple(plant.world.wires)]
    refusals: list[str] = []
    with plant.writing() as ledger:
        receipts = [ledger.append(plant.world.wires).receipt]
        while len(refusals) < _ENOUGH:
            tried.append(tuple(plant.sign(ledger, 40)))
            published = ledger.published_size
            try:
                receipts.append(ledger.append(tried[-1]).receipt)
                plant.home.publish(ledger)
            except StorageError as error:
                refusals.append(error.code)
                check_ledger(plant.home, said(tried, receipts, published))
                check_reading(ledger)
                if len(receipts) < len(tried):
                    tried.pop()
        ballast.unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        # The same process goes on where there is space again.
        tried.append(tuple(plant.sign(ledger, 40)))
        receipts.append(ledger.append(tried[-1]).receipt)
        plant.home.publish(ledger)
        published = ledger.published_size
    assert set(refusals) == {"store.write"}
    check_folder(folder, said(tried, receipts, published), go_on=False)
    print("REFUSED", len(refusals), len(receipts))  # noqa: T201 - it is read by the test


def said(tried: list[tuple[bytes, ...]], receipts: list[bytes], published: int) -> Said:
    return Said(tuple(tried), tuple(receipts), published, 0, 0, frozenset())


def check_reading(ledger: Ledger) -> None:
    """Reading goes on while nothing can be written."""
    assert ledger.chain("ledger")
    assert ledger.heads(["ledger"])["ledger"].seq >= 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
