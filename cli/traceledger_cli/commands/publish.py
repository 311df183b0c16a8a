"""`traceledger publish`: writes a static copy of a ledger, for a file server or a CDN."""

from __future__ import annotations

import os
from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.files.static_store import FolderStore, StaticStore
from traceledger.formats.trust import parse_trust
from traceledger.identifiers.digital_link import check_base_url
from traceledger.ledger.keeping.former import FormerPassports
from traceledger.ledger.reading.static_copy import Pages, copy_ledger
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
@click.option(
    "--pages",
    is_flag=True,
    help="Write a passport and a page for each unit too, to be served at the ledger's address.",
)
@click.option(
    "--url", default="", help="The address of the pages. Default: the ledger's own (init --url)."
)
@click.option(
    "--contact", default="", help="Where buyers report problems: an e-mail or https address."
)
@click.option(
    "--refresh",
    is_flag=True,
    help="Write the files of all units again, as of the newest checkpoint.",
)
@reading
def publish(
    *,
    target: str,
    trust: Path,
    private_target: bool,
    pages: bool,
    url: str,
    contact: str,
    refresh: bool,
    session: Session,
    out: Output,
) -> None:
    """Write a static copy of a ledger for a file server or a CDN.

    TARGET is a folder, or s3://BUCKET/FOLDER. `traceledger mirror` copies from it. Each run adds
    what is new up to the newest checkpoint; an interrupted run continues with the next one. The
    entries together reveal a plant's business: they are copied only if the ledger's policy makes
    them public, or with --private-target.
    """
    data = read_input(trust)
    trusted = parse_trust(data)
    if not pages and (url or contact or refresh):
        raise UsageError("usage.option", "--url, --contact and --refresh need --pages")
    address = check_base_url(url) if url else ""
    with session.reading_folder() as ledger, progress("Copying", ledger.size) as step:
        entries = private_target or has_public_entries(ledger)
        store = _open_store(target, out)
        site: Pages | None = None
        if pages:
            module = load("traceledger_api.static_pages", "--pages")
            site = module.StaticPages(
                ledger,
                trusted,
                FormerPassports(session.home.path),
                url=address or session.url,
                contact=contact,
                language="en",
            ).make
        copied = copy_ledger(
            ledger,
            store,
            trust=data,
            entries=entries,
            pages=site,
            refresh=refresh,
            on_progress=lambda done, _all: step(done),
        )
    contents = "with the entries" if entries else "without the entries, which are not public"
    out.result(
        {**copied._asdict(), "target": target, "entries": entries},
        f"{target} has the log up to size {copied.size:,}, {copied.size - copied.old:,} of it new,"
        f" {contents}.",
    )


def _open_store(target: str, out: Output) -> StaticStore:
    if not target.startswith("s3://"):
        return FolderStore(Path(target))
    bucket = load("traceledger.files.bucket", "a bucket")

    def mention() -> None:
        place = os.environ.get("AWS_ENDPOINT_URL", "")
        out.note(
            f"Waiting for {target}{f' at {place}' if place else ''}, which has not answered yet;"
            f" a request is repeated for {bucket.PATIENCE:.0f} seconds."
        )

    store: StaticStore = bucket.BucketStore(target, mention)
    return store
