"""`traceledger trust list` and `update`: an authority's list of trust files."""

from __future__ import annotations

import time
from pathlib import Path

import click

from traceledger.formats.note import check_key_name
from traceledger.formats.trust import fingerprint
from traceledger.formats.trust_list import (
    MAX_TRUST_LIST,
    TrustList,
    list_ledger,
    open_trust_list,
    parse_trust_list,
    sign_trust_list,
)
from traceledger.formats.vkey import format_vkey
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE, output_option
from traceledger_cli.options.files import STANDARD, read_input, write_output
from traceledger_cli.options.list_store import update_list
from traceledger_cli.options.note_key import open_note_key
from traceledger_cli.output import Output
from traceledger_cli.texts.trust_lists import describe_list, render_list, report_list

__all__ = ["update", "write_list"]

_LIST = """\
traceledger trust list plant-1.json plant-2.json -o list.json --name customs.example/ledgers \\
    --key keys/authority.pem --days 90 --after list-of-may.json
"""
_DAY = 86_400


@command("list", example=_LIST, writes=True)
@click.argument("trust_files", type=FILE, nargs=-1, required=True)
@click.option("--name", required=True, help="The name of the list: a host and a path.")
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The authority's Ed25519 key, a file that `traceledger key new` wrote.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    required=True,
    help="The number of days after which the list expires.",
)
@click.option(
    "--after", type=FILE, help="The list before this one. Default: this is the first, number 1."
)
@output_option(required=True)
@click.option(
    "--passphrase-file",
    type=FILE,
    envvar="TRACELEDGER_PASSPHRASE_FILE",
    help="A file with the passphrase of the key. Default: a prompt.",
)
def write_list(
    *,
    trust_files: tuple[Path, ...],
    name: str,
    key: Path,
    days: int,
    after: Path | None,
    target: Path,
    passphrase_file: Path | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Sign a list of trust files for many ledgers.

    Readers who know the fingerprint of the key need no other file. Publish the fingerprint through
    a channel that does not depend on the list, and sign the next list well before this one expires.
    """
    check_key_name(name)
    ledgers = tuple(list_ledger(read_input(file)) for file in trust_files)
    signer = open_note_key(key, name, passphrase_file)
    digest = fingerprint(format_vkey(signer.verifier).encode())
    number = 1 if after is None else _number_of(after, digest) + 1
    now = int(time.time())
    trust_list = TrustList(name, number, now, now + days * _DAY, ledgers)
    data = sign_trust_list(trust_list, signer)
    if not dry_run:
        write_output(target, data)
    if dry_run or target != STANDARD:
        text = "Checked; nothing was written." if dry_run else f"Wrote {target}."
        described = describe_list(trust_list, digest)
        out.result(
            described | {"written": str(target), "dry_run": dry_run},
            f"{text}\n{render_list(trust_list, digest)}",
        )


@command("update", example="traceledger trust update list.json", writes=True)
@click.argument("file", type=FILE)
def update(*, file: Path, dry_run: bool, out: Output) -> None:
    """Replace a stored trust list by a newer one.

    The newer list is by the key that you accepted with `traceledger trust add`, so it may come from
    anywhere. An older, expired or altered list is refused.
    """
    data = read_input(file, MAX_TRUST_LIST)
    found = update_list(data, dry_run=dry_run)
    report_list(found, parse_trust_list(data).fingerprint, out, dry_run=dry_run)


def _number_of(file: Path, key: str) -> int:
    """Returns the number of the authority's own earlier list, which may have expired."""
    data = read_input(file, MAX_TRUST_LIST)
    found = parse_trust_list(data).trust_list
    open_trust_list(data, key, now=found.issued)
    return found.sequence
