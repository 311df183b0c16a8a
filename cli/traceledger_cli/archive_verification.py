"""Verifying archives and proving forks for `traceledger verify`."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.files.installation import find_installation
from traceledger.files.system import count_cores
from traceledger.formats.archive import CHECKPOINT, TRUST
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note
from traceledger.formats.trust import MAX_TRUST, TrustFile, parse_trust
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.growth import Evidence, prove_fork
from traceledger.verify.archive.source import ArchiveSource, open_source
from traceledger.verify.archive.verdict import ArchiveVerdict, describe_archive
from traceledger.verify.archive.verification import Folds
from traceledger.verify.archive.workers import CheckBundles
from traceledger_cli.exits import INCOMPLETE, REFUSED, SUCCESS
from traceledger_cli.extras import load
from traceledger_cli.options.files import STANDARD, read_input
from traceledger_cli.options.trust_store import find_trust, read_trust
from traceledger_cli.output import Output
from traceledger_cli.progress import progress
from traceledger_cli.texts.archive_verdict import (
    render_archive,
    render_damage,
    render_fork,
    render_not_compared,
)

__all__ = [
    "VERDICTS",
    "AuditOptions",
    "audit",
    "claimed_checkpoint",
    "is_archive",
    "report_damage",
    "show_fork",
    "verify_source",
]

VERDICTS = {"verified": SUCCESS, "incomplete": INCOMPLETE, "refused": REFUSED}
"""The exit code of each result."""


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The command's options for verifying an archive."""

    path: Path
    trust: Path | None
    first_use: bool
    workers: int | None
    scratch: Path | None
    at_least: Path | None
    cluster: str | None = None


def is_archive(path: Path) -> bool:
    """Reports whether a path is an archive: a directory or a zip."""
    # A pipe would block `is_zipfile`.
    return path != STANDARD and (path.is_dir() or (path.is_file() and zipfile.is_zipfile(path)))


def audit(options: AuditOptions, out: Output) -> int:
    """Verifies an archive, writes the result and returns the exit code."""
    try:
        verdict = verify_source(open_source(options.path), options, out)
    except VerificationError as error:
        return report_damage(error, options.path, out)
    out.result(describe_archive(verdict), render_archive(verdict))
    return VERDICTS[verdict.result]


def verify_source(
    source: ArchiveSource,
    options: AuditOptions,
    out: Output,
    make_folds: Callable[[TrustFile], Folds] = lambda _trust: {},
) -> ArchiveVerdict:
    """Verifies an archive with a progress bar; `make_folds` makes the folds that ride on it.

    Raises VerificationError when the archive is dishonest or damaged.
    """
    program = find_installation()
    out.note(
        f"Verifying with {program.distribution} {program.version}, SHA-256 of its files"
        f" {program.digest}."
    )
    held = _read_held(options.at_least) if options.at_least else None
    trust, own = _find_trust(source, options)
    size = claimed_checkpoint(source).size
    with _checking(options.cluster) as check, progress("Verifying", size) as step:
        return verify_archive(
            source,
            trust,
            now=int(time.time()),
            workers=options.workers or count_cores(),
            check=check,
            scratch=options.scratch,
            at_least=held,
            first_use=own,
            folds=make_folds(trust),
            on_progress=lambda done, _all: step(done),
        )


def _checking(cluster: str | None) -> AbstractContextManager[CheckBundles | None]:
    """Connects to the cluster that checks the bundles; None is this machine."""
    if cluster is None:
        return nullcontext()
    module = load("traceledger.cluster.checking", "--dask")
    connected: AbstractContextManager[CheckBundles] = module.checking_on(cluster)
    return connected


def report_damage(error: VerificationError, path: Path, out: Output) -> int:
    """Writes why an archive is refused; returns the exit code."""
    out.result(describe_archive(error), render_damage(error, path))
    return REFUSED


def show_fork(paths: tuple[Path, Path], trust: Path | None, out: Output) -> int:
    """Proves that two archives, or an archive and a checkpoint, contradict each other."""
    first, second = map(_read_evidence, paths)
    trusted = (
        read_trust(trust) if trust else parse_trust(find_trust(claimed_checkpoint(first).origin))
    )
    try:
        fork = prove_fork(first, second, trusted)
    except UsageError as error:
        if error.code != "archive.not-compared":
            raise
        described = {**describe_archive(error), "result": "incomplete"}
        out.result(described, render_not_compared(error))
        return INCOMPLETE
    roots = [root.hex() for root in fork.roots]
    proven = {"result": "fork", "origin": fork.origin, "size": fork.size, "roots": roots}
    out.result(proven, render_fork(fork))
    return REFUSED


def _find_trust(source: ArchiveSource, options: AuditOptions) -> tuple[TrustFile, bool]:
    """The trust file, and whether it came from the ledger itself.

    The archive's own trust file is used only with `--first-use`, and never counts as independent.
    """
    path = options.trust
    if path is not None:
        own = path != STANDARD and path.resolve().is_relative_to(options.path.resolve())
        return read_trust(path), own or options.first_use
    if options.first_use:
        return parse_trust(source.read(TRUST, MAX_TRUST)), True
    return parse_trust(find_trust(claimed_checkpoint(source).origin)), False


def _read_held(path: Path) -> bytes:
    """Reads the auditor's own checkpoint; raises MalformedError if it cannot be read."""
    note = read_input(path)
    try:
        parse_checkpoint(parse_note(note).text)
    except MalformedError as error:
        raise error.at(str(path)) from error
    return note


def claimed_checkpoint(evidence: Evidence) -> Checkpoint:
    """The newest checkpoint as written, before anything is verified."""
    note = evidence if isinstance(evidence, bytes) else evidence.read(CHECKPOINT, MAX_NOTE_SIZE)
    return parse_checkpoint(parse_note(note).text)


def _read_evidence(path: Path) -> Evidence:
    """An archive, or the note of a checkpoint."""
    if is_archive(path):
        return open_source(path)
    return read_input(path)
