"""Contributions to the balances of a book in pieces, kg and mass."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from traceledger.audit.account import Account
from traceledger.audit.balances import TABLES, BalanceTally, Row, balance, terms_of
from traceledger.audit.contributions.part import Part, make_former_part, make_part
from traceledger.audit.figures import ZERO, Figure
from traceledger.audit.mass import MassTally

__all__ = ["parts_of_balance", "parts_of_mass"]


def parts_of_balance(
    account: Account,
    key: tuple[str, str, str | None],
    steps: list[str],
    before: Account | None,
) -> Iterator[Part]:
    """Yields the parts of a figure of one row: table, book, and line or part number."""
    table, picture = key[0], account.picture
    match steps:
        case [term] if term in terms_of(table):
            kg = False
        case ["kg", term]:
            kg = True
        case _:
            return

    def read(row: Row, name: str) -> Figure:
        return row.kg.get(name, ZERO) if kg else Decimal(row.pieces.get(name, 0))

    earlier = _rows_alone(before, key) if before else {}
    for item, closing in _rows_alone(account, key).items():
        value = balance(table, earlier.pop(item, None), closing, read)[term]
        if value != 0:
            yield make_part(picture, item, picture.things[item], value, term)
    for item, opening in earlier.items():  # voided since, or corrected to another row
        value = balance(table, opening, None, read)[term]
        if value != 0:
            yield make_former_part(picture, before, item, value, term)


def _rows_alone(account: Account, key: tuple[str, str, str | None]) -> dict[str, Row]:
    """Returns the row of each item of a balance, counted alone."""
    found, picture = {}, account.picture
    for item, thing in picture.each():
        if thing.chain != TABLES[key[0]]:
            continue
        tally = BalanceTally(picture)
        tally.take(picture.weigh(item, thing))
        if item in account.sums.settled:
            tally.settle(frozenset({item}))
        if key in tally.rows:
            found[item] = tally.rows[key]
    return found


def parts_of_mass(account: Account, book: str, term: str) -> Iterator[Part]:
    """Yields the parts of a term of a book's balance of mass."""
    picture = account.picture
    for item, thing in picture.each():
        tally = MassTally(picture)
        tally.take(picture.weigh(item, thing))
        if item in account.sums.settled:
            tally.settle(frozenset({item}))
        if book not in tally.books:
            continue
        value = tally.residual(book) if term == "residual" else tally.books[book][term]
        if value != 0:
            yield make_part(picture, item, thing, value, term)
