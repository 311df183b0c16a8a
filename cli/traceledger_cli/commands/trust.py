"""`traceledger trust show` and `add`: shows and stores trust files and lists."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import click

from traceledger.errors import UsageError, VerificationError
from traceledger.formats.trust import TrustFile, fingerprint, parse_fingerprint, parse_trust
from traceledger.formats.trust_list import is_trust_list, parse_trust_list
from traceledger.formats.vkey import format_vkey
from traceledger.identifiers.excerpt import printable
from traceledger_cli.command import command
from traceledger_cli.extras import load
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.list_store import add_list, list_lists
from traceledger_cli.options.trust_store import list_trust, store_trust
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns, pairs
from traceledger_cli.texts.terminal import style
from traceledger_cli.texts.trust_lists import describe_list, render_list, report_list

__all__ = ["add", "show"]


@command("show", example="traceledger trust show trust.json")
@click.argument("file", type=FILE, required=False)
@click.option("--qr", is_flag=True, help="Also draw the fingerprint as a QR code, for printing.")
def show(*, file: Path | None, qr: bool, out: Output) -> None:
    """Show a trust file or list with its fingerprint, or list the stored ones.

    Compare the fingerprint with one obtained through an independent channel, such as a notice at a
    customs office or a supply contract. The fingerprint of a list is that of its authority's key.
    """
    if file is None:
        _show_stored(out)
        return
    content = read_input(file)
    if is_trust_list(content):
        signed = parse_trust_list(content)
        digest, described = signed.fingerprint, describe_list(signed.trust_list, signed.fingerprint)
        text = render_list(signed.trust_list, digest)
    else:
        trust = parse_trust(content)
        digest = fingerprint(content)
        described = _describe(trust, digest)
        text = f"Trust file for {style(trust.origin, bold=True)}\n{_render(trust, digest)}"
    if qr or (sys.stdout.isatty() and _has_symbols()):
        text += f"\n\n{_symbol(digest)}"
    out.result(described, text)


@command("add", example="traceledger trust add trust.json", writes=True)
@click.argument("file", type=FILE)
@click.option(
    "--fingerprint",
    "wanted",
    help="The fingerprint from a source that you trust: of the trust file, or of the key of a"
    " trust list, which needs it.",
)
@click.option("--replace", is_flag=True, help="Replace a different trust file of that ledger.")
def add(*, file: Path, wanted: str | None, replace: bool, dry_run: bool, out: Output) -> None:
    """Store a trust file or a trust list for later verifications.

    Only add a file whose fingerprint you have compared, and never one that came from the ledger
    itself. A trust list is accepted by its authority's key, whose fingerprint must be given.
    """
    data = read_input(file)
    given = None if wanted is None else parse_fingerprint(wanted)
    if is_trust_list(data):
        if given is None:
            raise UsageError(
                "usage.option",
                f"{file} is a trust list, which is accepted by its authority's key",
                hint="Add --fingerprint, as the authority itself published it.",
            )
        found = add_list(data, given, replace=replace, dry_run=dry_run)
        report_list(found, given, out, dry_run=dry_run)
        return
    digest = fingerprint(data)
    if given not in {None, digest}:
        raise VerificationError("trust.fingerprint", f"{file} has the fingerprint {digest}")
    path = store_trust(data, replace=replace, dry_run=dry_run)
    origin = parse_trust(data).origin
    text = "Checked; nothing was written." if dry_run else f"Stored for {origin}."
    out.result(
        {"origin": origin, "fingerprint": digest, "kept": str(path), "dry_run": dry_run},
        f"{text}\n{pairs([('fingerprint', style(digest, bold=True))], indent='  ')}",
    )


def _show_stored(out: Output) -> None:
    files = [(stored.trust.origin, stored.fingerprint) for stored in list_trust()]
    lists = list_lists()
    rows = [(origin, digest, "") for origin, digest in files]
    rows += [
        (one.trust_list.name, one.fingerprint, f"list {one.trust_list.sequence}") for one in lists
    ]
    described = {
        "trust": [{"origin": origin, "fingerprint": digest} for origin, digest in files],
        "lists": [describe_list(one.trust_list, one.fingerprint) for one in lists],
    }
    out.result(described, columns(rows) or "No trust file is stored yet.")


def _describe(trust: TrustFile, digest: str) -> dict[str, Any]:
    return {
        "origin": trust.origin,
        "fingerprint": digest,
        "founding": trust.founding,
        "policy": trust.policy_text,
        "replayed_by": trust.replayed_by,
        "customs": list(trust.customs),
        "items": list(trust.items),
        "max_age": trust.max_age,
        "until": [
            {"key": old.key, "size": old.size, "root": old.root.hex()} for old in trust.until
        ],
        "verifier": trust.verifier,
        "label_keys": [{"kid": key.jwk.kid, "party": key.party} for key in trust.label_keys],
    }


def _render(trust: TrustFile, digest: str) -> str:
    policy = trust.policy
    lines = [("fingerprint", digest), ("founded by", trust.founding)]
    lines += [("log key", format_vkey(log.key)) for log in policy.logs]
    lines += [("witness", f"{by.name}  {format_vkey(by.key)}") for by in policy.witnesses]
    lines += [
        ("group", f"{group.name}: {group.threshold} of {', '.join(group.members)}")
        for group in policy.groups
    ]
    lines += [
        ("quorum", policy.quorum),
        ("replayed by", trust.replayed_by or "nobody: every result is at best incomplete"),
        *(("customs", event) for event in trust.customs),
        ("covers", ", ".join(f"{prefix}…" for prefix in trust.items)),
        ("stale after", _duration(trust.max_age)),
        *(("replaced", f"{old.key}, valid up to size {old.size:,}") for old in trust.until),
        *((("verifier", trust.verifier),) if trust.verifier else ()),
        *(("label key", f"{key.party}  {key.jwk.kid}") for key in trust.label_keys),
    ]
    return pairs(((name, printable(value)) for name, value in lines), indent="  ")


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size:,} {unit}"
    return f"{seconds:,} seconds"


def _has_symbols() -> bool:
    return importlib.util.find_spec("qrcode") is not None


def _symbol(text: str) -> str:
    drawn: str = load("traceledger.labels.terminal", "drawing QR codes").draw_terminal(text)
    return drawn
