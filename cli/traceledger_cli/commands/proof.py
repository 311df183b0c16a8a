"""`traceledger proof`: writes the proof that the log contains an event."""

from __future__ import annotations

import re
from pathlib import Path

import click

from traceledger.errors import MalformedError, UsageError
from traceledger.events.encoding import decode_base64url
from traceledger.formats.trust import parse_trust
from traceledger_cli.command import Command, command
from traceledger_cli.extras import load
from traceledger_cli.options.file_options import output_option, trust_option
from traceledger_cli.options.files import STANDARD, read_input, write_output
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output

__all__ = ["proof"]

_EXAMPLE = """\
traceledger proof 0Nc2CrefWKseHj_mStd-LqC8B-NrX0btIiPt2SmN-ek -o event.tlog-proof --ledger ledger
"""
_HASH = 32
_MAX_DIGITS = 16
_HYPHENATED_ID = re.compile(r"-[A-Za-z0-9_-]{42}")


class _Proof(Command):
    """Accepts an event's id that begins with a hyphen."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the arguments, with such an id after `--`."""
        ids = [arg for arg in args if _HYPHENATED_ID.fullmatch(arg)]
        rest = [arg for arg in args if arg not in ids]
        return super().parse_args(ctx, [*rest, "--", *ids] if ids else args)


@command("proof", example=_EXAMPLE, cls=_Proof)
@click.argument("event")
@output_option()
@trust_option("The reader's trust file: prefer a checkpoint that is final under it.")
@reading
def proof(*, event: str, target: Path, trust: Path | None, session: Session, out: Output) -> None:
    """Write the proof that the log contains an event.

    EVENT is the event's id or its log index. The proof is a C2SP tlog-proof as of the newest
    checkpoint. With --trust, it is as of the newest checkpoint with all cosignatures that the file
    requires, if that covers the event. A server uses its own trust file.
    """
    trusted = parse_trust(read_input(trust)) if trust else None
    if session.server:
        data = session.server.proof(event)
    else:
        proofs = load("traceledger.ledger.reading.event_proofs", "a ledger's folder")
        with session.reading_folder() as ledger:
            index = _parse_index(event)
            if index is None:
                index = proofs.find_leaf(ledger, _parse_leaf(event))
            data = proofs.prove_event(ledger, index, trust=trusted)
    write_output(target, data)
    if target != STANDARD:
        out.result({"written": str(target), "event": event}, f"Wrote {target}.")


def _parse_index(event: str) -> int | None:
    digits = event.isascii() and event.isdigit() and len(event) <= _MAX_DIGITS
    return int(event) if digits else None


def _parse_leaf(event: str) -> bytes:
    try:
        leaf = decode_base64url(event.encode())
    except (MalformedError, UnicodeError):
        leaf = b""
    if len(leaf) != _HASH:
        raise UsageError("usage.option", f"{event!r} is not an event id or a log index")
    return leaf
