"""Verifying a whole archive against bare Ed25519, and the memory that it takes for each item.

Bare verification is the signatures of the same events, read and split beforehand, over as many
processes as there are cores. Both take turns on one archive, and the ratio is the median over the
turns. Memory is the peak of the process that folds, measured in a process of its own; what an item
costs is the slope between two archives of one ledger, and beside it all that was added over what
importing takes, spread over the items.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from benchmarks.workload import LOG, ORIGIN, Plant, clocked, import_draft, median, report
from traceledger.events.draft import Draft
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, load_jwk
from traceledger.events.token import Event, parse_token
from traceledger.formats.archive import entries_path
from traceledger.formats.note import NoteVerifier
from traceledger.formats.policy import parse_policy
from traceledger.formats.seal import is_seal
from traceledger.formats.trust import TrustFile, format_trust, parse_trust
from traceledger.formats.vkey import format_vkey
from traceledger.ledger.export import export_archive
from traceledger.ledger.history import Reader
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.verdict import ArchiveVerdict

FEW, MANY = 25_000, 100_000  # items
BATCH = 250  # items in a request; 4 events each for the few, 1 for the others
TURNS = 3
CORES = os.cpu_count() or 1
CUSTOMS = Reader(roles=frozenset({"customs"}))

_STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("receive", {"result": "ok", "condition": "as removed, complete"}),
    ("inspect", {"grade": "A"}),
    ("clean", {"method": "ultrasonic", "duration_s": 420, "residue_kg": "0.004"}),
)


def make_archives(directory: Path) -> tuple[Path, Path]:
    """An archive of the few items that were worked on, and one with the many on top."""
    plant = Plant.found(directory)
    for start in range(0, FEW, BATCH):
        imported = [import_draft(f"{number:012}") for number in range(start, start + BATCH)]
        worked = [
            Draft(kind=kind, item=draft.item, data=data)
            for kind, data in _STEPS
            for draft in imported
        ]
        plant.ledger.append(plant.sign([*imported, *worked]))
        plant.ledger.publish()
    few, many = directory / "few", directory / "many"
    export_archive(plant.ledger, few, CUSTOMS)
    for start in range(FEW, MANY, 4 * BATCH):
        imported = [import_draft(f"{number:012}") for number in range(start, start + 4 * BATCH)]
        plant.ledger.append(plant.sign(imported))
        plant.ledger.publish()
    export_archive(plant.ledger, many, CUSTOMS)
    plant.ledger.close()
    return few, many


def make_trust(directory: Path, log: NoteVerifier, founding: bytes) -> Path:
    """The trust file of the ledger, which asks for no witness."""
    text = f"log {format_vkey(log)}\nquorum none\n"
    trust = TrustFile(
        origin=ORIGIN,
        founding=encode_base64url(leaf_hash(founding)),
        policy_text=text,
        policy=parse_policy(text.encode()),
        customs=(),
        items=("8004/9521234",),
        max_age=86_400,
    )
    path = directory / "trust.json"
    path.write_bytes(format_trust(trust))
    return path


def audit(folder: Path, trust: Path, workers: int = CORES) -> ArchiveVerdict:
    """Verifies an archive and asserts that nothing is wrong with it."""
    verdict = verify_archive(
        FolderSource(folder),
        parse_trust(trust.read_bytes()),
        now=int(time.time()),
        workers=workers,
    )
    if verdict.codes != ("quorum.none", "replay.missing"):
        raise SystemExit(f"the archive is not what it should be: {verdict.codes}")
    return verdict


Signed = tuple[bytes, bytes]


def read_signed(folder: Path, bundles: range) -> tuple[bytes, list[Signed]]:
    """The key of the station, as a JWK, and what it signed in these bundles."""
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
    """Verifies signatures and does nothing else."""
    key = load_jwk(msgspec.json.decode(jwk, type=Jwk))
    for message, signature in signed:
        key.verify(message, signature)


def measure_rate(folder: Path, trust: Path) -> list[tuple[str, float, str]]:
    """Bare verification and the audit take turns; microseconds an event on all cores."""
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
            if turn:  # the first turn starts the processes
                times["bare"].append(bare / len(signed) * 1e6)
                times["audit"].append(spent / events * 1e6)
    ratios = [bare / spent for bare, spent in zip(times["bare"], times["audit"], strict=True)]
    return [
        ("bare verification, all cores", median(times["bare"]), "µs an event"),
        ("archive verification, all cores", median(times["audit"]), "µs an event"),
        ("ratio to bare verification", median(ratios), "(bar 0.7, aim 0.8)"),
        ("the best turn's ratio", max(ratios), ""),
    ]


def measure_memory(few: Path, many: Path, trust: Path) -> list[tuple[str, float, str]]:
    """The peak of the folding process for both archives."""
    start, small, large = (_peak(folder, trust) for folder in (None, few, many))
    return [
        (f"peak memory, {FEW:,} items", small / 1e6, "MB"),
        (f"peak memory, {MANY:,} items", large / 1e6, "MB"),
        ("memory for each further item", (large - small) / (MANY - FEW), "bytes (bar 400)"),
        ("memory over what importing takes", (large - start) / MANY, "bytes an item"),
    ]


def _peak(folder: Path | None, trust: Path) -> int:
    """The peak of a process that verifies the archive, or that only imports what it needs."""
    run = subprocess.run(
        [sys.executable, __file__, "peak", str(trust), *([str(folder)] if folder else [])],
        check=True,
        capture_output=True,
    )
    return int(run.stdout)


def _own_peak() -> int:
    """This process's largest resident size so far, in bytes.

    Not what getrusage says: that begins with the size of the process this one was started from.
    """
    status = Path("/proc/self/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise SystemExit("the peak of a process's memory is known on Linux only")
    return 1024 * int(found[1])


def main() -> None:
    """Measures rate and memory."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        few, many = make_archives(directory)
        first = parse_bundle((few / entries_path(0, 256)).read_bytes(), 256)[0]
        trust = make_trust(directory, LOG.verifier, first)
        rows = [*measure_rate(many, trust), *measure_memory(few, many, trust)]
        rows.append((f"events of {MANY:,} items", 3.0 * FEW + MANY, ""))
    report("archive", rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        for place in sys.argv[3:]:
            audit(Path(place), Path(sys.argv[2]))
        print(_own_peak())
    else:
        main()
