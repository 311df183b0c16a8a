"""Proof files (C2SP tlog-proof, `.tlog-proof`): offline proof that an entry is in a log.

::

    c2sp.org/tlog-proof@v1
    index 1
    0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=
    Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=

    ledger.example/reman
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

    — ledger.example/reman rTMau1NL8vaNxJS1ZUYbhpGpWplwMJLTacCZKhxQX6yiRha2k71/nH+A9hGm6/FMQlYeAk7SbO1ZsE+HreURS+aVCAE=

The inclusion proof, beginning with the leaf's sibling, precedes the checkpoint's note verbatim. A
line `extra <base64>` may precede `index`; it is not authenticated.
"""  # noqa: E501 - the example is a real line

from __future__ import annotations

from dataclasses import dataclass

from traceledger.errors import MalformedError
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.encoding import (
    decode_base64,
    decode_hash,
    encode_base64,
    parse_decimal,
    split_lines,
)
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note

__all__ = ["LogProof", "format_proof", "parse_proof"]

_CODE = "proof.form"
_FIRST_LINE = b"c2sp.org/tlog-proof@v1"
_EXTRA = b"extra "
_INDEX = b"index "
_MAX_HASHES = 63
_MAX_HEAD = 1 << 17


@dataclass(frozen=True, slots=True)
class LogProof:
    """An entry's index, its inclusion proof, and a checkpoint's note; all unverified."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def format_proof(proof: LogProof) -> bytes:
    """Formats a proof file, inverse of `parse_proof`.

    Raises MalformedError for values that no proof file can have, as `parse_proof` does.
    """
    lines = [_FIRST_LINE]
    if proof.extra is not None:
        lines.append(_EXTRA + encode_base64(proof.extra))
    lines.append(_INDEX + str(proof.index).encode())
    lines += [encode_base64(value) for value in proof.hashes]
    data = b"\n".join(lines) + b"\n\n" + proof.checkpoint
    parse_proof(data)
    return data


def parse_proof(data: bytes) -> LogProof:
    """Parses a proof file without verifying it.

    Raises MalformedError `proof.form`, or `note.form` and `checkpoint.form` for the checkpoint.
    """
    if len(data) > _MAX_HEAD + MAX_NOTE_SIZE:
        raise MalformedError(_CODE, f"{len(data)} bytes given, {_MAX_HEAD + MAX_NOTE_SIZE} allowed")
    head, _, checkpoint = data.partition(b"\n\n")
    first, *lines = split_lines(head + b"\n", _CODE, limit=_MAX_HEAD)
    if first != _FIRST_LINE:
        raise MalformedError(_CODE, f"a proof file begins with {_FIRST_LINE.decode()}")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = decode_base64(lines.pop(0).removeprefix(_EXTRA), _CODE, where="line 2")
    if not lines or not lines[0].startswith(_INDEX):
        raise MalformedError(_CODE, "the index line is missing")
    index = parse_decimal(lines.pop(0).removeprefix(_INDEX), _CODE)
    if len(lines) > _MAX_HASHES:
        raise MalformedError(_CODE, f"{len(lines)} hashes given, {_MAX_HASHES} allowed")
    hashes = tuple(decode_hash(line, _CODE) for line in lines)
    parse_checkpoint(parse_note(checkpoint).text)
    return LogProof(index, hashes, checkpoint, extra)
