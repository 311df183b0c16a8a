"""`traceledger writeoff` and `confirm-writeoff`: a report for write-off, and customs' answer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from traceledger.audit.ahead import Report
from traceledger.audit.output import as_reported, format_account
from traceledger.audit.scope import Scope
from traceledger.errors import UsageError, VerificationError
from traceledger.planning.writeoffs import (
    BookReports,
    answer_report,
    check_file,
    check_recomputed,
    check_start,
    draft_report,
    name_book,
    read_reports,
)
from traceledger.verify.archive.source import ArchiveSource
from traceledger.views.ledger import OpenLedger
from traceledger_cli.accounting import Computed, compute_account, newest_size, open_account
from traceledger_cli.archive_verification import AuditOptions, report_damage
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE, output_option, trust_option
from traceledger_cli.options.files import STANDARD, check_output, read_input, write_output
from traceledger_cli.options.session import Session, signing
from traceledger_cli.output import Output
from traceledger_cli.texts.account import render_account
from traceledger_cli.texts.receipts import report_appended

__all__ = ["confirm_writeoff", "writeoff"]

Function = Callable[..., Any]

_REPORT = """\
traceledger writeoff H80122500001 -o report.json --key office
"""
_CONFIRM = """\
traceledger confirm-writeoff H80122500001 --archive audit.zip --key customs
"""
_MAX_REPORT = 1 << 30


@dataclass(frozen=True, slots=True)
class _Call:
    """What both commands are given: a book, its log, how it is verified, and who signs."""

    context: click.Context
    book: str
    archive: Path | None
    trust: Path | None
    first_use: bool
    workers: int | None
    session: Session
    dry_run: bool
    out: Output

    @property
    def path(self) -> Path:
        """The archive to read, otherwise the ledger's folder; raises UsageError `usage.option`."""
        if self.archive is None and self.session.server:
            raise UsageError(
                "usage.option",
                "no archive is named",
                hint="Name a mirror or an archive of the server's ledger: --archive.",
            )
        return self.archive or self.session.home.path

    def compute(
        self, scope_of: Callable[[ArchiveSource], Scope], also: frozenset[Report] = frozenset()
    ) -> Computed:
        """Computes the account of a scope, and exits with the damage that the verification finds.

        Raises VerificationError `writeoff.refused` for a log with events that the rules forbid:
        nobody should sign for it.
        """
        options = AuditOptions(self.path, self.trust, self.first_use, self.workers, None, None)
        try:
            with open_account(self.path) as source:
                found = compute_account(source, scope_of(source), options, self.out, also=also)
        except VerificationError as error:
            self.context.exit(report_damage(error, self.path, self.out))
        if found.verdict.result == "refused":
            raise VerificationError("writeoff.refused", "the verification refuses the ledger")
        return found

    @contextmanager
    def opening(self) -> Iterator[OpenLedger]:
        """Opens the ledger for writing, or for reading in a dry run."""
        with self.session.reading() if self.dry_run else self.session.writing() as ledger:
            yield ledger


def _options(function: Function) -> Function:
    """Adds the options and the argument of both commands; the function receives `call`."""

    @functools.wraps(function)
    @click.pass_context
    def run(context: click.Context, /, **parameters: Any) -> Any:
        names = [field.name for field in fields(_Call) if field.name != "context"]
        given = {name: parameters.pop(name) for name in names}
        return function(call=_Call(context, **given), **parameters)

    decorated: Function = signing(run)
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


_OPTIONS: tuple[Callable[[Function], Function], ...] = (
    click.argument("book"),
    click.option(
        "--archive",
        type=click.Path(path_type=Path),
        help="An archive for customs or a mirror, which is read instead of the ledger's folder.",
    ),
    trust_option("The trust file. Default: the one stored with `trust add`.", stored=True),
    click.option("--first-use", is_flag=True, help="The trust file came from the ledger itself."),
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        help="The number of processes. Default: the number of cores.",
    ),
)


@command("writeoff", example=_REPORT, writes=True)
@output_option("The file of the report to write.", required=True)
@click.option(
    "--to",
    "end",
    type=click.IntRange(min=2),
    help="The log size at which the period ends: a published one. Default: the newest.",
)
@click.option("--all-books", is_flag=True, help="Report the account of all books in one file.")
@click.option("--reference", default="", help="The reference of customs.")
@_options
def writeoff(
    *, call: _Call, target: Path, end: int | None, all_books: bool, reference: str
) -> None:
    """Report the next period of an account book for write-off (核销).

    The period begins where the last confirmed one ended. Its account is computed from the verified
    log and written to a file; an event names the file by its SHA-256. Give customs the file; they
    recompute it with `confirm-writeoff`. BOOK is the number of the book, or its item id.
    """
    if target == STANDARD:
        raise UsageError("usage.option", "-o - given; the report needs a file")
    check_output(target)
    session, dry_run = call.session, call.dry_run
    signer = session.signer()
    with session.reading() as ledger:
        book = name_book(ledger, call.book)
        reports = read_reports(ledger, book)

    def period(start: int) -> Callable[[ArchiveSource], Scope]:
        def scope_of(source: ArchiveSource) -> Scope:
            scope = Scope(start, end or newest_size(source), "" if all_books else book)
            _check_period(scope)
            return scope

        return scope_of

    # Only the account knows whether a count that claims to open the book does so.
    first = reports.end or 1
    found = call.compute(period(first))
    if (start := _start_of(reports, found, book)) != first:
        found = call.compute(period(start))
    draft = draft_report(book, found.account, reference)
    call.out.note(render_account(found.account, found.fold, found.verdict))
    with call.opening() as ledger:
        session.append(ledger, [draft], signer, dry_run=True)
        if not dry_run:
            write_output(target, format_account(as_reported(found.account)))
            call.out.note(f"Wrote {target}.")
        answer = session.append(ledger, [draft], signer, dry_run=dry_run)
    report_appended(call.out, answer, dry_run=dry_run, report=str(target), **draft.data)


@command("confirm-writeoff", example=_CONFIRM, writes=True)
@click.option("--target", default="", metavar="EVENT", help="The report, if several wait.")
@click.option("--report", type=FILE, help="The file of the report, to compare with the event.")
@click.option("--refuse", is_flag=True, help="Refuse the report instead of confirming it.")
@_options
def confirm_writeoff(*, call: _Call, target: str, report: Path | None, refuse: bool) -> None:
    """Recompute a report for write-off from the log, then confirm it.

    Nothing is signed if the log gives other figures than the report; then refuse it with --refuse.
    BOOK is the number of the book, or its item id.
    """
    session, dry_run = call.session, call.dry_run
    signer = session.signer()
    with session.reading() as ledger:
        book = name_book(ledger, call.book)
        reports = read_reports(ledger, book)
        waiting = reports.find(target)
    if not refuse:
        if report:
            check_file(waiting, read_input(report, _MAX_REPORT))
        scope = Scope(waiting.data.from_size, waiting.data.to_size, book)
        named = Report(book, scope.start, waiting.data.to_size)
        found = call.compute(lambda _source: scope, frozenset({named}))
        check_start(waiting, _start_of(reports, found, book))
        check_recomputed(waiting, found.reports[named.name])
        call.out.note(render_account(found.account, found.fold, found.verdict))
    draft = answer_report(waiting, "refused" if refuse else "confirmed")
    with call.opening() as ledger:
        answer = session.append(ledger, [draft], signer, dry_run=dry_run)
    result = draft.data["result"]
    report_appended(call.out, answer, dry_run=dry_run, report=waiting.id, result=result)


def _start_of(reports: BookReports, found: Computed, book: str) -> int:
    """Returns where the next period of a book begins."""
    account, _ = found.fold.finished
    return reports.end or account.opening(book)


def _check_period(scope: Scope) -> None:
    """Checks that a period contains something; raises UsageError `usage.option`."""
    if scope.end is not None and scope.end <= scope.start:
        raise UsageError(
            "usage.option",
            f"the period begins at {scope.start}; {scope.end} is not after it",
            hint="Publish new entries with `traceledger checkpoint`, then report.",
        )
