"""What `traceledger verify` does with archives."""

from __future__ import annotations

import os
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from traceledger.errors import UsageError, VerificationError
from traceledger.formats.archive import CHECKPOINT, TRUST
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note
from traceledger.formats.trust import MAX_TRUST, TrustFile, parse_trust
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.growth import Evidence, prove_fork
from traceledger.verify.archive.source import ArchiveSource, open_source
from traceledger.verify.archive.verdict import describe_archive
from traceledger_cli.exits import FINE, INCOMPLETE, REFUSED
from traceledger_cli.options.files import STANDARD, read_input
from traceledger_cli.options.trust_store import find_trust
from traceledger_cli.output import Output
from traceledger_cli.progress import progress
from traceledger_cli.texts.archive_verdict import (
    say_archive,
    say_damage,
    say_fork,
    say_not_compared,
)

__all__ = ["VERDICTS", "Auditing", "audit", "is_archive", "show_fork"]

VERDICTS = {"verified": FINE, "incomplete": INCOMPLETE, "refused": REFUSED}
"""The exit code of each result."""


@dataclass(frozen=True, slots=True)
class Auditing:
    """How an archive is to be verified; the options of the command."""

    path: Path
    trust: Path | None
    first_use: bool
    workers: int | None
    scratch: Path | None
    at_least: Path | None


def is_archive(path: Path) -> bool:
    """Tells whether a path is meant as an archive: a directory or a zip."""
    # A pipe would block `is_zipfile`.
    return path != STANDARD and (path.is_dir() or (path.is_file() and zipfile.is_zipfile(path)))


def audit(wanted: Auditing, out: Output) -> int:
    """Verifies an archive, says what was found, and returns the exit code."""
    held = read_input(wanted.at_least) if wanted.at_least else None
    try:
        source = open_source(wanted.path)
        trust, own = _find_trust(source, wanted)
        with progress("Verifying", _claimed(source).size) as step:
            verdict = verify_archive(
                source,
                trust,
                now=int(time.time()),
                workers=wanted.workers or len(os.sched_getaffinity(0)),
                scratch=wanted.scratch,
                at_least=held,
                first_use=own,
                on_progress=lambda done, _all: step(done),
            )
    except VerificationError as error:
        out.result(describe_archive(error), say_damage(error, wanted.path))
        return REFUSED
    out.result(describe_archive(verdict), say_archive(verdict))
    return VERDICTS[verdict.result]


def show_fork(paths: tuple[Path, Path], trust: Path | None, out: Output) -> int:
    """Shows that two archives, or an archive and a checkpoint, contradict each other."""
    one, other = map(_read_evidence, paths)
    data = read_input(trust) if trust else find_trust(_claimed(one).origin)
    try:
        fork = prove_fork(one, other, parse_trust(data))
    except UsageError as error:
        if error.code != "archive.not-compared":
            raise
        described = {**describe_archive(error), "result": "incomplete"}
        out.result(described, say_not_compared(error))
        return INCOMPLETE
    roots = [root.hex() for root in fork.roots]
    proven = {"result": "fork", "origin": fork.origin, "size": fork.size, "roots": roots}
    out.result(proven, say_fork(fork))
    return REFUSED


def _find_trust(source: ArchiveSource, wanted: Auditing) -> tuple[TrustFile, bool]:
    """The trust file, and whether it is the ledger's own, which then vouches for itself.

    The one inside the archive is never taken for another, and only on demand.
    """
    path = wanted.trust
    if path is not None:
        own = path != STANDARD and path.resolve().is_relative_to(wanted.path.resolve())
        return parse_trust(read_input(path)), own or wanted.first_use
    if wanted.first_use:
        return parse_trust(source.read(TRUST, MAX_TRUST)), True
    return parse_trust(find_trust(_claimed(source).origin)), False


def _claimed(evidence: Evidence) -> Checkpoint:
    """What the newest checkpoint says, before anything is verified."""
    note = evidence if isinstance(evidence, bytes) else evidence.read(CHECKPOINT, MAX_NOTE_SIZE)
    return parse_checkpoint(parse_note(note).text)


def _read_evidence(path: Path) -> Evidence:
    """An archive, or the note of a checkpoint."""
    if is_archive(path):
        return open_source(path)
    return read_input(path)
