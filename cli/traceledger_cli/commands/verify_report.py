"""`traceledger verify-report`: checks the signature of a report, or of the results of a sample."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.formats.note import MAX_NOTE_SIZE, NoteVerifier
from traceledger.formats.sample import check_not_ahead, is_sample, open_sample
from traceledger.formats.vkey import parse_vkey
from traceledger.reports.signature import open_signed_report
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.output import Output
from traceledger_cli.report_files import signature_path
from traceledger_cli.texts.layout import pairs
from traceledger_cli.texts.passport_verdict import headline
from traceledger_cli.texts.samples import describe_sample, render_sample

__all__ = ["verify_report"]

_EXAMPLE = """\
traceledger verify-report report.html --key customs.example/officer+0f3a5c1d+AY...
traceledger verify-report sample-3.note --key nU7...+0f3a5c1d+AY...
"""
_MAX_REPORT = 1 << 30


@command("verify-report", example=_EXAMPLE)
@click.argument("report", type=FILE)
@click.option(
    "--key",
    "vkey",
    required=True,
    help="The signer's key, name+hash+key, obtained through an independent channel.",
)
@click.option("--signature", type=FILE, help="The signature. Default: REPORT.sig.")
def verify_report(*, report: Path, vkey: str, signature: Path | None, out: Output) -> None:
    """Check that a report is the file that its signer signed.

    REPORT may be the signed results of a sample, too, which contain their signature.
    The signature shows who is responsible for the report. Whether its figures are right, only an
    audit of the same archive shows: compare the SHA-256 of the account. Exit code 3: the report was
    changed, another key signed it, or results claim to be signed in the future.
    """
    key = parse_vkey(vkey)
    if not isinstance(key, NoteVerifier):
        raise UsageError("note.key", f"{vkey} is a witness's key, not that of a signer")
    data = read_input(report, _MAX_REPORT)
    if is_sample(data):
        sample, kid, _ = open_sample(data, key)
        check_not_ahead(sample, time.time())
        text = f"{headline('SIGNED', 'green', f'{report}, by {kid}')}\n\n{render_sample(sample)}"
        out.result({"result": "signed", "signer": kid, **describe_sample(sample)}, text)
        return
    note = read_input(signature or signature_path(report), MAX_NOTE_SIZE)
    signed = open_signed_report(note, data, key)
    rows = (
        ("signed by", signed.signer),
        ("ledger", signed.origin),
        ("period", f"size {signed.from_size:,} to {signed.to_size:,}"),
        ("account", f"SHA-256 {signed.account}"),
    )
    text = f"{headline('SIGNED', 'green', str(report))}\n\n{pairs(rows)}"
    out.result({"result": "signed", **asdict(signed)}, text)
