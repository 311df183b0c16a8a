"""`traceledger demo`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from traceledger_cli.demo.run import MAX_CORES, MIN_CORES, Outcome, run_demo
from traceledger_cli.demo.summary import summarise
from traceledger_cli.options.store import STORE

__all__ = ["demo"]

# The average number of events per core, for the progress bar only.
_EVENTS_PER_CORE = 18


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed gives the same events."
)
@click.option(
    "--cores",
    type=click.IntRange(MIN_CORES, MAX_CORES),
    default=MAX_CORES,
    show_default=True,
    help="Number of cores of the shipment to process.",
)
@STORE
@click.option(
    "--serve",
    is_flag=True,
    help="Run the port's witness as a server on this machine and ask it over HTTP for each"
    " checkpoint; needs the extra [server].",
)
@click.option("--json", "as_json", is_flag=True, help="Print paths and counts as JSON.")
def demo(folder: Path, seed: int, cores: int, store: str, *, serve: bool, as_json: bool) -> None:
    """Take a shipment of 1,080 used control modules from import to export.

    FOLDER must be new or empty. It receives the ledger, all keys, a trust file and passports.

    Example: traceledger demo my-demo
    """
    with click.progressbar(
        length=cores * _EVENTS_PER_CORE,
        label="Signing and logging events",
        file=sys.stderr,
        hidden=as_json or not sys.stderr.isatty(),
    ) as bar:
        outcome = run_demo(
            folder, seed=seed, cores=cores, store=store, serve=serve, progress=bar.update
        )
    if as_json:
        click.echo(json.dumps(_describe(outcome)))
    else:
        click.echo(summarise(outcome), nl=False)


def _describe(outcome: Outcome) -> dict[str, object]:
    return {
        "ledger": str(outcome.ledger),
        "trust": str(outcome.trust),
        "passport": str(outcome.passport),
        "unit": outcome.story.good.unit,
        "recalled_passport": str(outcome.recalled),
        "recalled_unit": outcome.story.recalled.unit,
        "second_life_passport": str(outcome.second_life),
        "second_life_unit": outcome.story.second.unit,
        "archive": str(outcome.archive),
        "events": outcome.events,
        "items": outcome.items,
    }
