"""`traceledger serve`: serves the ledger's folder over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger_api.app import open_context
from traceledger_api.forwarding import parse_forwarding
from traceledger_api.limits import Limits
from traceledger_api.pages.buyer.answer import BuyerPages
from traceledger_api.server import bind
from traceledger_api.server import serve as run
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE, trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.options.serving import host_option, log_option, port_option
from traceledger_cli.options.session import Session, writing
from traceledger_cli.output import Output

__all__ = ["serve"]

_EXAMPLE = "traceledger serve --ledger ledger --port 8000 --passphrase-file passphrase"
_DEFAULTS = Limits()


@command("serve", example=_EXAMPLE)
@host_option
@port_option(8000)
@click.option(
    "--url",
    default="",
    help="The base address of links. Default: the ledger's own (init --url).",
)
@trust_option("The trust file to serve. Default: one that lists the log's key only.")
@click.option(
    "--resolver",
    type=FILE,
    help="A file with the addresses of other ledgers, by GS1 prefix: links to their parts lead"
    " there (docs/guide/operations.md).",
)
@click.option(
    "--contact",
    default="",
    help="Where buyers report problems: an e-mail or https address, shown on every page.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05),
    default=1.0,
    show_default=True,
    help="The minimum time between two checkpoints, in seconds.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    default=_DEFAULTS.rate,
    show_default=True,
    help="Requests a second allowed for each client; 0 for no limit.",
)
@click.option(
    "--read-store",
    metavar="ADDRESS",
    default="",
    help="A replica of the ledger's PostgreSQL database, from which to read what it has"
    " (docs/guide/postgresql.md).",
)
@log_option
@writing
def serve(
    *,
    host: str,
    port: int,
    url: str,
    trust: Path | None,
    resolver: Path | None,
    contact: str,
    interval: float,
    rate: float,
    read_store: str,
    log: str,
    session: Session,
    out: Output,
) -> None:
    """Serve the ledger over HTTP until Ctrl-C or SIGTERM.

    Before it stops, the server completes the requests that it accepted. It holds the writer lock:
    to write while it runs, give its address to --ledger. Plain http is for this machine only; for
    others, put nginx or Caddy in front of it.
    """
    listener = bind(host, port)
    context = open_context(
        session.home,
        session.passphrase(),
        limits=Limits(rate=rate, burst=max(1, int(rate * 10))),
        trust=read_input(trust) if trust else None,
        interval=interval,
        url=url,
        forwarding=parse_forwarding(read_input(resolver)) if resolver else None,
        read_store=read_store,
    )
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listener.getsockname()[1]}"
    out.result(
        {"address": address, "origin": context.service.origin},
        f"Serving {context.service.origin} at {address}\n"
        f"  for programs  {address}/api/v1/docs\n"
        "  Ctrl-C stops it.",
    )
    run(context, listener, pages=BuyerPages(context.url, contact), log=log)
