"""What `traceledger audit`, `writeoff` and `confirm-writeoff` share to compute an account."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from traceledger.audit.ahead import Recomputed, Report, look_ahead
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.errors import MalformedError, NotFoundError, UsageError
from traceledger.formats.archive import CHECKPOINTS, MAX_BUNDLE, entries_path
from traceledger.formats.trust import TrustFile
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.tiles import bundles_of
from traceledger.verify.archive.source import ArchiveSource, open_source
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.archive.verification import Folds
from traceledger.views.history import CUSTOMS
from traceledger_cli.archive_verification import (
    AuditOptions,
    claimed_checkpoint,
    is_archive,
    verify_source,
)
from traceledger_cli.extras import load
from traceledger_cli.options.archive import is_exported
from traceledger_cli.output import Output

__all__ = [
    "Computed",
    "check_sizes",
    "compute_account",
    "newest_size",
    "open_account",
    "read_bodies",
]


class Computed(NamedTuple):
    """The verdict of a verification, and the account: as JSON, and the fold that computed it."""

    verdict: ArchiveVerdict
    account: dict[str, Any]
    fold: AccountFold

    @property
    def reports(self) -> dict[str, list[Recomputed]]:
        """The recomputed reports by name."""
        return self.fold.state.reports


@contextmanager
def open_account(path: Path) -> Iterator[ArchiveSource]:
    """Opens an archive; that of a ledger's folder is written to a temporary folder first."""
    if not path.is_dir() or is_exported(path):
        if not is_archive(path):
            raise UsageError(
                "usage.option",
                f"{path} is neither an archive nor a ledger's folder",
                hint="Name one of them; `traceledger mirror` copies the ledger of a server.",
            )
        yield open_source(path)
        return
    home = load("traceledger.ledger.keeping.home", "a ledger's folder").Home.open(path)
    archives = load("traceledger.ledger.reading.archives", "a ledger's folder")
    with tempfile.TemporaryDirectory(prefix="traceledger-audit-") as folder:
        target = Path(folder) / "archive"
        ledger = home.read(time.time)
        try:
            archives.export_archive(ledger, target, CUSTOMS)
        finally:
            ledger.close()
        yield open_source(target)


def newest_size(source: ArchiveSource) -> int:
    """Returns the size of the archive's newest checkpoint, before anything is verified."""
    return claimed_checkpoint(source).size


def compute_account(
    source: ArchiveSource,
    scope: Scope,
    options: AuditOptions,
    out: Output,
    *,
    also: frozenset[Report] = frozenset(),
) -> Computed:
    """Verifies an archive and computes the account in the same pass.

    The reports in the archive are recomputed, and those in `also`, which may be newer. Raises
    UsageError `usage.option` for a period that is not between published sizes, NotFoundError
    `item.unknown` for an unknown book, and VerificationError for an archive that is refused.
    """
    folds: list[AccountFold] = []
    # The start comes from the log, and the count that opens a book is at no published size.
    check_sizes(source, replace(scope, start=1))
    ahead = look_ahead(read_bodies(source))
    ahead = ahead._replace(reports=ahead.reports | also)

    def make_folds(trusted: TrustFile) -> Folds:
        folds.append(AccountFold(scope, trusted.customs, ahead=ahead))
        return {"account": folds[0]}

    verdict = verify_source(source, options, out, make_folds)
    account = folds[0].finish()
    if scope.book and not account["books"]:
        raise NotFoundError("item.unknown", f"this ledger has no {scope.book} up to that size")
    return Computed(verdict, account, folds[0])


def check_sizes(source: ArchiveSource, scope: Scope) -> None:
    """Checks that a period begins and ends at published sizes; raises UsageError `usage.option`."""
    size = newest_size(source)
    published = {int(name) for name in source.names(CHECKPOINTS) if name.isdecimal()}
    for option, given in (("--from", scope.start), ("--to", scope.end)):
        if given is None or given in {1, size} or given in published:
            continue
        near = min(published, key=lambda known: abs(known - given), default=size)
        raise UsageError(
            "usage.option", f"{option} {given} is no published size; the nearest is {near}"
        )
    if scope.start > (scope.end or size):
        raise UsageError("usage.option", f"--from {scope.start} is after --to {scope.end}")


def read_bodies(source: ArchiveSource) -> Iterator[bytes]:
    """Yields the entries as far as they can be read; the verification reports what cannot."""
    with suppress(MalformedError, NotFoundError):
        for bundle in bundles_of(newest_size(source)):
            path = entries_path(bundle.index, bundle.width)
            yield from parse_bundle(source.read(path, MAX_BUNDLE), bundle.width)
