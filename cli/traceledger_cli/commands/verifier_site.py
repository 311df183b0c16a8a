"""`traceledger verifier-site`: writes a static site that verifies passports."""

from __future__ import annotations

import time
from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.files.targets import open_target
from traceledger.formats.trust import fingerprint as digest_of
from traceledger.formats.trust import parse_fingerprint, parse_trust
from traceledger.formats.trust_list import parse_trust_list
from traceledger_api.verifier_site import Authority, build_site
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns

__all__ = ["verifier_site"]

_EXAMPLE = """\
traceledger verifier-site check/ --trust trust.json --name "Customs of Lagos"
"""


@command("verifier-site", example=_EXAMPLE, writes=True)
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--trust",
    "trust_files",
    type=FILE,
    multiple=True,
    help="A trust file that the site relies on, one for each ledger. Repeatable.",
)
@click.option("--list", "trust_list", type=FILE, help="A trust list, for many ledgers.")
@click.option(
    "--fingerprint", help="The fingerprint of the list's key, as the authority published it."
)
@click.option("--name", default="Verify a part", show_default=True, help="The title of the site.")
@click.option(
    "--photos",
    multiple=True,
    metavar="ORIGIN",
    help="Where else photos may be loaded from, such as https://photos.example. Repeatable.",
)
def verifier_site(
    *,
    target: Path,
    trust_files: tuple[Path, ...],
    trust_list: Path | None,
    fingerprint: str | None,
    name: str,
    photos: tuple[str, ...],
    dry_run: bool,
    out: Output,
) -> None:
    """Write a static site that verifies passports, for others to host.

    TARGET is a new directory, or a new file that ends in .zip. Browsers check each part by the
    trust files given here, with a record from the ledger or a saved one. Use only trust files
    that you obtained through an independent channel.
    """
    if not trust_files and trust_list is None:
        raise UsageError("usage.option", "no trust file is named; give --trust or --list")
    if (trust_list is None) != (fingerprint is None):
        raise UsageError("usage.option", "--list and --fingerprint belong together")
    data = [read_input(file) for file in trust_files]
    authority = None
    if trust_list is not None and fingerprint is not None:
        authority = Authority(read_input(trust_list), parse_fingerprint(fingerprint))
    files = build_site(data, name, authority, photos=photos, now=int(time.time()))
    if not dry_run:
        with open_target(target) as folder:
            for path, content in sorted(files.items()):
                folder.write(path, content)
    listed = [(parse_trust(one).origin, digest_of(one)) for one in data]
    if authority is not None:
        named = parse_trust_list(authority.data).trust_list
        listed.append((f"{named.name}, list {named.sequence}", authority.key))
    text = "Checked; nothing was written." if dry_run else f"Wrote {target}: {len(files)} files."
    out.result(
        {
            "written": str(target),
            "files": len(files),
            "trust": [
                {"origin": origin, "fingerprint": digits} for origin, digits in listed[: len(data)]
            ],
            "list": listed[len(data)][1] if authority else "",
            "dry_run": dry_run,
        },
        f"{text}\n{columns(listed, indent='  ')}",
    )
