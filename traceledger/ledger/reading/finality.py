"""Finding the newest checkpoint that is final under a reader's trust file."""

from __future__ import annotations

from traceledger.formats.note import Note, format_note, parse_note
from traceledger.formats.policy import Policy, open_cosigned
from traceledger.formats.trust import TrustFile
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.storage.store import MAX_SIZE
from traceledger.verify.checkpoint import judge_finality

__all__ = ["find_final", "keep_named"]

_RECENT = 20  # cosigned checkpoints that may be final


def find_final(
    ledger: LedgerReader, trust: TrustFile, last: int, *, size: int = MAX_SIZE
) -> int | None:
    """Finds the size of the newest checkpoint that is final under this file and covers `last`.

    `last` is a log index, or -1 for any checkpoint. With `size`, larger checkpoints do not count.
    Returns None if no recent checkpoint is final.
    """
    now = int(ledger.clock())
    for row in ledger.newest_checkpoints(_RECENT, cosigned=True, most=size):
        if row.size <= last:
            break
        note = keep_named(ledger.cosigned(row), trust.policy)
        opened = open_cosigned(note, ledger.origin, trust.policy)
        if judge_finality(opened, trust, now).as_of is not None:
            return row.size
    return None


def keep_named(data: bytes, policy: Policy) -> bytes:
    """Keeps only the signature lines of a note whose keys the policy names."""
    named, note = policy.signers, parse_note(data)
    lines = tuple(line for line in note.signatures if (line.name, line.key_id) in named)
    return format_note(Note(note.text, lines))
