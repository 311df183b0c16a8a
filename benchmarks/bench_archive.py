"""Verifying a whole archive against bare Ed25519, and the memory per item.

Bare verification is the signatures of the same events, read and split beforehand, over as many
processes as there are cores. Both alternate on one archive, and the ratio is the median over the
rounds. Memory is the peak of the process that folds, measured in a process of its own. The cost of
an item is the slope between two archives of one ledger; in addition, all memory beyond that of the
imports is divided by the number of items.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from benchmarks.openssl import with_openssl
from benchmarks.reporting import clocked, median, own_peak, report
from traceledger.events.keys import Jwk, load_jwk
from traceledger.events.token import Event, parse_token
from traceledger.formats.archive import entries_path
from traceledger.formats.seal import is_seal
from traceledger.formats.trust import parse_trust
from traceledger.merkle.bundles import parse_bundle
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.verdict import ArchiveVerdict

FEW, MANY = 25_000, 100_000  # items, as in `benchmarks.archives`
TURNS = 3
CORES = os.cpu_count() or 1


def audit(folder: Path, trust: Path, workers: int = CORES) -> ArchiveVerdict:
    """Verifies an archive and asserts that nothing is wrong with it."""
    verdict = verify_archive(
        FolderSource(folder),
        parse_trust(trust.read_bytes()),
        now=int(time.time()),
        workers=workers,
    )
    if verdict.codes != ("quorum.none", "replay.missing"):
        raise SystemExit(f"the archive has unexpected codes: {verdict.codes}")
    return verdict


Signed = tuple[bytes, bytes]


def read_signed(folder: Path, bundles: range) -> tuple[bytes, list[Signed]]:
    """Returns the station's key as a JWK, and what it signed in these bundles."""
    events = [event for number in bundles for event in _events(folder, number)]
    kid = events[0].kid
    for event in _events(folder, 0):
        if event.payload.sub == f"key/{kid}":
            return msgspec.json.encode(event.data.jwk), [(e.signed, e.signature) for e in events]
    raise SystemExit("the station's key is not in the first bundle")


def _events(folder: Path, number: int) -> Iterator[Event]:
    data = (folder / entries_path(number, 256)).read_bytes()
    for entry in parse_bundle(data, 256):
        if not is_seal(entry):
            yield parse_token(entry)


def verify_signed(jwk: bytes, signed: Sequence[Signed]) -> None:
    """Verifies signatures with OpenSSL and nothing else."""
    key = with_openssl(load_jwk(msgspec.json.decode(jwk, type=Jwk)))
    for message, signature in signed:
        key.verify(message, signature)


def measure_rate(folder: Path, trust: Path) -> list[tuple[str, float, str]]:
    """Alternates bare verification and the audit; microseconds per event on all cores."""
    jwk, signed = read_signed(folder, range(1, 1 + 40 * CORES))
    parts = [signed[start::CORES] for start in range(CORES)]
    times: dict[str, list[float]] = {"bare": [], "audit": []}
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        for turn in range(TURNS + 1):
            bare = clocked(lambda: list(pool.map(verify_signed, [jwk] * CORES, parts)))
            events = 0

            def whole() -> None:
                nonlocal events
                events = audit(folder, trust).counts.events

            spent = clocked(whole)
            if turn:  # the first round starts the processes
                times["bare"].append(bare / len(signed) * 1e6)
                times["audit"].append(spent / events * 1e6)
    ratios = [bare / spent for bare, spent in zip(times["bare"], times["audit"], strict=True)]
    return [
        ("bare verification, all cores", median(times["bare"]), "µs per event"),
        ("archive verification, all cores", median(times["audit"]), "µs per event"),
        ("ratio to bare verification", median(ratios), "(bar 0.7; with libsodium 1.0)"),
        ("ratio of the best round", max(ratios), ""),
    ]


def measure_memory(few: Path, many: Path, trust: Path) -> list[tuple[str, float, str]]:
    """Measures the peak of the folding process for both archives."""
    start, small, large = (_peak(folder, trust) for folder in (None, few, many))
    return [
        (f"peak memory, {FEW:,} items", small / 1e6, "MB"),
        (f"peak memory, {MANY:,} items", large / 1e6, "MB"),
        ("memory per additional item", (large - small) / (MANY - FEW), "bytes (bar 400)"),
        ("memory beyond that of the imports", (large - start) / MANY, "bytes per item"),
    ]


def _peak(folder: Path | None, trust: Path) -> int:
    """Returns the peak of a process that verifies the archive, or only imports what it needs."""
    run = subprocess.run(
        [sys.executable, __file__, "peak", str(trust), *([str(folder)] if folder else [])],
        check=True,
        capture_output=True,
    )
    return int(run.stdout)


def main() -> None:
    """Measures rate and memory."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        subprocess.run([sys.executable, "-m", "benchmarks.archives", name], check=True)
        few, many, trust = directory / "few", directory / "many", directory / "trust.json"
        rows = [*measure_rate(many, trust), *measure_memory(few, many, trust)]
        rows.append((f"events of {MANY:,} items", 3.0 * FEW + MANY, ""))
    report("archive", rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        for place in sys.argv[3:]:
            audit(Path(place), Path(sys.argv[2]))
        print(own_peak())
    else:
        main()
