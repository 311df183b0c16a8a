"""The account of a whole archive beside its verification alone: time, ratio and memory per item.

The archives are those of `benchmarks.shipments`, about 18 events a core; `--cores N` chooses the
size of the larger: 56,000 cores are a million events. Both run with one worker, each in a process
of its own, and alternate. Time is that of the processor, so that other programs do not count; the
ratio is the median over the rounds. Memory is the peak beyond that of the verification; its cost
per item is the slope between the two archives.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.reporting import median, own_peak, report
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.formats.trust import parse_trust
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.verification import Folds

FEW, MANY = 480, 3_000  # cores
TURNS = 3


def run(folder: Path, *, with_account: bool) -> dict[str, float]:
    """Verifies the archive in this process; returns seconds, peak bytes, events and items."""
    trust = parse_trust((folder / "trust.json").read_bytes())
    fold = AccountFold(Scope(), trust.customs)
    folds: Folds = {"account": fold} if with_account else {}
    found: dict[str, Any] = {}

    def work() -> None:
        source = FolderSource(folder / "archive")
        verdict = verify_archive(source, trust, now=int(time.time()), workers=1, folds=folds)
        found.update(events=verdict.counts.events, items=verdict.counts.items)
        if with_account:
            fold.finish()

    start = time.process_time()
    work()
    return {"seconds": time.process_time() - start, "peak": own_peak(), **found}


def measure(few: Path, many: Path) -> list[tuple[str, float, str]]:
    """Alternates both on the larger archive; the first round warms the disk's cache."""
    plain: list[dict[str, float]] = []
    audit: list[dict[str, float]] = []
    for turn in range(TURNS + 1):
        both = _start(many, "verify"), _start(many, "audit")
        if turn:
            plain.append(both[0])
            audit.append(both[1])
    ratios = [
        with_account["seconds"] / alone["seconds"]
        for alone, with_account in zip(plain, audit, strict=True)
    ]
    small, small_audit = _start(few, "verify"), _start(few, "audit")
    items = audit[0]["items"]
    peaks = [median([one["peak"] for one in runs]) for runs in (plain, audit)]
    beyond, small_beyond = peaks[1] - peaks[0], small_audit["peak"] - small["peak"]
    slope = (beyond - small_beyond) / (items - small["items"])
    return [
        ("events", audit[0]["events"], ""),
        ("items", items, ""),
        ("verification, one process", median([one["seconds"] for one in plain]), "s"),
        ("account and verification, one process", median([one["seconds"] for one in audit]), "s"),
        ("ratio", median(ratios), "(bar 1.15)"),
        ("ratio of the best round", min(ratios), ""),
        ("memory of the account", beyond / 1e6, "MB"),
        ("memory of the account per additional item", slope, "bytes (bar 600)"),
    ]


def _start(folder: Path, kind: str) -> dict[str, float]:
    command = [sys.executable, __file__, kind, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def main() -> None:
    """Writes both archives and measures."""
    options = argparse.ArgumentParser()
    options.add_argument("--cores", type=int, default=MANY, help="cores of the larger archive")
    cores = options.parse_args().cores
    with tempfile.TemporaryDirectory() as name:
        folders = []
        for count in (FEW, cores):
            folder = Path(name, str(count))
            folder.mkdir()
            command = [sys.executable, "-m", "benchmarks.shipments", str(folder), str(count)]
            subprocess.run(command, check=True)
            folders.append(folder)
        report("audit", measure(*folders))


if __name__ == "__main__":
    if sys.argv[1:2] in (["verify"], ["audit"]):
        print(json.dumps(run(Path(sys.argv[2]), with_account=sys.argv[1] == "audit")))
    else:
        main()
