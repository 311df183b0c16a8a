"""Verification of an archive: every byte of a whole ledger, on all cores, resumable.

A checker verifies bundles in worker processes. One pass over their facts, in log order, replays the
rules, the map of latest heads, the seals and the tree, and feeds every fold. Everything outside the
log is compared with it: every tile, every published checkpoint, every disclosure. Files that do not
belong to this tree are not read.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from traceledger.errors import MalformedError, NotFoundError, VerificationError
from traceledger.formats.archive import CHECKPOINT
from traceledger.formats.trust import TrustFile
from traceledger.verify.archive.checkpoints import check_log_key, read_note, without_proven
from traceledger.verify.archive.growth import check_extends, check_not_older
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.archive.verification import Folds, Verification
from traceledger.verify.archive.workers import CheckBundles, check_all
from traceledger.verify.scratch.scratch import Scratch

__all__ = ["verify_archive"]

_KEEP_EVERY = 200  # bundles between two commits of the scratch file


def verify_archive(
    source: ArchiveSource,
    trust: TrustFile,
    *,
    now: int,
    workers: int = 1,
    check: CheckBundles | None = None,
    scratch: Path | None = None,
    at_least: bytes | None = None,
    first_use: bool = False,
    folds: Folds = MappingProxyType({}),
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> ArchiveVerdict:
    """Verifies a whole archive against a trust file.

    `check` checks the bundles; by default, that many `workers` on this machine do. `scratch` is a
    file from which a run resumes a stopped run without verifying its entries again. `at_least` is
    the note of a checkpoint that the auditor already has and that this ledger must extend. `folds`
    are computed in the same pass and resume with it. `on_progress` receives the number of entries
    done and the total. `now` is in seconds since 1970.

    Raises VerificationError at the first sign of dishonesty or damage, naming file, entry and
    event. Illegal events do not stop the verification: they are listed, and the result is refused.
    Raises UsageError `archive.scratch` for a scratch file from which the run cannot resume, and
    StorageError `archive.scratch` or `archive.worker` when the machine fails.
    """
    try:
        note = read_note(source, CHECKPOINT, trust)
        size = note.opened.checkpoint.size
        check_log_key(note, without_proven(trust, size), CHECKPOINT)
        if at_least is not None:
            check_not_older(size, at_least, trust)
        with closing(Scratch(scratch)) as store, store.failing():
            run = Verification(source, trust, note, store, folds)
            last = run.checker.bundles - 1
            try:
                checking = check or functools.partial(check_all, workers=workers)
                for facts in checking(run.checker, run.done, run.keys):
                    run.take(facts)
                    if run.done % _KEEP_EVERY == 0 or run.done == last:
                        run.keep()
                    on_progress(run.size, size)
            except BaseException:
                run.keep()
                raise
            verdict = run.finish(now, first_use=first_use)
        if at_least is not None:
            held = check_extends(source, size, at_least, trust)
            verdict = replace(verdict, at_least=held.size)
    except (MalformedError, NotFoundError) as error:
        raise VerificationError(error.code, error.message, where=error.where) from error
    return verdict
