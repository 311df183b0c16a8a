"""`traceledger trust make`: writes the trust file of a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from traceledger.errors import NotFoundError
from traceledger.formats.note import NoteVerifier
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import LabelKey, TrustFile, fingerprint, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.planning.keys import LOG_KEY
from traceledger.rules.state import KeyState, PartyState
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search
from traceledger.views.searches import search_all
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE, output_option
from traceledger_cli.options.files import STANDARD, read_input, write_output
from traceledger_cli.options.session import Session, reading
from traceledger_cli.options.values import item_of_party
from traceledger_cli.output import Output
from traceledger_cli.texts.terminal import style

if TYPE_CHECKING:
    from traceledger.ledger.keeping.home import Home

__all__ = ["make"]

_EXAMPLE = """\
traceledger trust make -o trust.json --witness cq=customs.example/w1+3a7b9d12+BIE5... \\
    --replayed-by cq --customs customs --item 01/0952123 --item 8004/9521234 --ledger ledger
"""
_NOT_REPLAYED = (
    "This trust file names no witness that replays the entries, so every result is at best"
    " incomplete. Name one with --replayed-by."
)


@command("make", example=_EXAMPLE, writes=True)
@click.option(
    "--policy",
    type=FILE,
    help="A C2SP tlog-policy, instead of --witness and --quorum.",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="NAME=KEY [URL]",
    help="A witness: a name for it, its key, name+hash+key, and its address, if any. Repeatable.",
)
@click.option(
    "--quorum",
    default="all",
    show_default=True,
    help="How many witnesses are required: all, any or a number.",
)
@click.option("--replayed-by", default="", help="The witness that replays the whole log.")
@click.option(
    "--customs", multiple=True, metavar="PARTY", help="A party that counts as customs. Repeatable."
)
@click.option(
    "--item",
    "items",
    multiple=True,
    required=True,
    help="A prefix of the item ids that the ledger covers. Repeatable.",
)
@click.option(
    "--labels-of",
    "label_parties",
    multiple=True,
    metavar="PARTY",
    help="A party whose approvers' keys may sign statements on labels. Repeatable.",
)
@click.option(
    "--max-age",
    type=click.IntRange(min=1),
    default=86_400,
    show_default=True,
    help="Seconds after which cosignatures are stale.",
)
@click.option(
    "--verifier",
    default="",
    metavar="URL",
    help="The address of a verifier site that the ledger does not run, for its pages to offer.",
)
@output_option()
@reading
def make(
    *,
    policy: Path | None,
    witnesses: tuple[str, ...],
    quorum: str,
    replayed_by: str,
    customs: tuple[str, ...],
    items: tuple[str, ...],
    label_parties: tuple[str, ...],
    max_age: int,
    verifier: str,
    target: Path,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Write the trust file of a ledger.

    Distribute it to customs and buyers through a channel that does not depend on the ledger.
    """
    if policy is not None and witnesses:
        raise click.UsageError("Give --policy or --witness, not both.")
    text = read_input(policy).decode(errors="replace") if policy else ""
    text = text or _policy(session.home, witnesses, quorum)
    with session.reading() as ledger:
        trust = TrustFile(
            origin=session.home.origin,
            founding=ledger.founding,
            policy_text=text,
            policy=parse_policy(text.encode()),
            customs=tuple(_admission(ledger, party) for party in customs),
            items=items,
            max_age=max_age,
            replayed_by=replayed_by,
            label_keys=tuple(_label_keys(ledger, label_parties)),
            verifier=verifier,
        )
    if not replayed_by:
        out.note(_NOT_REPLAYED)
    data = format_trust(trust)
    if not dry_run:
        write_output(target, data)
    if dry_run or target != STANDARD:
        text = "Checked; nothing was written." if dry_run else f"Wrote {target}."
        digest = fingerprint(data)
        out.result(
            {"written": str(target), "fingerprint": digest, "dry_run": dry_run},
            f"{text}\n  fingerprint  {style(digest, bold=True)}",
        )


def _policy(home: Home, witnesses: tuple[str, ...], quorum: str) -> str:
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    lines = [f"log {format_vkey(key)} {home.url}"]
    names = []
    for given in witnesses:
        name, _, vkey = given.partition("=")
        names.append(name)
        lines.append(f"witness {name} {vkey}")
    if len(names) > 1:
        lines.append(f"group witnesses {quorum} {' '.join(names)}")
    lines.append(f"quorum {'witnesses' if len(names) > 1 else next(iter(names), 'none')}")
    return "".join(f"{line}\n" for line in lines)


def _label_keys(ledger: LedgerView, parties: tuple[str, ...]) -> Iterator[LabelKey]:
    """Yields the approvers' valid keys, party by party."""
    items = [item_of_party(party) for party in parties]
    keys = [ledger.state(row.item) for row in search_all(ledger, Search(chain="key"))]
    granted = [key for key in keys if isinstance(key, KeyState) and "approver" in key.roles]
    for item in items:
        yield from (
            LabelKey(key.jwk, item) for key in granted if (key.party, key.ended) == (item, "")
        )


def _admission(ledger: LedgerView, party: str) -> str:
    item = item_of_party(party)
    state = ledger.state(item)
    if not isinstance(state, PartyState):
        raise NotFoundError("item.unknown", f"this ledger has no {item}")
    return state.authority
