"""`traceledger key`: key files and their registration in the ledger."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

import click
import msgspec

from traceledger.errors import (
    ConflictError,
    MalformedError,
    NoLedgerError,
    NotFoundError,
    UsageError,
)
from traceledger.events.draft import Draft
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.registration import (
    Registration,
    format_registration,
    parse_registration,
    sign_registration,
)
from traceledger.identifiers.items import item_of_key, kid_of, parse_item
from traceledger.planning.keys import LOG_KEY, Keys
from traceledger.planning.signing import find_identity
from traceledger.rules.state import KeyState
from traceledger.views.ledger import LedgerView
from traceledger_cli.command import command
from traceledger_cli.options.completion import complete_key
from traceledger_cli.options.file_options import FILE, output_option
from traceledger_cli.options.files import STANDARD, read_input, write_output
from traceledger_cli.options.server import Server
from traceledger_cli.options.session import Session, key_options, signing
from traceledger_cli.options.values import WORDS
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.receipts import report_appended

__all__ = ["export", "list_keys", "new", "register", "revoke", "rotate_root"]


@command("new", example="traceledger key new station-4 --keys plant-keys", writes=True)
@click.argument("name")
@key_options
def new(*, name: str, session: Session, dry_run: bool, out: Output) -> None:
    """Create a key, encrypted with a passphrase.

    NAME consists of lower-case letters, digits and hyphens. The key is stored in --keys, otherwise
    in the ledger's folder. A party never shares its private keys.
    """
    keys, short = session.find_key(name)
    if short in keys.names():
        raise ConflictError("key.exists", f"{keys.path} already contains a key {short}")
    signer = SoftwareSigner.generate()
    passphrase = session.new_passphrase(keys, short)
    with tempfile.TemporaryDirectory() as scratch:
        created = (Keys(Path(scratch)) if dry_run else keys).add(short, signer, passphrase)
    kid = created.key.kid
    text = "Checked; nothing was written." if dry_run else f"{keys.path / short}.pem  {kid}"
    out.result({"name": short, "folder": str(keys.path), "kid": kid, "dry_run": dry_run}, text)


@command("list", example="traceledger key list --keys plant-keys --ledger ledger")
@key_options
def list_keys(*, session: Session, out: Output) -> None:
    """List keys and their roles in the ledger."""
    keys = session.keys
    standings = _standings(session, keys)
    listed = [
        {"name": name, "kid": keys.public(name).kid, "standing": standings.get(name, "")}
        for name in keys.names()
    ]
    rows = [(row["name"], row["kid"], row["standing"]) for row in listed]
    out.result({"keys": listed}, columns(rows) or f"There are no keys in {keys.path}.")


@command("export", example="traceledger key export admin --keys plant-keys --for party/plant")
@click.argument("name", shell_complete=complete_key)
@click.option(
    "--for",
    "item",
    metavar="PARTY|key",
    help="Sign a request to register the key: party/NAME for that party's admin key,"
    " `key` for a station's key.",
)
@click.option("--origin", help="The ledger's origin, if its folder is not on this machine.")
@output_option()
@key_options
def export(
    *, name: str, item: str | None, origin: str | None, target: Path, session: Session, out: Output
) -> None:
    """Write a public key, or a request to register it.

    A request contains the public key and proof of possession of the private key. Nothing else is
    needed to register the key.
    """
    key = session.public_key(name)
    if item:
        wanted = item_of_key(key.kid) if item == "key" else item
        signed = sign_registration(origin or session.origin, wanted, session.signer(name))
        text = format_registration(signed)
    else:
        text = msgspec.json.format(msgspec.json.encode(key.jwk), indent=2) + b"\n"
    if target == STANDARD:
        out.result(msgspec.json.decode(text), text.decode().strip())
        return
    write_output(target, text)
    out.result({"written": str(target), "kid": key.kid}, f"Wrote {target}.")


@command(
    "register",
    example="traceledger key register station-4 --roles operator --label 'station 4' \\\n"
    "    --key admin --keys plant-keys",
    writes=True,
)
@click.argument("name", required=False, shell_complete=complete_key)
@click.option(
    "--request",
    type=FILE,
    help="A request written by `key export NAME --for key`, instead of NAME.",
)
@click.option("--roles", type=WORDS, required=True, help="The roles of the key.")
@click.option(
    "--label",
    required=True,
    help="The party's name for the key, readable by the party only. It is permanent: do not name a"
    " person.",
)
@signing
def register(
    *,
    name: str | None,
    request: Path | None,
    roles: list[str],
    label: str,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Register a key for a station, laboratory or person.

    NAME is the new key. The party's admin key, --key, signs.
    """
    registration = _registration(session, name, request)
    draft = Draft(
        kind="add_key",
        item=registration.item,
        data={
            "jwk": msgspec.to_builtins(registration.jwk),
            "roles": roles,
            "possession": registration.possession,
            "label": label,
        },
    )
    report_appended(out, session.sign_and_append([draft], dry_run=dry_run), dry_run=dry_run)


@command(
    "revoke",
    example="traceledger key revoke station-4 --reason lost --key admin --keys plant-keys",
    writes=True,
)
@click.argument("key_or_name", metavar="KEY", shell_complete=complete_key)
@click.option(
    "--reason",
    type=click.Choice(["retired", "lost", "compromised"]),
    required=True,
    help="Why the key is revoked.",
)
@click.option(
    "--compromised-since",
    type=int,
    metavar="INDEX",
    help="The first log index whose events by this key are disputed.",
)
@signing
def revoke(
    *,
    key_or_name: str,
    reason: str,
    compromised_since: int | None,
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Revoke a key; events that it signed before remain valid.

    KEY is its name in --keys, or its id. The party's admin key or the root key, --key, signs.
    """
    data: dict[str, Any] = {"reason": reason}
    if compromised_since is not None:
        data["compromised_since"] = compromised_since
    draft = Draft(kind="revoke_key", item=item_of_key(_kid(session, key_or_name)), data=data)
    report_appended(out, session.sign_and_append([draft], dry_run=dry_run), dry_run=dry_run)


@command("rotate-root", example="traceledger key rotate-root root-2 --ledger ledger", writes=True)
@click.argument("name", required=False)
@click.option(
    "--request",
    type=FILE,
    help="A request made with `key export NAME --for ledger`, in place of NAME.",
)
@signing
def rotate_root(
    *, name: str | None, request: Path | None, session: Session, dry_run: bool, out: Output
) -> None:
    """Replace the ledger's root key.

    NAME is the new key. Signed by the current root key, which --key names if it is not in the
    ledger's folder. Afterwards the old key signs nothing.
    """
    registration = _registration(session, name, request, item="ledger")
    draft = Draft(
        kind="rotate_root",
        item="ledger",
        data={
            "root_jwk": msgspec.to_builtins(registration.jwk),
            "possession": registration.possession,
        },
    )
    answer = session.sign_and_append([draft], dry_run=dry_run, default_key=session.root_key())
    report_appended(out, answer, dry_run=dry_run)


def _registration(
    session: Session, name: str | None, request: Path | None, *, item: str = ""
) -> Registration:
    """Reads or signs the request to register a key as `item`, or else as a station's key."""
    if (name is None) == (request is None):
        raise click.UsageError("Name the new key or give its --request.")
    if request is None:
        signer = session.signer(name)
        return sign_registration(session.origin, item or item_of_key(signer.key.kid), signer)
    registration = parse_registration(read_input(request))
    if item and registration.item != item:
        raise UsageError("usage.option", f"the request is for {registration.item}, not for {item}")
    return registration


def _kid(session: Session, given: str) -> str:
    """Returns the id of a key that is given by it or by its name."""
    with contextlib.suppress(MalformedError):
        return kid_of(parse_item(item_of_key(kid_of(given))).text)
    try:
        return session.public_key(given).kid
    except NotFoundError as error:
        hint = (
            "If its file is lost, give the id of the key: `traceledger party show PARTY` lists the"
            " ids of a party's keys with their labels."
        )
        raise NotFoundError(error.code, error.message, hint=hint) from error


def _party(server: Server, kid: str) -> str:
    try:
        return server.identity(kid).issuer
    except NotFoundError:
        return ""


def _standings(session: Session, keys: Keys) -> dict[str, str]:
    """Returns each key's role in the ledger, by name; empty without a ledger.

    A server shows the party of a key only.
    """
    if session.server:
        return {
            name: _party(session.server, keys.public(name).kid) or "not registered"
            for name in keys.names()
        }
    try:
        home = session.home
    except NoLedgerError:
        return {}
    with session.reading() as ledger:
        found = {name: _standing(ledger, keys.public(name).kid) for name in keys.names()}
    if keys.path == home.keys.path and LOG_KEY in found:
        found[LOG_KEY] = "signs checkpoints"
    return found


def _standing(ledger: LedgerView, kid: str) -> str:
    try:
        issuer = find_identity(ledger, kid).issuer
    except NotFoundError:
        return "not registered"
    state = ledger.state(item_of_key(kid))
    if isinstance(state, KeyState):
        return f"{issuer}: {'ended' if state.ended else ', '.join(state.roles)}"
    return "root key" if issuer == "ledger" else f"{issuer}: admin"
