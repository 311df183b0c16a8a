"""`traceledger audit`: the bonded account of an archive or a ledger's folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import get_args

import click

from traceledger.audit.ahead import look_ahead
from traceledger.audit.comparison import ListRow
from traceledger.audit.scope import Scope
from traceledger.errors import MalformedError, NotFoundError, UsageError, VerificationError
from traceledger.formats.note import MAX_NOTE_SIZE
from traceledger.formats.sample import SignedSample, read_signed
from traceledger.identifiers.values import parse_time
from traceledger.manifests.conventions import Codes, Conventions, Encoding
from traceledger.manifests.customs_list import read_customs_list, read_list_head
from traceledger.manifests.reading import MAX_BYTES
from traceledger.manifests.times import parse_zone
from traceledger.reports.front import GivenList
from traceledger.reports.repeating import beside_options, format_command, list_options
from traceledger.reports.samples import describe_bound
from traceledger.reports.words import Language, words_of
from traceledger_cli.account_run import AccountRun
from traceledger_cli.accounting import check_sizes, open_account, read_bodies
from traceledger_cli.archive_verification import (
    VERDICTS,
    AuditOptions,
    claimed_checkpoint,
    report_damage,
    verify_source,
)
from traceledger_cli.command import command
from traceledger_cli.exits import REFUSED
from traceledger_cli.options.file_options import FILE, trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.output import Output
from traceledger_cli.report_files import ReportOptions, report_options
from traceledger_cli.texts.account import render_account

__all__ = ["audit"]

_EXAMPLE = """\
traceledger audit audit.zip --trust trust.json
traceledger audit audit.zip --customs-list inv201.xml
traceledger audit audit.zip --from 5120 --to 19169 --fail-on H
traceledger audit audit.zip --report report.html --language zh --zone +08:00
"""
_SEVERITIES = "HML"


@command("audit", example=_EXAMPLE)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--book", default="", help="Only this account book, given by its item id.")
@click.option(
    "--from",
    "start",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="The log size at which the period begins: a published one.",
)
@click.option(
    "--to",
    "end",
    type=click.IntRange(min=1),
    help="The log size at which the period ends: a published one. Default: the whole log.",
)
@click.option(
    "--as-of",
    help="The time at which ages are computed. Default: the latest time in the log.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(_SEVERITIES)),
    help="Exit with 3 if there is a finding of this severity or a higher one.",
)
@click.option(
    "--customs-list",
    "lists",
    type=FILE,
    multiple=True,
    help="Customs' own list to compare with: INV101 or INV201 (XML), a list or declarations as CSV"
    " or XLSX, ACE ES-003, HMRC's item report, a bill of discharge, a three-ledger table."
    " Repeatable.",
)
@click.option(
    "--head",
    type=FILE,
    help="A file with the values that a list states once, such as the number of the list and of the"
    " declaration: labels with their values beside or below them.",
)
@click.option(
    "--codes",
    type=click.Choice(["iso", "customs"]),
    default="iso",
    show_default=True,
    help="Table of numeric countries and currencies in CSV and XLSX.",
)
@click.option(
    "--encoding",
    type=click.Choice(get_args(Encoding)),
    help="The encoding of CSV lists, if it is uncertain.",
)
@click.option(
    "--zone", metavar="OFFSET", help="Offset from UTC of times that have none, e.g. +08:00."
)
@click.option(
    "--sample",
    "samples",
    type=FILE,
    multiple=True,
    help="The signed results of a sample of this account. Repeatable.",
)
@click.option(
    "--documents",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="A folder with receipts and certificates; each one that the ledger names must be in it.",
)
@trust_option("The trust file. Default: the one stored with `trust add`.", stored=True)
@click.option("--first-use", is_flag=True, help="The trust file came from the ledger itself.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="The number of processes. Default: the number of cores.",
)
@click.option(
    "--dask",
    "cluster",
    metavar="ADDRESS",
    help="Check it on a Dask cluster, by its scheduler's address, tcp://HOST:PORT.",
)
@click.option(
    "--scratch",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that saves the progress, so that an interrupted run can resume.",
)
@click.option("--at-least", type=FILE, help="The checkpoint that you kept; it must be extended.")
@report_options
@click.pass_context
def audit(
    context: click.Context,
    *,
    source: Path,
    book: str,
    start: int,
    end: int | None,
    as_of: str | None,
    fail_on: str | None,
    lists: tuple[Path, ...],
    head: Path | None,
    codes: Codes,
    encoding: Encoding | None,
    zone: str | None,
    samples: tuple[Path, ...],
    documents: Path | None,
    trust: Path | None,
    first_use: bool,
    workers: int | None,
    cluster: str | None,
    scratch: Path | None,
    at_least: Path | None,
    report_path: Path | None,
    language: Language,
    key: Path | None,
    signer: str | None,
    passphrase_file: Path | None,
    out: Output,
) -> None:
    """Compute the bonded account of an archive or a ledger.

    The account has figures, findings and the verdict of the verification. SOURCE is an archive, as
    a directory or a zip, or the folder of a ledger. It is verified in the same pass. Exit code 0:
    computed. 3: the archive is refused, or --fail-on applies. 4: the verification is incomplete.
    """
    digests = None if documents is None else frozenset(_digests(documents))
    scope = Scope(start, end, book, _moment(as_of), digests)
    options = AuditOptions(source, trust, first_use, workers, scratch, at_least, cluster)
    conventions = Conventions(
        encoding=encoding, codes=codes, zone=parse_zone(zone) if zone else None
    )
    given, rows = _read_lists(lists, head, conventions)
    notes = tuple(map(_read_sample, samples))
    report = None
    if report_path is not None:
        report = ReportOptions(report_path, language, key, signer, passphrase_file)
        report.check()
    elif key is not None:
        raise UsageError("usage.option", "--sign needs --report")
    signing = report.open_key() if report else None
    run = AccountRun(scope, rows, notes, for_report=report is not None)
    try:
        with open_account(source) as archive:
            check_sizes(archive, scope)
            root = claimed_checkpoint(archive).root
            run.ahead = look_ahead(read_bodies(archive))
            verdict = verify_source(archive, options, out, run.make_folds)
            account = run.account.finish()
    except VerificationError as error:
        context.exit(report_damage(error, source, out))
    if book and not account["books"]:
        raise NotFoundError("item.unknown", f"this ledger has no {book} up to that size")
    signed: tuple[SignedSample, ...] = ()
    refused: VerificationError | None = None
    try:
        signed = run.open_samples(verdict.origin, time.time())
    except VerificationError as error:
        refused = error
    out.result(account, render_account(account, run.account, verdict), refused)
    for one in signed:
        if shown := describe_bound(one.statement, words_of(language)):
            out.note(f"Sample {one.statement.number:,}: {shown}")
    if refused:
        context.exit(REFUSED)
    if report is not None:
        names = [one.name for one in given]
        reading = {"head": head.name if head else "", "codes": codes if given else ""}
        reading |= {"encoding": encoding or "", "zone": zone if given and zone else ""}
        beside = beside_options((path.name for path in samples), documents)
        content = run.make_report(
            account,
            verdict,
            root,
            command=format_command(
                source.name,
                replace(scope, end=account["to_size"]),  # the log grows
                as_of,
                [*list_options(names, **reading), *beside],
            ),
            lists=given,
            samples=signed,
            language=language,
            zone=conventions.zone or UTC,
        )
        report.write(content, account, signing, out)
    worst = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1] if fail_on else ""
    failed = any(finding["severity"] in worst for finding in account["findings"])
    context.exit(REFUSED if failed else VERDICTS[verdict.result])


def _read_sample(path: Path) -> bytes:
    """Reads the signed results of a sample, so that another file is refused before the pass."""
    note = read_input(path, MAX_NOTE_SIZE)
    try:
        read_signed(note)
    except MalformedError as error:
        raise error.at(path.name) from error
    return note


def _read_lists(
    lists: tuple[Path, ...], head: Path | None, conventions: Conventions
) -> tuple[tuple[GivenList, ...], tuple[ListRow, ...]]:
    """Returns the files of customs' lists and the rows of all of them."""
    values: dict[str, str] = {}
    if head is not None:
        try:
            values = read_list_head(read_input(head, MAX_BYTES), conventions)
        except MalformedError as error:
            raise error.at(head.name) from error
    given: list[GivenList] = []
    rows: list[ListRow] = []
    for path in lists:
        data = read_input(path, MAX_BYTES)
        given.append(GivenList.of(path.name, data))
        rows += read_customs_list(data, path.name, conventions, values)
    return tuple(given), tuple(rows)


def _digests(folder: Path) -> Iterator[str]:
    """Yields the SHA-256 of each regular file in a folder; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                yield hashlib.file_digest(file, "sha256").hexdigest()


def _moment(text: str | None) -> int | None:
    """Returns a time in seconds since 1970; raises MalformedError `value.time`."""
    if text is None:
        return None
    try:
        return int(parse_time(text).timestamp())
    except MalformedError as error:
        raise error.at("--as-of") from error
