"""`traceledger doctor`: looks a ledger over and says what is not well."""

from __future__ import annotations

import time

import click

from traceledger.codes import CODES
from traceledger.ledger.keeping.doctor import Finding, examine
from traceledger_cli.command import command
from traceledger_cli.exits import DAMAGED, FINE
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns

__all__ = ["doctor"]


@command("doctor", example="traceledger doctor --ledger ledger")
@reading
@click.pass_context
def doctor(context: click.Context, *, session: Session, out: Output) -> None:
    """Look a ledger over: disk, keys, database, every entry, the map.

    Reads everything and changes nothing. Exit code 0 when all is well, 9 when something is not.
    """
    found = list(examine(session.home, time.time))
    well = all(one.well for one in found)
    data = {"well": well, "findings": [one._asdict() for one in found]}
    said = columns(map(_row, found))
    if not well:
        said += f"\nWhat to do: {CODES['ledger.damaged'].hint}"
    out.result(data, said)
    context.exit(FINE if well else DAMAGED)


def _row(one: Finding) -> tuple[str, str, str]:
    sign = click.style("✓", fg="green") if one.well else click.style("✗", fg="red", bold=True)
    return sign, one.name, one.seen
