"""`traceledger publish`: writes a static copy of a ledger, for a file server or a CDN."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.files.static_store import FolderStore, StaticStore
from traceledger.formats.trust import parse_trust
from traceledger.ledger.reading.static_copy import copy_ledger
from traceledger.views.policy import has_public_entries
from traceledger_cli.command import command
from traceledger_cli.extras import load
from traceledger_cli.options.file_options import trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output
from traceledger_cli.progress import progress

__all__ = ["publish"]

_EXAMPLE = """\
traceledger publish /srv/www --trust trust.json --ledger ledger
traceledger publish s3://bucket/folder --trust trust.json --ledger ledger
"""


@command("publish", example=_EXAMPLE)
@click.argument("target")
@trust_option("The trust file that the copy offers to its readers.", required=True)
@click.option(
    "--private-target",
    is_flag=True,
    help="Copy the entries although the ledger's policy does not make them public: only readers"
    " with that right may reach TARGET.",
)
@reading
def publish(
    *, target: str, trust: Path, private_target: bool, session: Session, out: Output
) -> None:
    """Write a static copy of a ledger for a file server or a CDN.

    TARGET is a folder, or s3://BUCKET/FOLDER. `traceledger mirror` copies from it. Each run adds
    what is new up to the newest checkpoint; an interrupted run continues with the next one. The
    entries together reveal a plant's business: they are copied only if the ledger's policy makes
    them public, or with --private-target.
    """
    data = read_input(trust)
    parse_trust(data)
    with session.reading_folder() as ledger, progress("Copying", ledger.size) as step:
        entries = private_target or has_public_entries(ledger)
        copied = copy_ledger(
            ledger,
            _open_store(target),
            trust=data,
            entries=entries,
            on_progress=lambda done, _all: step(done),
        )
    contents = "with the entries" if entries else "without the entries, which are not public"
    out.result(
        {**copied._asdict(), "target": target, "entries": entries},
        f"{target} has the log up to size {copied.size:,}, {copied.size - copied.old:,} of it new,"
        f" {contents}.",
    )


def _open_store(target: str) -> StaticStore:
    if not target.startswith("s3://"):
        return FolderStore(Path(target))
    store: StaticStore = load("traceledger.files.bucket", "a bucket").BucketStore(target)
    return store
