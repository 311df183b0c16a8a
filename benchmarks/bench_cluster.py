"""Verifying an archive on a Dask cluster of this machine: from one worker process to two.

The clusters alternate on one archive, and the ratio is the median over the rounds. The pass that
replays the log stays in the program's own process, so more workers speed up only what they check;
its share is measured by a pass over facts that are ready. A number in the command line replaces
the number of events.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from distributed import LocalCluster

from benchmarks.archives import CUSTOMS, make_trust
from benchmarks.reporting import clocked, median, report
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

EVENTS = 60_000
BATCH = 1_000
TURNS = 3


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


def main(events: int) -> None:
    """Measures one and two workers in turn, and the pass alone."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as opened:
        folder, trust = make_archive(Path(name), events)
        checks: dict[int, CheckBundles] = {}
        for workers in (1, 2):
            cluster = opened.enter_context(
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                )
            )
            checks[workers] = opened.enter_context(checking_on(cluster.scheduler_address))
        ready = Ready()
        verify(folder, trust, ready.collect)
        times: dict[int, list[float]] = {1: [], 2: []}
        alone: list[float] = []
        for turn in range(TURNS + 1):
            spent = {
                workers: clocked(functools.partial(verify, folder, trust, check))
                for workers, check in checks.items()
            }
            passed = clocked(functools.partial(verify, folder, trust, ready.check))
            if turn:  # the first round loads the program on the workers
                alone.append(passed)
                for workers, seconds in spent.items():
                    times[workers].append(seconds)
        gains = [one / two for one, two in zip(times[1], times[2], strict=True)]
    report(
        "cluster",
        [
            ("one worker", median(times[1]) / events * 1e6, "µs per event"),
            ("two workers", median(times[2]) / events * 1e6, "µs per event"),
            ("the pass alone", median(alone) / events * 1e6, "µs per event"),
            ("speed-up from one worker to two", median(gains), ""),
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
