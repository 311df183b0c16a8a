"""`traceledger backup`: copies a ledger that may be in use."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from traceledger.files.new_folder import require_vacant_folder
from traceledger.ledger.keeping.backup import back_up
from traceledger_cli.command import command
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output

__all__ = ["backup"]


@command("backup", example="traceledger backup /mnt/safe/2025-04-02 --ledger ledger", writes=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@reading
def backup(*, folder: Path, session: Session, dry_run: bool, out: Output) -> None:
    """Copy a ledger to a new folder, also while it is in use.

    The copy is a snapshot of one moment and is verified after writing. It contains the database,
    the samples drawn in the console, the settings and the ledger's keys, encrypted; passphrases and
    keys stored elsewhere are not included.
    """
    if dry_run:
        require_vacant_folder(folder, "backup.exists")
        with tempfile.TemporaryDirectory() as scratch:
            size = back_up(session.home, Path(scratch))
    else:
        size = back_up(session.home, folder)
    out.result(
        {"folder": str(folder), "size": size, "dry_run": dry_run},
        f"{'Checked' if dry_run else f'Saved in {folder}'}: {size:,} entries.",
    )
