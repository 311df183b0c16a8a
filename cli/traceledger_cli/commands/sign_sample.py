"""`traceledger sign-sample`: signs the results of a sample."""

from __future__ import annotations

import time
from pathlib import Path

import click

from traceledger.errors import ConflictError
from traceledger.formats.note import MAX_NOTE_SIZE
from traceledger.formats.sample import parse_sample, sign_sample
from traceledger.formats.vkey import format_vkey
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import check_output, read_input, write_output
from traceledger_cli.options.note_key import open_note_key
from traceledger_cli.output import Output
from traceledger_cli.texts.samples import describe_sample, render_sample

__all__ = ["sign_sample_results"]

_EXAMPLE = """\
traceledger sign-sample sample-3.txt --sign officer-keys/officer.pem
"""


@command("sign-sample", example=_EXAMPLE)
@click.argument("statement", type=FILE)
@click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path),
    required=True,
    help="The key file (.pem), registered in the ledger for the party that drew the sample.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The signed statement. Default: STATEMENT with the suffix .note.",
)
@click.option(
    "--passphrase-file",
    type=FILE,
    envvar="TRACELEDGER_PASSPHRASE_FILE",
    help="A file with the passphrase of the key. Default: a prompt.",
)
def sign_sample_results(
    *, statement: Path, key: Path, output: Path | None, passphrase_file: Path | None, out: Output
) -> None:
    """Sign the results of a sample.

    STATEMENT is the file that the console saved. The command shows what it signs: read it, because
    the file came from the ledger's own server. The signed file is sent on the page of the sample,
    and given to `audit --sample`.
    """
    sample = parse_sample(read_input(statement, MAX_NOTE_SIZE))
    path = output or statement.with_suffix(".note")
    if path.exists():
        raise ConflictError("report.exists", f"{path} already exists")
    check_output(path)
    out.note(render_sample(sample))
    out.note(f"The signature counts if the ledger registers the key for {sample.party}.")
    signer = open_note_key(key, "", passphrase_file)
    write_output(path, sign_sample(sample, signer, time.time()))
    out.result(
        {**describe_sample(sample), "signer": signer.name, "file": str(path)},
        f"Wrote {path}, signed by {format_vkey(signer.verifier)}",
    )
