"""The notes of an archive and their signature lines.

Lines by keys that the trust file names must verify. Lines by other keys, such as those of witnesses
unknown to the auditor, cannot be checked and are counted. No line may be misattributed: a known key
may not sign under another name, and an unknown key may not use a known name.
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
    """A checkpoint that the log signed, and the number of its lines by unknown keys."""

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
    """Returns the trust file as it applies to a checkpoint of that size in a verified tree.

    A replaced key is valid up to the size that `until` states, provided that the tree has the
    stated root at that size.
    """
    return replace(trust, until=tuple(key for key in trust.until if size > key.size))


def check_log_key(note: SignedNote, trust: TrustFile, path: str) -> None:
    """Checks that the log signed with a key that is not replaced; see `without_proven`.

    Raises VerificationError `note.signature`.
    """
    if not signed_by_log(note.opened, trust):
        raise VerificationError(
            "note.signature", "the log signed only with a replaced key", where=path
        )


def _refuse_misnamed(text: bytes, line: SignatureLine, trust: TrustFile) -> None:
    """Refuses an unknown line that a known key signed, or that uses the name of a known key.

    A witness with a new key has a new name, and a log's old keys are in the trust file. A line of a
    different length is of a different type, such as ML-DSA, which this version does not check.
    """
    keys: list[tuple[LineVerifier, int]] = [(log.key, 64) for log in trust.policy.logs]
    keys += [(witness.key, 72) for witness in trust.policy.witnesses]
    for key, length in keys:
        if len(line.signature) != length:
            continue
        if line.name == key.name:
            raise VerificationError(
                "note.signature", f"the trust file does not name the key of a line of {key.name}"
            )
        try:
            key.verify(text, line.signature)
        except (VerificationError, MalformedError):
            continue
        raise VerificationError("note.signature", f"{key.name} signed a line under another name")
