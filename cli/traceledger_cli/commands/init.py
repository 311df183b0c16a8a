"""`traceledger init`: founds a ledger."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import click

from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import NoteVerifier, parse_note
from traceledger.formats.vkey import format_vkey
from traceledger.ledger.keeping.founding import found_ledger
from traceledger.planning.keys import LOG_KEY
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.passphrases import ask_passphrase
from traceledger_cli.options.store import STORE
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import pairs
from traceledger_cli.texts.terminal import style

__all__ = ["init"]

_EXAMPLE = """\
traceledger init ledger --origin ledger.example/cq-1 \\
    --url https://id.example --name "Liangjiang remanufacturing ledger"
"""


@command("init", example=_EXAMPLE, writes=True)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--origin", required=True, help="The log's name: a host and a path.")
@click.option("--url", required=True, help="The base address of the links on labels.")
@click.option("--name", required=True, help="The ledger's display name.")
@STORE
@click.option(
    "--passphrase-file",
    type=FILE,
    envvar="TRACELEDGER_PASSPHRASE_FILE",
    help="A file with the passphrase of the new keys. Default: a prompt.",
)
def init(
    *,
    folder: Path,
    origin: str,
    url: str,
    name: str,
    store: str,
    passphrase_file: Path | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Found a ledger in a new folder.

    Creates the database, or the tables in that of --store, the log key, which signs checkpoints,
    the root key, which admits parties, and the first event. Keep a copy of the root key and its
    passphrase offline.
    """
    passphrase = ask_passphrase(passphrase_file, "the log key and the root key")
    home = found_ledger(
        folder,
        origin,
        url,
        name,
        passphrase,
        clock=time.time,
        randbytes=secrets.token_bytes,
        store=store,
        dry_run=dry_run,
    )
    if dry_run:
        out.result({"dry_run": True}, "Checked; nothing was written.")
        return
    vkey = format_vkey(NoteVerifier(origin, home.keys.public(LOG_KEY)))
    size = parse_checkpoint(parse_note(read_input(home.published)).text).size
    out.result(
        {"ledger": str(folder), "origin": origin, "url": url, "log_key": vkey, "size": size},
        "\n".join(
            (
                style(f"Founded {name} in {folder}", bold=True),
                pairs((("origin", origin), ("address", url), ("log key", vkey)), indent="  "),
                "Next: traceledger key new and traceledger party admit.",
            )
        ),
    )
