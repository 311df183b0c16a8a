"""`traceledger checkpoint`: publishes new entries and adds cosignatures."""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.errors import UsageError
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.cosignature import CosignatureVerifier
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import parse_note
from traceledger.formats.vkey import parse_vkey
from traceledger.identifiers.excerpt import printable
from traceledger.ledger.reading.witness_requests import open_answer
from traceledger.views.ledger import LedgerView
from traceledger_cli.command import command
from traceledger_cli.options.file_options import FILE, trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, writing
from traceledger_cli.options.trust_store import read_trust
from traceledger_cli.output import Output
from traceledger_cli.texts.terminal import BREAKS

__all__ = ["checkpoint"]

_EXAMPLE = """\
traceledger checkpoint --ledger ledger
traceledger checkpoint --add-cosignature answer.txt --trust trust.json --ledger ledger
"""


@command("checkpoint", example=_EXAMPLE, writes=True)
@click.option(
    "--add-cosignature", "answer", type=FILE, help="Add a witness's answer; publish nothing."
)
@trust_option("A trust file that lists the witness's key.")
@click.option("--witness", "vkeys", multiple=True, help="The witness's key: name+hash+key.")
@writing
def checkpoint(
    *,
    answer: Path | None,
    trust: Path | None,
    vkeys: tuple[str, ...],
    session: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Publish new entries and show the newest checkpoint.

    A checkpoint is a signed note that commits to the whole log. A passport is as of a checkpoint.
    """
    if dry_run and answer is not None:
        with session.reading_folder() as ledger:
            rows = open_answer(ledger, read_input(answer), _witnesses(trust, vkeys))
            note = ledger.checkpoint(rows[0].size)
            out.note("Checked; nothing was written.")
    elif dry_run:
        with session.reading() as ledger:
            note = ledger.checkpoint()
            out.note(f"{_waiting(ledger, note):,} entries are not yet published.")
    elif answer is not None:
        with session.accepting_cosignatures() as ledger:
            rows = ledger.accept_answer(read_input(answer), _witnesses(trust, vkeys))
            note = ledger.checkpoint(rows[0].size)
            out.note(f"Added the cosignature of {', '.join(row.witness for row in rows)}.")
    elif session.server:
        with session.reading() as ledger:
            note = ledger.checkpoint()  # a server publishes automatically
    else:
        with session.writing_folder() as ledger:
            note = session.home.publish(ledger)
    opened = parse_note(note)
    found = parse_checkpoint(opened.text)
    data = {
        "origin": found.origin,
        "size": found.size,
        "root": encode_base64(found.root).decode(),
        "signers": [line.name for line in opened.signatures],
        "note": note.decode(),
    }
    out.result(data, printable(note.decode().rstrip("\n"), keep=BREAKS))


def _witnesses(trust: Path | None, vkeys: tuple[str, ...]) -> list[CosignatureVerifier]:
    known: list[CosignatureVerifier] = []
    if trust is not None:
        known += [by.key for by in read_trust(trust).policy.witnesses]
    for text in vkeys:
        key = parse_vkey(text)
        if not isinstance(key, CosignatureVerifier):
            raise UsageError("note.key", f"{text} is a log's key, not a witness's")
        known.append(key)
    if not known:
        raise UsageError("usage.option", "the witness's key is missing: give --trust or --witness")
    return known


def _waiting(ledger: LedgerView, note: bytes) -> int:
    return ledger.size - parse_checkpoint(parse_note(note).text).size
