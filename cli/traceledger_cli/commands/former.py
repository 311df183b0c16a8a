"""`traceledger former`: what an import states about a part's life in another ledger."""

from __future__ import annotations

import json
from pathlib import Path

import click

from traceledger.ledger.keeping.former import FormerPassports
from traceledger.planning.former import format_former
from traceledger_cli.command import command
from traceledger_cli.options.file_format import refuse_other_format
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output

__all__ = ["former"]


_EXAMPLE = """\
traceledger former passport.json
traceledger former passport.json --keep --ledger ledger
"""


@command("former", example=_EXAMPLE)
@click.argument("passport", type=FILE)
@click.option(
    "--keep",
    is_flag=True,
    help="Keep the passport in the ledger's folder too: its server and its static copies then show"
    " it to everyone.",
)
@reading
def former(*, passport: Path, keep: bool, session: Session, out: Output) -> None:
    """Print the value of --former for a part from another ledger.

    PASSPORT is its passport there, the value is for `traceledger event import`. Verify the passport
    first, and pass it on with the part: whoever verifies the part here needs the same file. With
    --keep, the page of the part loads it by itself.
    """
    data = read_input(passport)
    refuse_other_format(data, passport, "a passport")
    text = format_former(data).decode()
    if keep:
        FormerPassports(session.home.path).keep(data)
    out.result(json.loads(text), text)
