"""The account of a whole archive beside its verification alone: time, ratio and memory per item.

The archive is that of a demo: `bench_audit.py --cores N` chooses its size, about 18 events a core;
56,000 cores are a million events. Both run with one worker, each in a process of its own, and
alternate. Time is that of the processor, so that other programs do not count; the ratio is the
median over the rounds. Memory is the difference between the peaks.
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

CORES = 480
TURNS = 3
ARCHIVE, TRUST = "demo/archive", "demo/trust.json"


def run(folder: Path, *, with_account: bool) -> dict[str, float]:
    """Verifies the archive in this process; returns seconds, peak bytes, events and items."""
    trust = parse_trust((folder / TRUST).read_bytes())
    fold = AccountFold(Scope(), trust.customs)
    folds: Folds = {"account": fold} if with_account else {}
    found: dict[str, Any] = {}

    def work() -> None:
        source = FolderSource(folder / ARCHIVE)
        verdict = verify_archive(source, trust, now=int(time.time()), workers=1, folds=folds)
        found.update(events=verdict.counts.events, items=verdict.counts.items)
        if with_account:
            fold.finish()

    start = time.process_time()
    work()
    return {"seconds": time.process_time() - start, "peak": own_peak(), **found}


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """Alternates both; the first round warms the disk's cache."""
    plain: list[dict[str, float]] = []
    audit: list[dict[str, float]] = []
    for turn in range(TURNS + 1):
        both = _start(folder, "verify"), _start(folder, "audit")
        if turn:
            plain.append(both[0])
            audit.append(both[1])
    ratios = [
        with_account["seconds"] / alone["seconds"]
        for alone, with_account in zip(plain, audit, strict=True)
    ]
    events, items = audit[0]["events"], audit[0]["items"]
    peaks = [median([one["peak"] for one in runs]) for runs in (plain, audit)]
    return [
        ("events", events, ""),
        ("items", items, ""),
        ("verification, one process", median([one["seconds"] for one in plain]), "s"),
        ("account and verification, one process", median([one["seconds"] for one in audit]), "s"),
        ("ratio", median(ratios), "(bar 1.15)"),
        ("ratio of the best round", min(ratios), ""),
        ("memory of the account per item", (peaks[1] - peaks[0]) / items, "bytes (bar 600)"),
    ]


def _start(folder: Path, kind: str) -> dict[str, float]:
    command = [sys.executable, __file__, kind, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def main() -> None:
    """Makes a demo and measures."""
    options = argparse.ArgumentParser()
    options.add_argument("--cores", type=int, default=CORES, help="cores of the demo")
    cores = options.parse_args().cores
    with tempfile.TemporaryDirectory() as name:
        program = Path(sys.prefix, "bin", "traceledger")
        command = [str(program), "demo", "demo", "--cores", str(cores), "--seed", "1", "--json"]
        subprocess.run(command, cwd=name, check=True, capture_output=True)
        report("audit", measure(Path(name)))


if __name__ == "__main__":
    if sys.argv[1:2] in (["verify"], ["audit"]):
        print(json.dumps(run(Path(sys.argv[2]), with_account=sys.argv[1] == "audit")))
    else:
        main()
