"""`traceledger history`: all events of an item, as a reader sees them."""

from __future__ import annotations

import click
import msgspec

from traceledger.reports.words import LANGUAGES, Language
from traceledger.views.answers import History
from traceledger.views.history import describe_event
from traceledger_cli.command import command
from traceledger_cli.options.recipients import READERS, reader_option
from traceledger_cli.options.session import Session, reading
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output
from traceledger_cli.texts.events import render_event

__all__ = ["history"]

_EXAMPLE = """\
traceledger history 8004/9521234C000001 --as public --ledger ledger
traceledger history 8004/9521234C000001 --language zh --ledger audit.zip
"""


@command("history", example=_EXAMPLE)
@click.argument("item", type=ITEM)
@reader_option("all")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="The language of names, tests, units and faults.",
)
@reading
def history(*, item: str, reader: str, language: Language, session: Session, out: Output) -> None:
    """Show all events of an item.

    With the ledger's folder, every field is visible; --as shows what others see. --ledger can also
    be an archive, as a directory or a zip. Known tests, units and faults are named as on the page
    of a part; --json shows each text as signed.
    """
    with session.viewing(out) as ledger:
        chain = ledger.chain(item)
    events = [describe_event(entry, READERS[reader]) for entry in chain]
    data = msgspec.to_builtins(History(item=item, events=events))
    out.result(data, "\n\n".join(render_event(event, language) for event in events))
