"""`traceledger new-id`: draws ids for units, declaration lines and account books."""

from __future__ import annotations

import secrets

import click

from traceledger.identifiers import new_item
from traceledger_cli.command import command
from traceledger_cli.output import Output

__all__ = ["draw"]

_MOST = 100_000


@command(
    "new-id",
    example="traceledger new-id 01/09521234543213 --count 100\ntraceledger new-id book",
)
@click.argument("beginning")
@click.option(
    "--count",
    type=click.IntRange(1, _MOST),
    default=1,
    show_default=True,
    help="How many ids.",
)
def draw(*, beginning: str, count: int, out: Output) -> None:
    """Draw random ids of units, declaration lines or account books.

    BEGINNING is 01/ and the GTIN of a product, x/unit, decl or book. Anyone who knows the id of a
    unit can open its page, so serials must not be counted up. An id is used once: print it on the
    label, then record its first event.
    """
    drawn = [new_item(beginning, secrets.token_bytes).text for _ in range(count)]
    out.result({"items": drawn}, "\n".join(drawn))
