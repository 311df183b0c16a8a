"""`traceledger append`: appends a file of drafts or of events signed elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.errors import MalformedError, TraceledgerError, UsageError
from traceledger.events.draft import Draft, parse_draft
from traceledger_cli.command import command
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
@signing
def append(
    *, file: Path, receipt_file: Path | None, session: Session, dry_run: bool, out: Output
) -> None:
    """Append a file of drafts or signed events, all or nothing.

    FILE contains one event a line: drafts as JSON, which --key signs, or signed events in wire
    form, token~disclosure~. At most 10,000; `-` is stdin. Appending the same signed events again
    changes nothing.
    """
    numbered = enumerate(read_input(file, _MAX_BYTES).splitlines(), 1)
    lines = {number: line for number, line in numbered if line.strip()}
    drafts = [number for number, line in lines.items() if line.lstrip().startswith(b"{")]
    if not lines:
        raise UsageError("append.count", f"{file} contains no event")
    if receipt_file is not None:
        check_output(receipt_file)
    if not drafts:
        with session.reading() if dry_run else session.writing() as ledger:
            answer = append_wires(ledger, list(map(_unquoted, lines.values())), dry_run=dry_run)
    elif len(drafts) == len(lines):
        parsed = [_parse(number, line) for number, line in lines.items()]
        answer = session.sign_and_append(parsed, dry_run=dry_run)
    else:
        signed = min(lines.keys() - drafts)
        raise MalformedError(
            "draft.form",
            "a file contains drafts or signed events, not both",
            where=f"lines {drafts[0]}, {signed}",
        )
    if receipt_file is not None and not dry_run:
        write_output(receipt_file, answer[1].encode())
    report_appended(out, answer, dry_run=dry_run)


def _parse(number: int, line: bytes) -> Draft:
    try:
        return parse_draft(line)
    except TraceledgerError as error:
        raise error.at(f"line {number}") from error


def _unquoted(line: bytes) -> bytes:
    """Returns an event in wire form, without the quotes of a JSON string."""
    return line.strip().removeprefix(b'"').removesuffix(b'"')
