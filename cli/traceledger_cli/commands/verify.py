"""`traceledger verify`: a passport against a trust file, without a network or a database."""

from __future__ import annotations

import time
from pathlib import Path

import click

from traceledger.errors import TraceledgerError
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import parse_passport
from traceledger.verify import RefusedError, report, verify_passport
from traceledger_cli.command import command
from traceledger_cli.exits import FINE, INCOMPLETE, REFUSED
from traceledger_cli.files import read_input
from traceledger_cli.output import Output
from traceledger_cli.truststore import find_trust
from traceledger_cli.values import ITEM
from traceledger_cli.verdicts import say_refusal, say_verdict

__all__ = ["verify"]

_EXAMPLE = """\
traceledger verify passport.json --trust trust.json \\
    --item 01/09521234543213/21/7KQ2X4PM9ATRWC
"""
_FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)


@command("verify", example=_EXAMPLE)
@click.argument("passport", type=_FILE)
@click.option(
    "--item",
    type=ITEM,
    required=True,
    help="The part in your hand: the id or the address on its label, never from the passport.",
)
@click.option(
    "--trust",
    type=_FILE,
    envvar="TRACELEDGER_TRUST",
    help="The trust file; else the one kept with `trust add`.",
)
@click.option("--first-use", is_flag=True, help="The trust file came from the ledger itself.")
@click.pass_context
def verify(
    context: click.Context,
    *,
    passport: Path,
    item: str,
    trust: Path | None,
    first_use: bool,
    out: Output,
) -> None:
    """Verify the passport of a part.

    Exit code 0: verified. 4: nothing false, but something could not be checked. 3: refused, do not
    rely on it.
    """
    data = read_input(passport)
    try:
        trusted = read_input(trust) if trust else find_trust(_origin(data))
        verdict = verify_passport(data, trusted, item, now=int(time.time()), first_use=first_use)
    except RefusedError as error:
        out.result(report(error), say_refusal(error, item))
        context.exit(REFUSED)
    out.result(report(verdict), say_verdict(verdict))
    context.exit(FINE if verdict.result == "verified" else INCOMPLETE)


def _origin(data: bytes) -> str:
    """The ledger that the passport says it is of; only to find the trust file."""
    try:
        return parse_checkpoint(parse_note(parse_passport(data).checkpoint).text).origin
    except TraceledgerError as error:
        raise RefusedError(error.code, error.message, where=error.where, hint=error.hint) from error
