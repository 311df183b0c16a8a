"""`traceledger witness serve`: cosigns over HTTP."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from traceledger.errors import UsageError
from traceledger.files.lock import lock_folder
from traceledger.witness.home import WitnessHome
from traceledger_api.limits import Limits
from traceledger_api.server import bind, run_app
from traceledger_api.witness_site import create_witness_app
from traceledger_cli.command import command
from traceledger_cli.options.serving import host_option, log_option, port_option
from traceledger_cli.options.session import Session, signing
from traceledger_cli.output import Output

if TYPE_CHECKING:
    from traceledger.witness.witness import Fetch

__all__ = ["serve"]

_EXAMPLE = """\
traceledger witness serve customs-witness --ledger https://ledger.example \\
    --key auditor --keys keys
"""


@command("serve", example=_EXAMPLE)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--append-only", is_flag=True, help="Check only that the log is append-only; replay nothing."
)
@host_option
@port_option(8100)
@log_option
@signing
def serve(
    *,
    folder: Path,
    append_only: bool,
    host: str,
    port: int,
    log: str,
    session: Session,
    out: Output,
) -> None:
    """Cosign over HTTP until Ctrl-C or SIGTERM.

    It speaks C2SP tlog-witness. FOLDER is the witness's folder. A replaying witness fetches the new
    entries from --ledger, the address of the log's server, with the key --key, which needs the role
    observer or customs. It keeps its replay and replays only new entries. Put nginx or Caddy in
    front of it for https.
    """
    home = WitnessHome.open(folder)
    witness = home.witness(session.own_passphrase(f"the witness {home.name}"))
    witness.check_mode(replaying=not append_only)
    with contextlib.ExitStack() as opened:
        # The record has a lock of its own; this one is for a second server, which serves nobody.
        opened.enter_context(lock_folder(folder))
        fetch: Fetch | None = None
        if not append_only:
            if session.server is None:
                raise UsageError(
                    "usage.option",
                    "a replaying witness needs the address of the log's server",
                    hint="Give --ledger https://HOST, or --append-only to replay nothing.",
                )
            fetch = opened.enter_context(session.server.fetching(session.open_key()))
        listener = bind(host, port)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}"
        mode = "append-only" if append_only else "replaying"
        out.result(
            {"address": address, "name": home.name, "origin": witness.origin, "mode": mode},
            f"{home.name} cosigns {witness.origin} ({mode}) at {address}\n  Ctrl-C stops it.",
        )
        limits = Limits()
        app = create_witness_app(home, witness, fetch=fetch, clock=time.time, limits=limits)
        run_app(app, listener, limits=limits, log=log)
