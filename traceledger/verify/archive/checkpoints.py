"""The notes of an archive: who signed them, and with which keys.

Lines of keys that the trust file names must verify. Lines of other keys, such as those of witnesses
that this auditor does not know, cannot be checked and are counted. No such line may pass for one of
a known key: none that a known key made under another name, and none under a known name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.formats.note import MAX_NOTE_SIZE, LineVerifier, SignatureLine, parse_note
from traceledger.formats.policy import CosignedCheckpoint, open_cosigned
from traceledger.formats.trust import TrustFile
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.checkpoint import signed_by_log

__all__ = ["SignedNote", "check_log_key", "read_note", "without_proven"]


class SignedNote(NamedTuple):
    """A checkpoint that the log signed, and how many of its lines are by keys unknown here."""

    opened: CosignedCheckpoint
    unknown: int


def read_note(source: ArchiveSource, path: str, trust: TrustFile) -> SignedNote:
    """Reads and verifies a note of the archive; raises VerificationError with the path."""
    return open_archived(source.read(path, MAX_NOTE_SIZE), path, trust)


def open_archived(note: bytes, path: str, trust: TrustFile) -> SignedNote:
    """Verifies every line of a note by a key that the trust file names."""
    try:
        opened = open_cosigned(note, trust.origin, trust.policy)
        known = {(line.name, line.key_id) for line in opened.note.signatures}
        others = [
            line for line in parse_note(note).signatures if (line.name, line.key_id) not in known
        ]
        for line in others:
            _refuse_misnamed(opened.note.text, line, trust)
    except TraceledgerError as error:
        where = f"{path}, {error.where}" if error.where else path
        raise VerificationError(error.code, error.message, where=where) from error
    return SignedNote(opened, len(others))


def without_proven(trust: TrustFile, size: int) -> TrustFile:
    """The trust file as it counts for checkpoints of that size of a tree that holds them.

    A replaced key counts up to the size that `until` gives, once the tree is known to have that
    root there.
    """
    return replace(trust, until=tuple(one for one in trust.until if size > one.size))


def check_log_key(note: SignedNote, trust: TrustFile, path: str) -> None:
    """Checks that a key of the log that is not replaced signed; see `without_proven`.

    Raises VerificationError `note.signature`.
    """
    if not signed_by_log(note.opened, trust):
        raise VerificationError(
            "note.signature", "only a key that was replaced signed for the log", where=path
        )


def _refuse_misnamed(text: bytes, line: SignatureLine, trust: TrustFile) -> None:
    """Refuses a line of no known key that a known one made, or whose name is known.

    A witness with a new key has a new name, and a log's old keys are in the trust file. A line of
    another length is of another type, like ML-DSA, which this version does not check.
    """
    keys: list[tuple[LineVerifier, int]] = [(log.key, 64) for log in trust.policy.logs]
    keys += [(witness.key, 72) for witness in trust.policy.witnesses]
    for key, length in keys:
        if len(line.signature) != length:
            continue
        if line.name == key.name:
            raise VerificationError(
                "note.signature", f"a line of {key.name} is by a key that the trust file lacks"
            )
        try:
            key.verify(text, line.signature)
        except (VerificationError, MalformedError):
            continue
        raise VerificationError("note.signature", f"a line by {key.name} stands under another name")
