"""`traceledger witness request`: writes a request for a cosignature."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from traceledger.ledger.reading.witness_requests import require_request_folder, write_request
from traceledger_cli.command import command
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output

__all__ = ["request"]


@command(
    "request", example="traceledger witness request request --since 0 --ledger ledger", writes=True
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--since",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The size that the witness last cosigned.",
)
@reading
def request(*, folder: Path, since: int, session: Session, dry_run: bool, out: Output) -> None:
    """Request a cosignature of the newest checkpoint.

    FOLDER is new, or has an earlier request, which is replaced. It contains the checkpoint and
    every entry since the size that the witness last cosigned, without restricted fields. Add the
    answer with `traceledger checkpoint`.
    """
    require_request_folder(folder)
    with session.reading_folder() as ledger, tempfile.TemporaryDirectory() as scratch:
        size = write_request(ledger, since, Path(scratch) if dry_run else folder)
    text = "Checked; nothing was written." if dry_run else f"Wrote {folder}."
    out.result(
        {"folder": str(folder), "since": since, "size": size, "dry_run": dry_run},
        f"{text} It requests size {size:,}, with the entries since {since:,}.",
    )
