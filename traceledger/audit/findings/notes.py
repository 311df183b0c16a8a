"""What was observed when events were read: INT-05 to INT-10, QTY-09, QTY-10, REL-06, REL-07."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.things import Note, Thing

__all__ = ["find_in_ledger", "find_in_thing"]


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields the notes of a core, component, unit or lot."""
    if thing.notes:
        book = account.picture.book_of(thing)
        yield from _findings(item, thing.notes, book)


def find_in_ledger(account: Account) -> Iterator[Finding]:
    """Yields the notes of lines, books and the ledger."""
    picture = account.picture
    for line, thing in picture.lines.items():
        yield from _findings(line, thing.notes, thing.book)
    for book, thing in picture.books.items():
        yield from _findings(book, thing.notes, book)
    for subject, notes in picture.state.notes.items():
        yield from _findings(subject, notes, "")


def _findings(subject: str, notes: Iterable[Note], book: str) -> Iterator[Finding]:
    for note in notes:
        listed = zip(note.indexes, note.leaves, strict=True)
        evidence = Evidence(listed, unlisted=note.count - len(note.leaves))
        yield Finding(note.code, note.severity, subject, evidence, note.expected, note.actual, book)
