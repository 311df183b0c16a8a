"""`traceledger trust show` and `add`: what a verifier knows from elsewhere."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import click

from traceledger.errors import UsageError
from traceledger.formats.trust import TrustFile, fingerprint, parse_trust
from traceledger.formats.vkey import format_vkey
from traceledger_cli.command import command
from traceledger_cli.options.files import read_input
from traceledger_cli.options.trust_store import keep_trust, list_trust
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns, pairs, plain

__all__ = ["add", "show"]

_FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)


@command("show", example="traceledger trust show trust.json")
@click.argument("file", type=_FILE, required=False)
@click.option("--qr", is_flag=True, help="Draw the fingerprint as a QR code, to print it.")
def show(*, file: Path | None, qr: bool, out: Output) -> None:
    """Show a trust file with its fingerprint, or list those kept.

    Compare the fingerprint with one that came on another way: a customs office's wall, a supply
    contract.
    """
    if file is None:
        kept = list_trust()
        data = [{"origin": one.trust.origin, "fingerprint": one.fingerprint} for one in kept]
        rows = [(one.trust.origin, one.fingerprint) for one in kept]
        out.result({"trust": data}, columns(rows) or "No trust file is kept yet.")
        return
    content = read_input(file)
    trust = parse_trust(content)
    print_of_it = fingerprint(content)
    text = f"Trust file for {click.style(trust.origin, bold=True)}\n{_say(trust, print_of_it)}"
    if qr or (sys.stdout.isatty() and _has_symbols()):
        text += f"\n\n{_symbol(print_of_it)}"
    out.result(_describe(trust, print_of_it), text)


@command("add", example="traceledger trust add trust.json", writes=True)
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Also when another one is kept for that ledger.")
def add(*, file: Path, replace: bool, dry_run: bool, out: Output) -> None:
    """Keep a trust file for later verifications.

    Only add a file whose fingerprint you compared, and never one that came from the ledger itself.
    """
    data = read_input(file)
    path = keep_trust(data, replace=replace, dry_run=dry_run)
    origin, print_of_it = parse_trust(data).origin, fingerprint(data)
    said = "Checked; nothing was written." if dry_run else f"Kept for {origin}."
    out.result(
        {"origin": origin, "fingerprint": print_of_it, "kept": str(path), "dry_run": dry_run},
        f"{said}\n{pairs([('fingerprint', click.style(print_of_it, bold=True))], indent='  ')}",
    )


def _describe(trust: TrustFile, print_of_it: str) -> dict[str, Any]:
    return {
        "origin": trust.origin,
        "fingerprint": print_of_it,
        "founding": trust.founding,
        "policy": trust.policy_text,
        "replayed_by": trust.replayed_by,
        "customs": list(trust.customs),
        "items": list(trust.items),
        "max_age": trust.max_age,
        "until": [
            {"key": one.key, "size": one.size, "root": one.root.hex()} for one in trust.until
        ],
        "label_keys": [{"kid": one.jwk.kid, "party": one.party} for one in trust.label_keys],
    }


def _say(trust: TrustFile, print_of_it: str) -> str:
    policy = trust.policy
    lines = [("fingerprint", print_of_it), ("founded by", trust.founding)]
    lines += [("log key", format_vkey(log.key)) for log in policy.logs]
    lines += [("witness", f"{by.name}  {format_vkey(by.key)}") for by in policy.witnesses]
    lines += [
        ("group", f"{group.name}: {group.threshold} of {', '.join(group.members)}")
        for group in policy.groups
    ]
    lines += [
        ("quorum", policy.quorum),
        ("replayed by", trust.replayed_by or "nobody: no result is better than incomplete"),
        *(("customs", event) for event in trust.customs),
        ("speaks about", ", ".join(f"{prefix}…" for prefix in trust.items)),
        ("stale after", _duration(trust.max_age)),
        *(("replaced", f"{one.key}, counts up to size {one.size:,}") for one in trust.until),
        *(("label key", f"{one.party}  {one.jwk.kid}") for one in trust.label_keys),
    ]
    return pairs(((name, plain(value)) for name, value in lines), indent="  ")


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size:,} {unit}"
    return f"{seconds:,} seconds"


def _has_symbols() -> bool:
    return importlib.util.find_spec("qrcode") is not None


def _symbol(text: str) -> str:
    try:
        terminal = importlib.import_module("traceledger.labels.terminal")
    except ModuleNotFoundError as error:
        raise UsageError("usage.extra", "QR codes need qrcode") from error
    drawn: str = terminal.draw_terminal(text)
    return drawn
