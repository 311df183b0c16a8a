"""`traceledger import-manifest`: imports the cores of a shipment from files."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click

from traceledger.codes import CODES
from traceledger.errors import MalformedError, TraceledgerError, UsageError
from traceledger.events.draft import Draft
from traceledger.events.keys import SoftwareSigner
from traceledger.manifests import (
    Codes,
    Conventions,
    Declaration,
    Encoding,
    Manifest,
    Reading,
    RowFault,
    RowNotice,
    read_declaration,
    read_head,
    read_manifest,
)
from traceledger.manifests.cells import short_text
from traceledger.manifests.declaration import DECLARATION_FIELDS
from traceledger.manifests.manifest import MANIFEST_FIELDS
from traceledger.manifests.reading import MAX_BYTES
from traceledger.manifests.rows import refuse
from traceledger.manifests.times import parse_zone
from traceledger.planning.declarations import DeclarationPlan, plan_declarations
from traceledger.planning.imports import ImportPlan, plan_imports
from traceledger.planning.warnings import Warned, find_warnings
from traceledger.views.appended import MAX_EVENTS
from traceledger.views.ledger import LedgerView, OpenLedger
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, signing
from traceledger_cli.output import Output
from traceledger_cli.progress import progress
from traceledger_cli.texts.receipts import report_warnings

__all__ = ["import_manifest"]

_EXAMPLE = """\
traceledger import-manifest manifest.csv --category TCM \\
    --declaration declaration.csv --receipt receipt.pdf --key importer --ledger ledger
"""
_BATCH = 1000  # events in a request; a rerun after a crash adds the rest
_MAX_NOTICES = 20
_MAX_RECEIPT = 256 << 20
_TEMPLATES = {"manifest": MANIFEST_FIELDS, "declaration": DECLARATION_FIELDS}
_CORRECT = "Correct the cells listed, or use --partial to import the valid rows."
_DECLARE_FIRST = (
    "Record the declaration first: give its file with --declaration and customs' receipt with"
    " --receipt. If it is already recorded, correct the numbers in the rows."
)


class _Input(NamedTuple):
    """The input files, and how to read them."""

    file: Path
    declaration: Path | None
    receipt: Path | None
    conventions: Conventions
    head: Mapping[str, str]


class _Outcome(NamedTuple):
    """What was planned, and what people should review in the files."""

    declared: DeclarationPlan
    plan: ImportPlan
    faults: Sequence[RowFault]
    notices: Sequence[tuple[Path, RowNotice]]
    readings: Mapping[Path, Reading]
    warnings: Sequence[Warned]


def _write_template(ctx: click.Context, _parameter: click.Parameter, wanted: str | None) -> None:
    if wanted is not None:
        # With a byte order mark, Excel reads and writes the file as UTF-8.
        click.echo("\ufeff" + ",".join(_TEMPLATES[wanted]) + "\r", nl=True)
        ctx.exit()


@command("import-manifest", example=_EXAMPLE, writes=True)
@click.argument("file", type=FILE)
@click.option("--category", required=True, help="What the parts are, e.g. TCM.")
@click.option("--declaration", type=FILE, help="Also declare the lines of this file.")
@click.option("--receipt", type=FILE, help="Customs' receipt for the declaration.")
@click.option("--head", type=FILE, help="A file with the values that a whole list shares.")
@click.option(
    "--set",
    "settings",
    metavar="FIELD=VALUE",
    multiple=True,
    help="A value for every row, e.g. list_no=QD801225I000001234. Repeatable.",
)
@click.option(
    "--zone", metavar="OFFSET", help="Offset from UTC of times that have none, e.g. +08:00."
)
@click.option(
    "--codes",
    type=click.Choice(get_args(Codes)),
    default="iso",
    help="Table of numeric countries and currencies; iso refuses numbers.",
)
@click.option(
    "--encoding",
    type=click.Choice(get_args(Encoding), case_sensitive=False),
    help="Encoding of CSV files. Default: UTF-8, or GBK if the text is plausible.",
)
@click.option("--partial", is_flag=True, help="Import the valid rows and list the others.")
@click.option(
    "--template",
    type=click.Choice(list(_TEMPLATES)),
    is_eager=True,
    expose_value=False,
    callback=_write_template,
    help="Write the headings of an empty file and exit.",
)
@signing
def import_manifest(
    *,
    file: Path,
    category: str,
    declaration: Path | None,
    receipt: Path | None,
    head: Path | None,
    settings: tuple[str, ...],
    zone: str | None,
    codes: Codes,
    encoding: Encoding | None,
    partial: bool,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Import the cores of a manifest, one event a row.

    Every row is validated before anything is written. Running the command again adds only what is
    missing. docs/guide/manifests.md describes the format of the files.
    """
    _check_category(category)
    conventions = Conventions(encoding, codes, parse_zone(zone) if zone else None, base=session.url)
    given = _Input(file, declaration, receipt, conventions, _read_head(head, settings, conventions))
    manifest = _read_manifest(given)
    declared = _read_declaration(given)
    signer = session.signer()
    with session.reading() if dry_run else session.writing() as ledger:
        lines = _plan_declarations(ledger, given, declared)
        plan = plan_imports(ledger, manifest.rows, category, planned=lines.lines)
        faults = (*manifest.faults, *plan.faults)
        if faults and not partial:
            raise _refuse(faults).at(str(file))
        drafts = (*lines.drafts, *plan.drafts)
        warnings = find_warnings(ledger, drafts)
        _append(session, ledger, drafts, signer, dry_run=dry_run)
    notices = [(file, notice) for notice in (*manifest.notices, *plan.notices)]
    notices += [(declaration, notice) for notice in lines.notices if declaration]
    readings = {file: manifest.reading}
    if declaration and declared:
        readings[declaration] = declared.reading
    report_warnings(out, warnings)
    outcome = _Outcome(lines, plan, faults, notices, readings, warnings)
    _report(out, outcome, dry_run=dry_run)


def _check_category(category: str) -> None:
    try:
        short_text(category)
    except MalformedError as error:
        raise UsageError(
            "usage.option", f"--category is invalid; allowed: {error.message}"
        ) from error


def _read_head(
    file: Path | None, settings: Sequence[str], conventions: Conventions
) -> Mapping[str, str]:
    """Returns the values for every row: those of the file, overridden by --set."""
    head: dict[str, str] = {}
    if file is not None:
        try:
            head |= read_head(read_input(file, MAX_BYTES), conventions)
        except TraceledgerError as error:
            raise error.at(str(file)) from error
    fields = {*MANIFEST_FIELDS, *DECLARATION_FIELDS}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if field not in fields or not equals or not value:
            raise UsageError(
                "usage.option",
                f"--set {setting} given; allowed: FIELD=VALUE, where FIELD is one of"
                f" {', '.join(sorted(fields))}",
            )
        head[field] = value
    return head


def _read_manifest(given: _Input) -> Manifest:
    head = {name: value for name, value in given.head.items() if name in MANIFEST_FIELDS}
    try:
        # Invalid rows are refused later, together with those that contradict the ledger.
        return read_manifest(
            read_input(given.file, MAX_BYTES), given.conventions, head=head, partial=True
        )
    except TraceledgerError as error:
        raise error.at(str(given.file)) from error


def _read_declaration(given: _Input) -> Declaration | None:
    if (given.declaration is None) != (given.receipt is None):
        raise UsageError("usage.option", "--declaration and --receipt must be given together")
    if given.declaration is None:
        return None
    head = {name: value for name, value in given.head.items() if name in DECLARATION_FIELDS}
    try:
        return read_declaration(
            read_input(given.declaration, MAX_BYTES), given.conventions, head=head
        )
    except TraceledgerError as error:
        raise error.at(str(given.declaration)) from error


def _plan_declarations(
    ledger: LedgerView, given: _Input, declared: Declaration | None
) -> DeclarationPlan:
    if declared is None or given.receipt is None:
        return DeclarationPlan((), 0, {}, (), ())
    digest = hashlib.sha256(read_input(given.receipt, _MAX_RECEIPT)).hexdigest()
    plan = plan_declarations(ledger, declared.rows, digest, secrets.token_bytes)
    if plan.faults:
        hint = CODES["manifest.amended"].hint
        raise refuse(plan.faults, hint=hint).at(str(given.declaration))
    return plan


def _refuse(faults: Sequence[RowFault]) -> TraceledgerError:
    undeclared = any(
        fault.code == "manifest.line" and fault.column == "list_line" for fault in faults
    )
    return refuse(faults, hint=_DECLARE_FIRST if undeclared else _CORRECT)


def _append(
    session: Session,
    ledger: OpenLedger,
    drafts: Sequence[Draft],
    signer: SoftwareSigner,
    *,
    dry_run: bool,
) -> None:
    if dry_run:
        # The links of later batches lead to events that earlier ones would have written.
        if drafts:
            session.append(ledger, drafts[:MAX_EVENTS], signer, dry_run=True)
        return
    with progress("Importing", len(drafts)) as step:
        for start in range(0, len(drafts), _BATCH):
            session.append(ledger, drafts[start : start + _BATCH], signer, dry_run=False)
            step(start + _BATCH)


def _report(out: Output, outcome: _Outcome, *, dry_run: bool) -> None:
    declared, plan, faults, notices, readings, warnings = outcome
    data: dict[str, Any] = {
        "declared": len(declared.drafts),
        "imported": len(plan.drafts),
        "present": plan.present,
        "faults": [fault._asdict() for fault in faults],
        "notices": [{"file": str(file), **notice._asdict()} for file, notice in notices],
        "warnings": [warning._asdict() for warning in warnings],
        "read": {str(file): reading._asdict() for file, reading in readings.items()},
        "dry_run": dry_run,
    }
    start = "Checked; nothing was written. Otherwise: " if dry_run else ""
    imported = f"{len(plan.drafts):,} cores imported, {plan.present:,} already present"
    lines = f", {len(declared.drafts):,} lines declared" if declared.drafts else ""
    text = [f"{start}{imported}{lines}."]
    text += [f"{file}: {_describe(reading)}" for file, reading in readings.items()]
    if notices:
        text.append(f"Unusual, but accepted: {len(notices):,}")
        text += [f"  {file}, {notice}" for file, notice in notices[:_MAX_NOTICES]]
        more = len(notices) - _MAX_NOTICES
        text += [f"  and {more:,} more; --json lists all"] if more > 0 else []
    if faults:
        text += ["Skipped:", *(f"  {fault}" for fault in faults)]
    out.result(data, "\n".join(text))


def _describe(reading: Reading) -> str:
    """Describes how a file was read, so that a wrong encoding is noticed before signing."""
    text = f"read as {reading.encoding or 'a workbook, its first sheet'}"
    if reading.names:
        text += f"; first names: {', '.join(reading.names)}"
    for what, rows in (("title", reading.titles), ("total", reading.totals)):
        if rows:
            text += f"; skipped as {what}: row {', '.join(map(str, rows))}"
    return text
