"""Finding items by the numbers on customs' documents."""

from __future__ import annotations

from traceledger.events.token import parse_token
from traceledger.rules.effective import read_effective
from traceledger.views.history import Reader, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import HeadRow, Search, matches
from traceledger.views.searches import search_all

__all__ = ["find_by_number"]


def find_by_number(
    ledger: LedgerView, number: str, reader: Reader, wanted: Search
) -> list[HeadRow]:
    """Finds the account books and declaration lines with that number, and the items on these lines.

    The number is the complete value of a field that the reader sees, as corrected: of a book,
    declaration, verification list, gate pass or other document. The lines of a book are found, too.
    The rows also meet the conditions of `wanted`, in ascending order of id.
    """
    books = {row.item: row for row in search_all(ledger, Search(chain="book"))}
    found = {item: row for item, row in books.items() if _states(ledger, item, number, reader)}
    for row in search_all(ledger, Search(chain="declaration")):
        if not found.keys().isdisjoint(_books_of(ledger, row.item)):
            found[row.item] = row
        elif _states(ledger, row.item, number, reader):
            found[row.item] = row
            found |= {item.item: item for item in search_all(ledger, Search(declaration=row.item))}
    rows = (found[item] for item in sorted(found) if item > wanted.after)
    return [row for row in rows if matches(row, wanted)][: wanted.limit]


def _states(ledger: LedgerView, item: str, number: str, reader: Reader) -> bool:
    """Reports whether an event of the item states the number."""
    records = (read_record(entry, reader) for entry in ledger.read_chain(item))
    chain = read_effective((record.event, record.values) for record in records)
    return any(number in event.values.values() for event in chain if not event.voided)


def _books_of(ledger: LedgerView, item: str) -> list[str]:
    first = ledger.find_place(item, 0)
    refs = parse_token(first.body).refs if first else ()
    return [ref.item for ref in refs if ref.as_ == "book"]
