"""Receipts: the log's signed promise of the positions of the events in one request.

The text of the signed note::

    traceledger/receipt/v1
    ledger.example/reman
    4711 0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=
    4712 qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU=

The log's origin, then for each event of the request, in its order, the leaf index and the leaf
hash. A later tree of the log without such a leaf is evidence against it. No origin begins with
`traceledger/`, so a receipt cannot be mistaken for a checkpoint by the same key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.formats.encoding import (
    MAX_INTEGER,
    check_origin,
    decode_hash,
    encode_base64,
    parse_decimal,
    split_lines,
)
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    NoteSigner,
    NoteVerifier,
    open_note,
    sign_note,
)
from traceledger.merkle.hashing import HASH_SIZE

__all__ = [
    "LoggedLeaf",
    "Receipt",
    "format_receipt",
    "open_receipt",
    "parse_receipt",
    "sign_receipt",
]

_CODE = "receipt.form"
_FIRST_LINE = b"traceledger/receipt/v1"


class LoggedLeaf(msgspec.Struct, frozen=True, gc=False):
    """An event's position: its leaf index, and its leaf hash of 32 bytes, the event id."""

    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """A log's origin and the leaves of one request, in the request's order."""

    origin: str
    leaves: tuple[LoggedLeaf, ...]


def format_receipt(receipt: Receipt) -> bytes:
    """Formats the text to sign, inverse of `parse_receipt`.

    Raises MalformedError `receipt.form` for values that no receipt can have.
    """
    check_origin(receipt.origin, _CODE)
    if not receipt.leaves:
        raise MalformedError(_CODE, "a receipt names at least one event")
    for leaf in receipt.leaves:
        if not 0 <= leaf.index <= MAX_INTEGER or len(leaf.hash) != HASH_SIZE:
            raise MalformedError(
                _CODE, f"no leaf {leaf.index} with a hash of {len(leaf.hash)} bytes"
            )
    lines = [b"%d %s\n" % (leaf.index, encode_base64(leaf.hash)) for leaf in receipt.leaves]
    return b"%s\n%s\n%s" % (_FIRST_LINE, receipt.origin.encode(), b"".join(lines))


def parse_receipt(text: bytes) -> Receipt:
    """Parses the text of a receipt, at least one leaf; raises MalformedError `receipt.form`."""
    first, *lines = split_lines(text, _CODE, limit=MAX_NOTE_SIZE)
    if first != _FIRST_LINE or len(lines) < 2:
        raise MalformedError(
            _CODE, f"a receipt is {_FIRST_LINE.decode()}, an origin and one line per event"
        )
    origin = lines[0].decode("ascii", errors="replace")
    check_origin(origin, _CODE)
    leaves = [_parse_leaf(line, f"line {number}") for number, line in enumerate(lines[1:], start=3)]
    return Receipt(origin, tuple(leaves))


def sign_receipt(receipt: Receipt, signer: NoteSigner) -> bytes:
    """Signs a receipt with the log's key, which is named as its origin, and returns the note.

    The caller must have written the events durably.
    """
    if signer.name != receipt.origin:
        raise UsageError("note.key", f"{signer.name} does not sign for {receipt.origin}")
    return sign_note(format_receipt(receipt), [signer])


def open_receipt(data: bytes, origin: str, log_keys: Sequence[NoteVerifier]) -> Receipt:
    """Verifies a receipt of the log `origin`, inverse of `sign_receipt`.

    One of the `log_keys` named `origin` must have signed. Raises VerificationError
    `note.signature`, MalformedError `note.form` or `receipt.form`.
    """
    note = open_note(data, [key for key in log_keys if key.name == origin])
    receipt = parse_receipt(note.text)
    if receipt.origin != origin:
        raise VerificationError(
            "note.signature", f"the receipt is of {receipt.origin}, not of {origin}"
        )
    return receipt


def _parse_leaf(line: bytes, where: str) -> LoggedLeaf:
    index, _, value = line.partition(b" ")
    return LoggedLeaf(
        parse_decimal(index, _CODE, where=where), decode_hash(value, _CODE, where=where)
    )
