"""`traceledger verifier-site`: writes a static site that verifies passports."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.files.targets import open_target
from traceledger.formats.trust import fingerprint, parse_trust
from traceledger_api.verifier_site import build_site
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
    required=True,
    help="A trust file that the site relies on, one for each ledger. Repeatable.",
)
@click.option("--name", default="Verify a part", show_default=True, help="The title of the site.")
def verifier_site(
    *, target: Path, trust_files: tuple[Path, ...], name: str, dry_run: bool, out: Output
) -> None:
    """Write a static site that verifies passports, for others to host.

    TARGET is a new directory, or a new file that ends in .zip. Browsers check each part by the
    trust files given here, with a record from the ledger or a saved one. Use only trust files
    that you obtained through an independent channel.
    """
    data = [read_input(file) for file in trust_files]
    files = build_site(data, name)
    if not dry_run:
        with open_target(target) as folder:
            for path, content in sorted(files.items()):
                folder.write(path, content)
    listed = [(parse_trust(one).origin, fingerprint(one)) for one in data]
    text = "Checked; nothing was written." if dry_run else f"Wrote {target}: {len(files)} files."
    out.result(
        {
            "written": str(target),
            "files": len(files),
            "trust": [{"origin": origin, "fingerprint": digits} for origin, digits in listed],
            "dry_run": dry_run,
        },
        f"{text}\n{columns(listed, indent='  ')}",
    )
