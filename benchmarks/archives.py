"""Archives to verify: `python -m benchmarks.archives FOLDER` writes `few`, `many` and `trust.json`.

Runs in a process of its own, so that the verifying process loads only the verifier.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.workload import LOG, ORIGIN, Plant, import_draft
from traceledger.events.draft import Draft
from traceledger.events.encoding import encode_base64url
from traceledger.formats.archive import entries_path
from traceledger.formats.note import NoteVerifier
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import TrustFile, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.ledger.reading.archives import export_archive
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.views.history import Reader

FEW, MANY = 25_000, 100_000  # items
BATCH = 250  # items per request; 4 events each for the few, 1 for the others
CUSTOMS = Reader(roles=frozenset({"customs"}))

_STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("receive", {"result": "ok", "condition": "as removed, complete"}),
    ("inspect", {"grade": "A"}),
    ("clean", {"method": "ultrasonic", "duration_s": 420, "residue_kg": "0.004"}),
)


def make_archives(directory: Path) -> tuple[Path, Path]:
    """Exports an archive of the few items with work on them, and one with the many as well."""
    plant = Plant.found(directory / "ledger.db")
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
    """Writes the trust file of the ledger, which requires no witness."""
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


def main(directory: Path) -> None:
    """Writes the archives and the trust file."""
    few, _ = make_archives(directory)
    first = parse_bundle((few / entries_path(0, 256)).read_bytes(), 256)[0]
    make_trust(directory, LOG.verifier, first)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
