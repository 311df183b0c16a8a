"""`traceledger append`: appends a file of drafts or of events signed elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.events.request_file import parse_request_file
from traceledger.planning.warnings import find_warnings, read_drafts
from traceledger_cli.command import command
from traceledger_cli.options.confirming import YES, confirm_policy
from traceledger_cli.options.files import check_output, read_input, write_output
from traceledger_cli.options.session import Session, append_wires, signing
from traceledger_cli.output import Output
from traceledger_cli.texts.receipts import report_appended

__all__ = ["append"]

_MAX_BYTES = 256 << 20
_EXAMPLE = """\
traceledger append drafts.ndjson --key station-4 --ledger ledger
station-program | traceledger append - --ledger ledger --json
"""


@command("append", example=_EXAMPLE, writes=True)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--receipt",
    "receipt_file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write the ledger's receipt, its promise to log these events, to this file.",
)
@YES
@signing
def append(
    *,
    file: Path,
    receipt_file: Path | None,
    yes: bool,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Append a file of drafts or signed events, all or nothing.

    FILE contains drafts as JSON, one a line, printed over several lines or in an array, which --key
    signs; or signed events in wire form, token~disclosure~, one a line. At most 10,000; `-` is
    stdin. Appending the same signed events again changes nothing. A policy that drops values of the
    one in force is confirmed first.
    """
    request = parse_request_file(read_input(file, _MAX_BYTES))
    if not request.drafts and not request.wires:
        raise UsageError("append.count", f"{file} contains no event")
    if receipt_file is not None:
        check_output(receipt_file)
    signer = session.signer() if request.drafts else None
    with session.reading() if dry_run else session.writing() as ledger:
        drafts = request.drafts or read_drafts(request.wires)
        confirm_policy(ledger, drafts, out, yes=yes or dry_run)
        warnings = find_warnings(ledger, drafts)
        answer = (
            session.append(ledger, request.drafts, signer, dry_run=dry_run)
            if signer
            else append_wires(ledger, request.wires, dry_run=dry_run)
        )
    if receipt_file is not None and not dry_run:
        write_output(receipt_file, answer[1].encode())
    report_appended(out, answer, dry_run=dry_run, warnings=warnings)
