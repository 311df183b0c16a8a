"""`traceledger export`: writes the whole ledger as an archive, for its auditors."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.errors import NotAllowedError, UsageError
from traceledger.formats.trust import parse_trust
from traceledger.ledger.reading.archives import export_archive
from traceledger.ledger.reading.databases import export_database
from traceledger.views.history import PUBLIC
from traceledger.views.policy import has_public_entries
from traceledger_cli.command import command
from traceledger_cli.options.file_options import trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.options.recipients import READERS
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output
from traceledger_cli.progress import progress

__all__ = ["export"]

_EXAMPLE = """\
traceledger export audit.zip --as customs --ledger ledger
traceledger export --sqlite ledger.sqlite --as customs --ledger ledger
"""
_READERS = {"customs": READERS["customs"], "observer": PUBLIC, "public": PUBLIC}


@command("export", example=_EXAMPLE)
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--sqlite",
    "database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new SQLite database with items, events and the account; see docs/spec/database.md.",
)
@click.option(
    "--as",
    "reader",
    type=click.Choice(list(_READERS)),
    required=True,
    help="The reader: customs see customs fields; observers and the public, public fields only.",
)
@trust_option("A trust file to include, for the reader's convenience.")
@reading
def export(
    *,
    target: Path | None,
    database: Path | None,
    reader: str,
    trust: Path | None,
    session: Session,
    out: Output,
) -> None:
    """Write the archive of a whole ledger for its auditors.

    TARGET is a new directory, or a new file that ends in .zip. It contains everything up to the
    newest checkpoint. The entries together reveal a plant's business: give the archive only to its
    reader. --sqlite writes a database for queries instead, which proves nothing.
    """
    data = read_input(trust) if trust else None
    trusted = None if data is None else parse_trust(data)
    written = target or database
    if written is None or (target and database):
        raise UsageError("usage.option", "give either TARGET or --sqlite FILE")
    with session.reading_folder() as ledger, progress("Writing", ledger.size) as step:
        if reader == "public" and not has_public_entries(ledger):
            raise NotAllowedError(
                "archive.private", f"the entries of {ledger.origin} are not public"
            )
        if database is None:
            size = export_archive(
                ledger,
                written,
                _READERS[reader],
                trust=data,
                on_progress=lambda done, _all: step(done),
            )
        else:
            customs = trusted.customs if trusted else ()
            size = export_database(ledger, database, _READERS[reader], customs, step)
    out.result(
        {"written": str(written), "as": reader, "size": size},
        f"Wrote {written}: {size:,} entries, for {reader}.",
    )
