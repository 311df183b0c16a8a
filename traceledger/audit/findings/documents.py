"""Documents whose digests the ledger contains and that are not among those given: DOC-01."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.things import Answer, Correction, Thing
from traceledger.audit.values import read, text

__all__ = ["find_in_lines", "find_in_thing"]

_DIGESTS = ("receipt_sha256", "certificate_sha256")


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields the missing documents of a core, component, unit or lot."""
    if account.scope.documents is not None and thing.steps:
        book = account.picture.book_of(thing)
        yield from _find(account.scope.documents, item, thing, book)


def find_in_lines(account: Account) -> Iterator[Finding]:
    """Yields the missing documents of declaration lines and books."""
    if account.scope.documents is not None:
        for item, line in account.picture.lines.items():
            yield from _find(account.scope.documents, item, line, line.book)
        for item, book in account.picture.books.items():
            yield from _find(account.scope.documents, item, book, item)


def _find(documents: frozenset[str], item: str, thing: Thing, book: str) -> Iterator[Finding]:
    for evidence, digest in _named(thing):
        if digest not in documents:
            yield Finding("DOC-01", "M", item, evidence, digest, "none", book)


def _named(thing: Thing) -> Iterator[tuple[Evidence, str]]:
    """Yields the digests that events and their answers name."""
    for step in thing.steps:
        for name in _DIGESTS:
            if digest := text(thing, step, name):
                yield Evidence.of(step), digest
        documents = read(thing, step, "documents")
        for digest in documents if isinstance(documents, list) else ():
            yield Evidence.of(step), str(digest)
    later: list[Correction | Answer] = [*thing.corrections, *thing.answers]
    for event in later:
        if event.receipt:
            yield Evidence([(event.index, event.leaf)]), event.receipt
