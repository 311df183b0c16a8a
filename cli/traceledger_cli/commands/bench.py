"""`traceledger bench hammer`: loads a server and checks everything that it answers."""

from __future__ import annotations

import random

import click

from traceledger.errors import UsageError
from traceledger_cli.command import command
from traceledger_cli.exits import DAMAGED, INCOMPLETE, SUCCESS
from traceledger_cli.options.session import Session, fetching
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output

__all__ = ["hammer"]

_EXAMPLE = """\
traceledger bench hammer http://127.0.0.1:8000 --key lab --keys keys \\
    --item 01/09521234543213/21/7KQ2X4PM9ATRWC --goal 1000
"""


@command("hammer", example=_EXAMPLE)
@fetching
@click.option(
    "--item",
    "items",
    type=ITEM,
    multiple=True,
    required=True,
    help="An item for one writer to hold and release. Repeatable.",
)
@click.option(
    "--readers", type=click.IntRange(0, 64), default=2, show_default=True, help="Readers."
)
@click.option(
    "--goal",
    type=click.IntRange(1, 10_000_000),
    default=1000,
    show_default=True,
    help="The number of events to write.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    default=60,
    show_default=True,
    help="The longest time to take.",
)
@click.pass_context
def hammer(
    context: click.Context,
    *,
    items: tuple[str, ...],
    readers: int,
    goal: int,
    seconds: float,
    session: Session,
    out: Output,
) -> None:
    """Load a server with writers and readers that check every proof.

    Use it on a ledger for tests only: each writer holds and releases an item, again and again, and
    sends some events twice. An item takes some hundred events of a party, then its writer only
    sends them again: name enough items. The key needs the role quality. Start the server with
    `--rate 0`. Exit code 0: the goal was reached. 4: it was not, in that time. 3: the server
    contradicted itself. 9: the server grew during the run, its memory by more than 128 MiB, its
    open files by more than 64, or its write-ahead log by more than 64 MiB.
    """
    if session.server is None:
        raise UsageError(
            "usage.option", "URL is not the address of a server: https://ledger.example"
        )
    result = session.server.hammer(
        session.signer(),
        items=items,
        readers=readers,
        goal=goal,
        seconds=seconds,
        chance=random.SystemRandom(),
    )
    rate = result.written / result.seconds
    out.result(
        result._asdict(),
        f"{result.written:,} events in {result.seconds:.1f} s, {rate:,.0f} a second;"
        f" {result.duplicates:,} sent twice; {result.proofs:,} proofs checked against"
        f" {result.checkpoints:,} checkpoints."
        + "".join(
            f"\n  {name}: {before:,.0f} at the start, {after:,.0f} at the end"
            + (", which is too much" if name in result.grown else "")
            for name, (before, after) in result.server.items()
        ),
    )
    if result.grown:
        context.exit(DAMAGED)
    context.exit(SUCCESS if result.reached else INCOMPLETE)
