"""`traceledger restore`: restores a back-up and compares it with published checkpoints."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.files.new_folder import require_vacant_folder
from traceledger.formats.passport import parse_passport
from traceledger.formats.witness import parse_request
from traceledger.ledger.keeping.backup import check_evidence, compare_newest, confirm_newest
from traceledger.ledger.keeping.backup import restore as restore_copy
from traceledger.ledger.keeping.home import Home
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.store import STORE
from traceledger_cli.output import Output

__all__ = ["restore"]

_EXAMPLE = """\
traceledger restore ledger --from /mnt/safe/2025-04-02
traceledger restore ledger --newest checkpoint-from-customs --newest checkpoint-of-ours
"""
_FOLDER = click.Path(file_okay=False, path_type=Path)


@command("restore", example=_EXAMPLE, writes=True)
@click.argument("folder", type=_FOLDER)
@click.option("--from", "source", type=_FOLDER, help="The back-up; FOLDER must be new.")
@STORE
@click.option(
    "--newest",
    type=FILE,
    multiple=True,
    help="The newest published checkpoint, or a passport or request that contains it. Repeatable.",
)
def restore(
    *,
    folder: Path,
    source: Path | None,
    store: str,
    newest: tuple[Path, ...],
    dry_run: bool,
    out: Output,
) -> None:
    """Restore a ledger from a back-up, or confirm a restored one.

    A restored ledger can be read at once, but signs nothing until it has been compared with the
    newest checkpoint that it published: signing from an older state would fork the log.
    """
    if source is None and not newest:
        raise UsageError("usage.option", "give --from, --newest or both")
    if source is None and store:
        raise UsageError("usage.option", "--store belongs to --from")
    notes = [_read_checkpoint(path) for path in newest]
    if source is not None and dry_run:
        require_vacant_folder(folder, "store.exists")
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) if dry_run else folder
        if source is None:
            home = Home.open(folder)
        else:
            home = restore_copy(source, target, store, dry_run=dry_run)
        size = None
        if notes and not (source and home.store and dry_run):  # nothing to compare was restored
            size = compare_newest(home, notes)[0] if dry_run else confirm_newest(home, notes)
    data = {"folder": str(folder), "compared": size, "dry_run": dry_run}
    if dry_run:
        out.result(data, "Checked; nothing was written.")
    elif size is None:
        out.result(data, f"Restored {folder}. It signs nothing until it is compared with --newest.")
    else:
        out.result(data, f"{folder} contains all entries published up to {size:,} and may sign.")


def _read_checkpoint(path: Path) -> bytes:
    """Reads a checkpoint from its own file, from a passport, or from a request to a witness."""
    check_evidence(path)
    data = read_input(path)
    if data.startswith(b"{"):
        return parse_passport(data).checkpoint
    return parse_request(data).checkpoint if data.startswith(b"old ") else data
