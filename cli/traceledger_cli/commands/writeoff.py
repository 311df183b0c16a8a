"""`traceledger writeoff` and `confirm-writeoff`: a report for write-off, and customs' answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from traceledger.audit.output import format_account
from traceledger.audit.reports import Report
from traceledger.audit.scope import Scope
from traceledger.errors import UsageError, VerificationError
from traceledger.planning.writeoffs import (
    answer_report,
    check_file,
    check_recomputed,
    draft_report,
    name_book,
    read_reports,
)
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


def _account_options(function: Function) -> Function:
    """Adds the options that name the archive and how it is verified."""
    function = click.option(
        "--workers",
        type=click.IntRange(1, 256),
        help="The number of processes. Default: the number of cores.",
    )(function)
    function = click.option(
        "--first-use", is_flag=True, help="The trust file came from the ledger itself."
    )(function)
    text = "The trust file. Default: the one stored with `trust add`."
    function = trust_option(text, stored=True)(function)
    return click.option(
        "--archive",
        type=click.Path(path_type=Path),
        help="An archive for customs or a mirror, which is read instead of the ledger's folder.",
    )(function)


@command("writeoff", example=_REPORT, writes=True)
@click.argument("book")
@output_option("The file of the report to write.", required=True)
@click.option(
    "--to",
    "end",
    type=click.IntRange(min=2),
    help="The log size at which the period ends: a published one. Default: the newest.",
)
@click.option("--all-books", is_flag=True, help="Report the account of all books in one file.")
@click.option("--reference", default="", help="The reference of customs.")
@_account_options
@signing
@click.pass_context
def writeoff(
    context: click.Context,
    *,
    book: str,
    target: Path,
    end: int | None,
    all_books: bool,
    reference: str,
    archive: Path | None,
    trust: Path | None,
    first_use: bool,
    workers: int | None,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Report the next period of an account book for write-off (核销).

    The period begins where the last confirmed one ended. Its account is computed from the verified
    log and written to a file; an event names the file by its SHA-256. Give customs the file; they
    recompute it with `confirm-writeoff`. BOOK is the number of the book, or its item id.
    """
    if target == STANDARD:
        raise UsageError("usage.option", "-o - given; the report needs a file")
    check_output(target)
    signer = session.signer()
    path = _source(session, archive)
    options = AuditOptions(path, trust, first_use, workers, None, None)
    with session.reading() as ledger:
        book = name_book(ledger, book)
        start = read_reports(ledger, book).start
    try:
        with open_account(path) as source:
            scope = Scope(start, end or newest_size(source), "" if all_books else book)
            _check_period(scope)
            found = compute_account(source, scope, options, out)
    except VerificationError as error:
        context.exit(report_damage(error, path, out))
    _require_honest(found)
    draft = draft_report(book, found.account, reference)
    out.note(render_account(found.account, found.verdict))
    with session.reading() if dry_run else session.writing() as ledger:
        session.append(ledger, [draft], signer, dry_run=True)
        if not dry_run:
            write_output(target, format_account(found.account))
        answer = session.append(ledger, [draft], signer, dry_run=dry_run)
    report_appended(out, answer, dry_run=dry_run, report=str(target), **draft.data)


@command("confirm-writeoff", example=_CONFIRM, writes=True)
@click.argument("book")
@click.option("--target", default="", metavar="EVENT", help="The report, if several wait.")
@click.option("--report", type=FILE, help="The file of the report, to compare with the event.")
@click.option("--refuse", is_flag=True, help="Refuse the report instead of confirming it.")
@_account_options
@signing
@click.pass_context
def confirm_writeoff(
    context: click.Context,
    *,
    book: str,
    target: str,
    report: Path | None,
    refuse: bool,
    archive: Path | None,
    trust: Path | None,
    first_use: bool,
    workers: int | None,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Recompute a report for write-off from the log, then confirm it.

    Nothing is signed if the log gives other figures than the report; then refuse it with --refuse.
    BOOK is the number of the book, or its item id.
    """
    signer = session.signer()
    with session.reading() as ledger:
        book = name_book(ledger, book)
        waiting = read_reports(ledger, book).find(target)
    if not refuse:
        if report:
            check_file(waiting, read_input(report, _MAX_REPORT))
        path = _source(session, archive)
        options = AuditOptions(path, trust, first_use, workers, None, None)
        scope = Scope(waiting.data.from_size, waiting.data.to_size, book)
        named = Report(book, scope.start, waiting.data.to_size)
        try:
            with open_account(path) as source:
                found = compute_account(source, scope, options, out, also=frozenset({named}))
        except VerificationError as error:
            context.exit(report_damage(error, path, out))
        _require_honest(found)
        check_recomputed(waiting, found.reports[named.name])
        out.note(render_account(found.account, found.verdict))
    draft = answer_report(waiting, "refused" if refuse else "confirmed")
    with session.reading() if dry_run else session.writing() as ledger:
        answer = session.append(ledger, [draft], signer, dry_run=dry_run)
    report_appended(out, answer, dry_run=dry_run, report=waiting.id, result=draft.data["result"])


def _check_period(scope: Scope) -> None:
    """Checks that a period contains something; raises UsageError `usage.option`."""
    if scope.end is not None and scope.end <= scope.start:
        raise UsageError(
            "usage.option",
            f"the period begins at {scope.start}; {scope.end} is not after it",
            hint="Publish new entries with `traceledger checkpoint`, then report.",
        )


def _source(session: Session, archive: Path | None) -> Path:
    """Returns the archive to read, otherwise the ledger's folder."""
    if archive is None and session.server:
        raise UsageError(
            "usage.option",
            "no archive is named",
            hint="Name a mirror or an archive of the server's ledger: --archive.",
        )
    return archive or session.home.path


def _require_honest(found: Computed) -> None:
    """Refuses to sign for a log with events that the rules forbid."""
    if found.verdict.result == "refused":
        raise VerificationError("writeoff.refused", "the verification refuses the ledger")
