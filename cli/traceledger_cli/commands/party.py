"""`traceledger party`: admits, lists and shows parties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from traceledger.errors import NotFoundError
from traceledger.events.draft import Draft
from traceledger.events.roles import ROLES
from traceledger.formats.registration import parse_registration, sign_registration
from traceledger.identifiers.items import item_of_key, kid_of
from traceledger.rules.state import KeyState, PartyState
from traceledger.views.history import EVERYTHING, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search
from traceledger.views.searches import search_all
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, reading, signing
from traceledger_cli.options.values import WORDS, item_of_party
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns, pairs
from traceledger_cli.texts.receipts import report_appended

__all__ = ["admit", "list_parties", "show"]

_EXAMPLE = """\
traceledger party admit plant --name "Yuxiang plant" --roles importer,operator \\
    --prefix 01/0952123 --prefix 8004/9521234 --admin plant-keys/admin --ledger ledger
"""


@command("admit", example=_EXAMPLE, writes=True)
@click.argument("slug", metavar="PARTY")
@click.option("--name", required=True, help="The party's display name.")
@click.option("--roles", type=WORDS, required=True, help=f"Its roles, from {', '.join(ROLES)}.")
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    help="A prefix of the item ids that it may open. Repeatable.",
)
@click.option("--admin", metavar="NAME", help="Its admin key: FOLDER/NAME.")
@click.option(
    "--request",
    type=FILE,
    help="A request written by `key export NAME --for party/PARTY`, instead of --admin.",
)
@click.option("--gln", help="GS1 location number.")
@click.option("--registration", help="Customs registration number, readable by customs only.")
@signing
def admit(
    *,
    slug: str,
    name: str,
    roles: list[str],
    prefixes: tuple[str, ...],
    admin: str | None,
    request: Path | None,
    gln: str | None,
    registration: str | None,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Admit a party, or replace the terms of its admission.

    The root key signs, unless --key names another.
    """
    item = item_of_party(slug)
    if (admin is None) == (request is None):
        raise click.UsageError("Give the party's admin key with --admin or --request.")
    if request is None:
        proof = sign_registration(session.origin, item, session.signer(admin))
    else:
        proof = parse_registration(read_input(request))
    data: dict[str, Any] = {
        "name": name,
        "roles": roles,
        "prefixes": list(prefixes),
        "admin_jwk": msgspec.to_builtins(proof.jwk),
        "possession": proof.possession,
    }
    optional = {"gln": gln, "registration": registration}
    data |= {field: value for field, value in optional.items() if value}
    draft = Draft(kind="admit", item=item, data=data)
    answer = session.sign_and_append([draft], dry_run=dry_run, default_key=session.root_key())
    report_appended(out, answer, dry_run=dry_run)


@command("list", example="traceledger party list --ledger ledger")
@reading
def list_parties(*, session: Session, out: Output) -> None:
    """List the parties of a ledger."""
    with session.viewing(out) as ledger:
        parties = [_describe(item, state) for item, state in _parties(ledger)]
    rows = [(party["party"], party["name"], ", ".join(party["roles"])) for party in parties]
    out.result({"parties": parties}, columns(rows) or "No party is admitted yet.")


@command("show", example="traceledger party show plant --ledger ledger")
@click.argument("slug", metavar="PARTY")
@reading
def show(*, slug: str, session: Session, out: Output) -> None:
    """Show a party and its keys.

    The labels of the keys are shown where they are disclosed.
    """
    item = item_of_party(slug)
    with session.viewing(out) as ledger:
        state = ledger.state(item)
        if not isinstance(state, PartyState):
            raise NotFoundError("item.unknown", f"this ledger has no {item}")
        keys = [_key(ledger, kid, key) for kid, key in _keys(ledger, item)]
    data = _describe(item, state)
    text = pairs(
        (
            ("party", item),
            ("name", state.name),
            ("roles", ", ".join(state.roles)),
            ("may open", ", ".join(state.prefixes)),
            ("admin key", state.admin_kid),
        )
    )
    rows = [
        (key["kid"], "ended" if key["ended"] else ", ".join(key["roles"]), key.get("label", ""))
        for key in keys
    ]
    out.result({**data, "keys": keys}, f"{text}\n{columns(rows, indent='  ')}".rstrip())


def _describe(item: str, state: PartyState) -> dict[str, Any]:
    return {
        "party": item,
        "name": state.name,
        "roles": list(state.roles),
        "prefixes": list(state.prefixes),
        "admin": state.admin_kid,
        "admit": state.authority,
    }


def _key(ledger: LedgerView, kid: str, state: KeyState) -> dict[str, Any]:
    found = {"kid": kid, "roles": list(state.roles), "ended": bool(state.ended)}
    added = ledger.find_place(item_of_key(kid), 0)
    label = read_record(added, EVERYTHING).values.get("label") if added else None
    return found if label is None else {**found, "label": label}


def _parties(ledger: LedgerView) -> list[tuple[str, PartyState]]:
    rows = search_all(ledger, Search(chain="party"))
    states = ((row.item, ledger.state(row.item)) for row in rows)
    return [(item, state) for item, state in states if isinstance(state, PartyState)]


def _keys(ledger: LedgerView, party: str) -> list[tuple[str, KeyState]]:
    rows = search_all(ledger, Search(chain="key"))
    states = ((row.item, ledger.state(row.item)) for row in rows)
    return [
        (kid_of(item), state)
        for item, state in states
        if isinstance(state, KeyState) and state.party == party
    ]
