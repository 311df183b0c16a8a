"""`traceledger passport`: writes the complete history of an item with its proofs."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger_cli.command import command
from traceledger_cli.extras import load
from traceledger_cli.options.file_options import output_option, trust_option
from traceledger_cli.options.files import STANDARD, write_output
from traceledger_cli.options.recipients import READERS, reader_option
from traceledger_cli.options.session import Session, reading
from traceledger_cli.options.trust_store import read_trust
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output

__all__ = ["passport"]

_EXAMPLE = """\
traceledger passport 01/09521234543213/21/7KQ2X4PM9ATRWC -o passport.json --ledger ledger
"""


@command("passport", example=_EXAMPLE)
@click.argument("item", type=ITEM)
@output_option()
@trust_option(
    "The reader's trust file: prefer a checkpoint that is final under it, and include only the"
    " cosignatures of its witnesses."
)
@reader_option("public")
@reading
def passport(
    *, item: str, target: Path, trust: Path | None, reader: str, session: Session, out: Output
) -> None:
    """Write the passport of an item, as of the newest checkpoint.

    It contains every event of the item and of its parts, with the proofs that none is omitted. With
    --trust, it is as of the newest checkpoint with all cosignatures that the file requires, unless
    the item has changed since.
    """
    trusted = read_trust(trust) if trust else None
    if session.server:
        data = session.server.passport(item)
    else:
        passports = load("traceledger.ledger.reading.passports", "a ledger's folder")
        with session.reading_folder() as ledger:
            data = passports.build_passport(ledger, item, READERS[reader], trust=trusted)
    write_output(target, data)
    if target != STANDARD:
        out.result(
            {"written": str(target), "item": item, "bytes": len(data)},
            f"Wrote {target}, {len(data):,} bytes.",
        )
