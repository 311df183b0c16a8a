"""A detached signature of a report: a signed note (C2SP signed-note) about its hash.

::

    traceledger/report/v1
    <SHA-256 of the file, in hex>
    <origin of the ledger>
    <from_size> <to_size>
    <SHA-256 of the account, in hex>

    — customs.example/officer <signature>

The key is known to readers through an independent channel, as `name+hash+key`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from traceledger.audit.output import hash_report
from traceledger.errors import MalformedError, VerificationError
from traceledger.formats.note import NoteSigner, NoteVerifier, open_note, sign_note

__all__ = ["FORMAT", "SignedReport", "open_signed_report", "sign_report"]

FORMAT = "traceledger/report/v1"

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SIZES = re.compile(r"([1-9][0-9]{0,15}) ([1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class SignedReport:
    """What a signature states: the ledger, the period of log sizes, and the account's SHA-256."""

    signer: str
    origin: str
    from_size: int
    to_size: int
    account: str


def sign_report(data: bytes, account: dict[str, Any], origin: str, signer: NoteSigner) -> bytes:
    """Signs a report file about an account; returns the note."""
    lines = (
        FORMAT,
        hashlib.sha256(data).hexdigest(),
        origin,
        f"{account['from_size']} {account['to_size']}",
        hash_report(account),
    )
    return sign_note("".join(f"{line}\n" for line in lines).encode(), [signer])


def open_signed_report(note: bytes, data: bytes, key: NoteVerifier) -> SignedReport:
    """Checks the signature of a report file by a known key and returns what it states.

    Raises MalformedError `report.form`, VerificationError `note.signature` for a signature that is
    missing or false, and `report.changed` for another file.
    """
    opened = open_note(note, [key])
    lines = opened.text.decode().split("\n")
    sizes = _SIZES.fullmatch(lines[3]) if len(lines) == 6 else None
    digests = len(lines) == 6 and _DIGEST.fullmatch(lines[1]) and _DIGEST.fullmatch(lines[4])
    if sizes is None or not digests or lines[0] != FORMAT or lines[5]:
        raise MalformedError("report.form", f"the note is no signature in the format {FORMAT}")
    found = hashlib.sha256(data).hexdigest()
    if found != lines[1]:
        raise VerificationError(
            "report.changed", f"the file has SHA-256 {found}, but {lines[1]} was signed"
        )
    return SignedReport(key.name, lines[2], int(sizes[1]), int(sizes[2]), lines[4])
