"""`traceledger mirror`: copies a server's ledger into a folder, and extends the copy later."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger_cli.command import command
from traceledger_cli.options.file_options import trust_option
from traceledger_cli.options.session import Session, fetching
from traceledger_cli.options.trust_store import read_trust
from traceledger_cli.output import Output
from traceledger_cli.progress import progress

__all__ = ["mirror"]

_EXAMPLE = """\
traceledger mirror https://ledger.example mirror --key auditor --keys keys
"""


@command("mirror", example=_EXAMPLE)
@fetching
@click.argument("folder", type=click.Path(path_type=Path))
@trust_option("The trust file. Default: the one stored with `trust add`.", stored=True)
def mirror(*, folder: Path, trust: Path | None, session: Session, out: Output) -> None:
    """Copy the ledger of a server into a folder, or extend the copy.

    FOLDER has the layout of an archive: `traceledger verify` and `traceledger audit` read it. An
    interrupted run continues with the next one. A log that does not extend the copy is refused;
    the copy stays unchanged, with the evidence beside it. Entries require a key with the role
    observer or customs; customs also receive the customs fields.
    """
    if session.server is None:
        raise UsageError(
            "usage.option", "URL is not the address of a server: https://ledger.example"
        )
    mirrored = session.server.mirror(
        folder,
        trust=read_trust(trust) if trust else None,
        signer=session.open_key(),
        show=progress,
    )
    fields = "with customs fields" if mirrored.disclosed else "public fields only"
    grown = mirrored.size - mirrored.old
    out.result(
        {**mirrored._asdict(), "folder": str(folder)},
        f"{folder} has {mirrored.size:,} entries of {mirrored.origin}, {grown:,} of them new,"
        f" {fields}.",
    )
