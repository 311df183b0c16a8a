"""Appending against Tessera's POSIX log, which checks one signature an entry and no rule.

Tessera (Apache-2.0) is built from Go's module proxy; without Go, nothing is measured. It appends
the same tokens in its own process, after one Ed25519 check each with Go's own library in as many
goroutines as there are processors. Both flush what they write to the disk. They alternate with the
same events, and each ratio is the median over the rounds.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.bench_append import BATCH, ROUNDS
from benchmarks.reporting import clocked, median, report
from benchmarks.workload import Plant
from traceledger.events.disclosure import split_wire
from traceledger.events.token import parse_token

SOURCE = Path(__file__).with_name("tessera")
CALLERS = 32


class Tessera:
    """A log in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._path = folder / "entries.json"

    def append(self, wires: list[bytes], callers: int = 0) -> float:
        """Appends the tokens, all at once or by callers that wait; microseconds an entry."""
        events = [parse_token(split_wire(wire)[0]) for wire in wires]
        entries = [
            {"signed": event.signed, "signature": event.signature, "entry": event.token}
            for event in events
        ]
        self._path.write_bytes(msgspec.json.encode(entries))
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write(f"{self._path} {callers}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextlib.contextmanager
def running_tessera(go: str, folder: Path, key: bytes) -> Iterator[Tessera]:
    """Builds and runs the program; its log is in the folder."""
    program = folder / "tessera-bench"
    subprocess.run([go, "build", "-o", str(program), "."], cwd=SOURCE, check=True)
    process = subprocess.Popen(
        [str(program), str(folder / "tessera-log"), key.hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Tessera(process, folder)
    finally:
        process.kill()
        process.communicate()


def measure(
    plant: Plant, tessera: Tessera, make: Callable[[], list[bytes]]
) -> tuple[float, float, float]:
    """Alternates Tessera and the ledger; microseconds an event of each, and ours to Tessera's."""
    theirs, ours = [], []
    for number in range(ROUNDS + 1):
        wires = make()
        waited = tessera.append(wires)
        seconds = clocked(partial(plant.ledger.append, wires))
        if number:  # the first round warms up
            theirs.append(waited)
            ours.append(seconds / BATCH * 1e6)
        plant.ledger.publish()
    ratios = [own / other for own, other in zip(ours, theirs, strict=True)]
    return median(theirs), median(ours), median(ratios)


def main() -> None:
    """Measures requests of a thousand events, and Tessera's entries one by one."""
    go = shutil.which("go")
    if go is None:
        print("Tessera is not measured: go is not installed", file=sys.stderr)
        return
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plant = Plant.found(folder / "ledger.db")
        with running_tessera(go, folder, plant.station.key.raw) as tessera:
            for label, make in (
                ("imports", lambda: plant.imports(BATCH)),
                ("steps on 10 items", lambda: plant.work(plant.cores(10), BATCH)),
            ):
                theirs, ours, ratio = measure(plant, tessera, make)
                rows += [
                    (f"{label}: Tessera", theirs, "µs per entry"),
                    (f"{label}: ledger", ours, "µs per event"),
                    (f"{label}: ledger to Tessera", ratio, "(bar 1.2; with OpenSSL 1.5)"),
                ]
            waiting = median([tessera.append(plant.imports(BATCH), CALLERS) for _ in range(ROUNDS)])
            rows.append((f"Tessera, {CALLERS} callers that wait", waiting, "µs per entry"))
        plant.ledger.close()
    report("tessera", rows)


if __name__ == "__main__":
    main()
