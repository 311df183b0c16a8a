"""Checkpoints (C2SP tlog-checkpoint): what a log signs about its tree.

The text of the signed note::

    ledger.example/reman
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

These are the origin (the log's name), the tree's size, and its root. Extension lines are refused:
one type of cosignature does not cover them, and public witnesses refuse them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.formats.encoding import (
    check_origin,
    decode_hash,
    encode_base64,
    parse_decimal,
    split_lines,
)
from traceledger.formats.note import (
    LineVerifier,
    Note,
    NoteSigner,
    NoteVerifier,
    open_note,
    sign_note,
)
from traceledger.merkle.hashing import EMPTY_ROOT

__all__ = [
    "Checkpoint",
    "OpenCheckpoint",
    "format_checkpoint",
    "open_checkpoint",
    "parse_checkpoint",
    "sign_checkpoint",
]

_CODE = "checkpoint.form"
_MAX_TEXT = 512


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree of a log: the log's origin, the number of leaves, the root of 32 bytes."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class OpenCheckpoint:
    """A checkpoint that its log has signed, and the note with only the verified lines."""

    checkpoint: Checkpoint
    note: Note


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Formats the text to sign, inverse of `parse_checkpoint`.

    Raises MalformedError `checkpoint.form` for values that no checkpoint can have.
    """
    check_origin(checkpoint.origin, _CODE)
    root = encode_base64(checkpoint.root)
    text = b"%s\n%d\n%s\n" % (checkpoint.origin.encode(), checkpoint.size, root)
    parse_checkpoint(text)
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Parses the text of a checkpoint, without extension lines.

    Raises MalformedError `checkpoint.form`, also for size 0 with a root other than the empty one.
    """
    lines = split_lines(text, _CODE, limit=_MAX_TEXT)
    if len(lines) != 3:
        raise MalformedError(_CODE, f"a checkpoint has 3 lines, {len(lines)} given")
    origin = lines[0].decode("ascii", errors="replace")
    check_origin(origin, _CODE)
    size = parse_decimal(lines[1], _CODE, where="line 2")
    root = decode_hash(lines[2], _CODE, where="line 3")
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedError(_CODE, "size 0 requires the root of the empty tree")
    return Checkpoint(origin, size, root)


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> bytes:
    """Signs a checkpoint with the log's keys, all named as its origin, and returns the note.

    The caller must have ensured durably that no conflicting tree of this or a larger size is ever
    signed.
    """
    for signer in signers:
        if signer.name != checkpoint.origin:
            raise UsageError("note.key", f"{signer.name} does not sign for {checkpoint.origin}")
    return sign_note(format_checkpoint(checkpoint), signers)


def open_checkpoint(
    data: bytes,
    origin: str,
    log_keys: Sequence[NoteVerifier],
    witnesses: Sequence[LineVerifier] = (),
) -> OpenCheckpoint:
    """Verifies the note of a checkpoint of the log `origin`; the inverse of `sign_checkpoint`.

    At least one of the `log_keys` named `origin` must have signed. Lines of other logs and of
    witnesses are verified too; a single false line makes the note invalid. Raises VerificationError
    `note.signature`, MalformedError `note.form` or `checkpoint.form`.
    """
    note = open_note(data, [*log_keys, *witnesses])
    signed = {(line.name, line.key_id) for line in note.signatures}
    if not any(key.name == origin and (key.name, key.key_id) in signed for key in log_keys):
        raise VerificationError("note.signature", f"the log {origin} did not sign")
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise VerificationError(
            "note.signature", f"the checkpoint is of {checkpoint.origin}, not of {origin}"
        )
    return OpenCheckpoint(checkpoint, note)
