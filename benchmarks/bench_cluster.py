"""Verifying an archive on a Dask cluster of this machine: the limit of its speed-up.

The pass that replays the log stays in the program's own process, so more workers speed up only what
they check. Processor time shows how far, also on a busy machine: with P for each event in the
program, S in the scheduler and W in the workers together, n machines are done with an event every
max(P, S, W / n), since the workers are ahead of the pass. The wall time of one worker and of two,
in turn on one archive, shows it where processors are free. A number in the command line replaces
the number of events.
"""

from __future__ import annotations

import contextlib
import functools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

from benchmarks.archives import CUSTOMS, make_trust
from benchmarks.reporting import clocked, median, processor_time, report
from benchmarks.workload import LOG, Plant
from traceledger.cluster.checking import checking_on
from traceledger.formats.archive import entries_path
from traceledger.formats.trust import parse_trust
from traceledger.ledger.reading.archives import export_archive
from traceledger.merkle.bundles import parse_bundle
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.checker import BundleFacts, Checker
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.workers import CheckBundles, check_all

EVENTS = 20_000
BATCH = 1_000
TURNS = 2


def make_archive(directory: Path, events: int) -> tuple[Path, Path]:
    """Exports an archive of imports; returns its folder and its trust file."""
    plant = Plant.found(directory / "ledger.db")
    for _ in range(events // BATCH):
        plant.ledger.append(plant.imports(BATCH))
        plant.ledger.publish()
    export_archive(plant.ledger, directory / "archive", CUSTOMS)
    plant.ledger.close()
    data = (directory / "archive" / entries_path(0, 256)).read_bytes()
    trust = make_trust(directory, LOG.verifier, parse_bundle(data, 256)[0])
    return directory / "archive", trust


def verify(folder: Path, trust: Path, check: CheckBundles) -> None:
    """Verifies the archive and asserts that nothing is wrong with it."""
    verdict = verify_archive(
        FolderSource(folder), parse_trust(trust.read_bytes()), now=int(time.time()), check=check
    )
    if verdict.result != "incomplete":
        raise SystemExit(f"the archive is {verdict.result}")


class Ready:
    """Facts that were checked beforehand."""

    def __init__(self) -> None:
        self.facts: list[BundleFacts] = []

    def collect(
        self, checker: Checker, first: int, keys: Mapping[str, bytes]
    ) -> Iterator[BundleFacts]:
        """Checks in this process and keeps the facts."""
        for facts in check_all(checker, first, keys, workers=1):
            self.facts.append(facts)
            yield facts

    def check(
        self, checker: Checker, first: int, keys: Mapping[str, bytes]
    ) -> Iterator[BundleFacts]:
        """Yields the facts that were kept."""
        del checker, keys
        yield from self.facts[first:]


@dataclass
class Cluster:
    """A running cluster, and what each verification on it took, in seconds."""

    check: CheckBundles
    scheduler: int
    workers: Sequence[int]
    wall: list[float] = field(default_factory=list)
    program: list[float] = field(default_factory=list)
    scheduling: list[float] = field(default_factory=list)
    checking: list[float] = field(default_factory=list)

    def measure(self, work: Callable[[CheckBundles], None]) -> None:
        """Runs a verification: its wall time, and the processor time of each part."""
        start, scheduling, checking = self._spent()
        self.wall.append(clocked(lambda: work(self.check)))
        now = self._spent()
        self.program.append(now[0] - start)
        self.scheduling.append(now[1] - scheduling)
        self.checking.append(now[2] - checking)

    def _spent(self) -> tuple[float, float, float]:
        workers = sum(map(processor_time, self.workers))
        return time.process_time(), processor_time(self.scheduler), workers


@contextlib.contextmanager
def running_cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Starts a scheduler and workers as the guide does, each a process of its own."""
    file = folder / f"scheduler-{workers}.json"
    options = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
    with contextlib.ExitStack() as opened:

        def start(program: str, *more: str) -> int:
            command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *options, *more]
            process = opened.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            opened.callback(process.terminate)
            return process.pid

        scheduler = start("scheduler", "--port", "0")
        while not file.exists():
            time.sleep(0.1)
        started = [start("worker", "--nthreads", "1", "--no-nanny") for _ in range(workers)]
        address: str = json.loads(file.read_text())["address"]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        check = opened.enter_context(checking_on(address))
        yield Cluster(check, scheduler, started)


def main(events: int) -> None:
    """Measures one and two workers in turn, and the pass alone."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as opened:
        folder, trust = make_archive(Path(name), events)
        one, two = (
            opened.enter_context(running_cluster(Path(name), workers)) for workers in (1, 2)
        )
        ready = Ready()
        verify(folder, trust, ready.collect)
        alone: list[float] = []
        for _ in range(TURNS + 1):
            for cluster in (one, two):
                cluster.measure(functools.partial(verify, folder, trust))
            start = time.process_time()
            verify(folder, trust, ready.check)
            alone.append(time.process_time() - start)
    # The first round loads the program on the workers.
    parts = [
        median(times[1:]) / events * 1e6 for times in (one.program, one.scheduling, one.checking)
    ]
    program, scheduling, checking = parts
    gains = [first / second for first, second in zip(one.wall[1:], two.wall[1:], strict=True)]
    limits = {n: max(program, scheduling, checking / n) for n in (1, 2, 4)}
    report(
        "cluster",
        [
            ("program, processor time", program, "µs per event"),
            ("of it, the pass", median(alone[1:]) / events * 1e6, "µs per event"),
            ("scheduler, processor time", scheduling, "µs per event"),
            ("workers, processor time", checking, "µs per event"),
            ("speed-up from 1 worker to 2, at most", limits[1] / limits[2], ""),
            ("speed-up from 1 worker to 4, at most", limits[1] / limits[4], ""),
            ("speed-up from 1 worker to 2, wall time", median(gains), ""),
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
