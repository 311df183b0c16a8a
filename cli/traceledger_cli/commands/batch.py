"""`traceledger batch`: one event of a kind for each row of a file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click

from traceledger.errors import UsageError
from traceledger.events.catalogue import CATALOGUE
from traceledger.identifiers.suggestion import suggest
from traceledger.manifests import Encoding
from traceledger.manifests.reading import MAX_BYTES
from traceledger.planning.batches import BATCH_KINDS, batch_columns, plan_batch
from traceledger.planning.plan import Plan
from traceledger.views.ledger import LedgerView
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, signing
from traceledger_cli.output import Output
from traceledger_cli.planned import append_planned

__all__ = ["batch"]

_EXAMPLE = """\
traceledger batch declare_out lines.csv --set book=book/7KQ2X4PM9ATRWC23QZ5H --key import-desk
traceledger batch export units.csv --set destination=USA \\
    --set declaration=decl/M3VZT8R2KQ7XW4PB9HNC --set transport=MAEU123456789 \\
    --set departed_at=2025-05-20T10:00:00+08:00 --key import-desk
"""


@command("batch", example=_EXAMPLE, writes=True)
@click.argument("kind", type=click.Choice(BATCH_KINDS), metavar="KIND")
@click.argument("file", type=FILE, required=False)
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="A value for every row without one, e.g. destination=USA. Repeatable.",
)
@click.option(
    "--encoding",
    type=click.Choice(get_args(Encoding), case_sensitive=False),
    help="Encoding of CSV files. Default: UTF-8, or GBK if the text is plausible.",
)
@click.option("--template", is_flag=True, help="Write the headings of an empty file and exit.")
@signing
def batch(
    *,
    kind: str,
    file: Path | None,
    settings: tuple[str, ...],
    encoding: Encoding | None,
    template: bool,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Append one event of a kind for each row of a file.

    FILE is a CSV file or workbook. All rows are appended or none. The first row contains headings:
    `item`, the fields of the kind and its links, as in `traceledger event KIND --help`. Lines of
    `declare_in` and `declare_out` need no item and are skipped if the ledger already has them.
    """
    chosen = CATALOGUE[kind]
    if template:
        # With a byte order mark, Excel reads and writes the file as UTF-8.
        click.echo("\ufeff" + ",".join(batch_columns(chosen)) + "\r")
        return
    if file is None:
        raise UsageError("usage.option", "Missing argument 'FILE'.")
    given = _given(settings, batch_columns(chosen))
    data = read_input(file, MAX_BYTES)

    def make(ledger: LedgerView) -> Plan:
        return plan_batch(
            ledger, chosen, data, given, randbytes=secrets.token_bytes, encoding=encoding
        )

    append_planned(session, make, counted="rows", dry_run=dry_run, out=out)


def _given(settings: tuple[str, ...], allowed: tuple[str, ...]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        name = name.replace("-", "_")
        if not equals or name in given or name not in allowed or name == "item":
            raise UsageError(
                "usage.option",
                f"--set {setting}{suggest(name, allowed)}; allowed: NAME=VALUE, once for each of"
                f" {', '.join(allowed[1:])}",
            )
        given[name] = value
    return given
