"""All findings of an account."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.findings import (
    answers,
    consumption,
    documents,
    domestic,
    lineage,
    lines,
    lists,
    notes,
    quantity,
    release,
    stock,
    time,
    waste,
    writeoff,
)
from traceledger.audit.findings.finding import Finding, merge

__all__ = ["find_all"]

_OF_ALL = (notes.find_in_thing, documents.find_in_thing, answers.find_in_thing)
_OF_PARTS = (*_OF_ALL, lineage.find_in_thing, release.find_in_thing, domestic.find_in_thing)
# Checks of one thing by its chain; all share one pass over the items.
_OF_THINGS = {
    "core": (*_OF_PARTS, quantity.find_in_thing, time.find_in_thing),
    "component": _OF_PARTS,
    "unit": (*_OF_PARTS, quantity.find_in_thing, time.find_in_thing),
    "lot": (*_OF_ALL, quantity.find_in_thing, waste.find_in_thing),
}
_OF_THE_ACCOUNT = (
    notes.find_in_ledger,
    quantity.find_in_books,
    lineage.find_in_lots,
    lines.find_in_lines,
    documents.find_in_lines,
    waste.find_in_lots,
    answers.find_in_lines,
    stock.find_in_stock,
    consumption.find_in_consumption,
    writeoff.find_in_books,
    lists.find_in_lists,
)


def find_all(account: Account) -> list[Finding]:
    """Returns the findings of an account, by code and subject.

    An account of one book has the findings of this book and those that concern no book.
    """
    book = account.scope.book
    return merge(found for found in _find(account) if book in {"", found.book} or not found.book)


def _find(account: Account) -> Iterator[Finding]:
    for item, thing in account.picture.each():
        for check in _OF_THINGS[thing.chain]:
            yield from check(account, item, thing)
    for find in _OF_THE_ACCOUNT:
        yield from find(account)
