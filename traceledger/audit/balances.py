"""Balances in pieces and kg: cores, units and components by book (docs/spec/account.md).

A row adds up, since the beginning of the log, what came in and where it is now. A period is the
difference of two such rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from traceledger.audit.figures import ZERO, Figure, add, subtract
from traceledger.audit.picture import Picture, Weighed
from traceledger.audit.stock import part_of
from traceledger.audit.things import Thing
from traceledger.audit.values import Unknown

__all__ = ["TABLES", "BalanceTally", "Key", "Row", "balance", "terms_of"]

TABLES: Mapping[str, str] = MappingProxyType(
    {"cores": "core", "units": "unit", "components": "component"}
)
"""The balances by their members in the account's JSON, and the chain whose items each counts."""

_INFLOWS: Mapping[str, str] = MappingProxyType(
    {"cores": "imported", "units": "assembled", "components": "harvested"}
)
"""What increases each balance."""
_OUTFLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cores": (
            *("consumed", "disassembled", "returned", "scrapped", "diverted", "short_settled"),
        ),
        "units": ("exported", "diverted", "scrapped", "disassembled"),
        "components": ("consumed", "scrapped", "returned"),
    }
)
"""What decreases each balance."""
_CLOSING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"cores": ("in_transit", "missing", "here"), "units": (), "components": ()}
)
"""The states of which the stock of each balance consists, if there are several."""

_LEFT = ("exported", "diverted", "returned", "scrapped")
"""The outflows after which goods are no longer with the plant, or no longer goods."""

Key = tuple[str, str, str | None]
"""The table, the book, and the number or name of the row; None for a number that is unknown."""

_STATES = {
    "CONSUMED": "consumed",
    "DISASSEMBLED": "disassembled",
    "RETURNED": "returned",
    "SCRAPPED": "scrapped",
    "DIVERTED": "diverted",
    "DECLARED": "in_transit",
    "MISSING": "missing",
}
_TABLE_OF = {chain: table for table, chain in TABLES.items()}


class Row(msgspec.Struct):
    """A row of a balance: pieces and kg by term, and the part numbers in it."""

    pieces: dict[str, int] = {}
    kg: dict[str, Figure] = {}
    parts: set[str] = set()

    @property
    def has_left(self) -> bool:
        """Whether anything in it left or was scrapped."""
        return any(self.pieces.get(term) for term in _LEFT)

    def add(self, term: str, kg: Figure, count: int = 1) -> None:
        """Adds pieces and their weight to a term."""
        self.pieces[term] = self.pieces.get(term, 0) + count
        self.kg[term] = add(self.kg.get(term, ZERO), kg)


def _state_of(thing: Thing) -> str:
    """Returns the term of its table where a core, unit or component is counted now."""
    if thing.left:
        return thing.left
    return _STATES.get(thing.life, "here")


class BalanceTally:
    """Adds up the rows of all balances."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self.rows: dict[Key, Row] = {}

    def take(self, weighed: Weighed) -> None:
        """Counts one thing."""
        _, thing, book, kg = weighed
        table = _TABLE_OF.get(thing.chain)
        if table is None:
            return
        key = self._key(table, thing, book)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Row()
        row.add(_INFLOWS[table], kg)
        row.add(_state_of(thing), kg)
        if part := part_of(thing):
            row.parts.add(part)

    def settle(self, items: frozenset[str]) -> None:
        """Moves discharged cores from missing to settled."""
        for item in items:
            core = self._picture.things[item]
            key = self._key("cores", core, self._picture.book_of(core))
            row, kg = self.rows[key], self._picture.weight(core)
            row.pieces["missing"] -= 1
            row.kg["missing"] = subtract(row.kg["missing"], kg)
            row.add("short_settled", kg)

    def _key(self, table: str, thing: Thing, book: str) -> Key:
        if table == "components":
            return table, book, part_of(thing)
        number = self._picture.book_line_of(thing)
        return table, book, None if isinstance(number, Unknown) else str(number or "")


def terms_of(table: str) -> frozenset[str]:
    """Returns the terms of the rows of a table."""
    return frozenset(balance(table, None, None, lambda _row, _term: ZERO))


def balance(
    table: str, opening: Row | None, closing: Row | None, read: Callable[[Row, str], Figure]
) -> dict[str, Figure]:
    """Returns the terms of a row for a period, from the rows at its start and its end.

    `read` reads a term of a row, pieces or kg. Stocks are those at the end, flows the difference.
    """
    start, end = opening or Row(), closing or Row()
    states = _CLOSING[table] or ("here",)

    def stock(row: Row) -> Figure:
        result: Figure = ZERO
        for state in states:
            result = add(result, read(row, state))
        return result

    terms: dict[str, Figure] = {"opening": stock(start)}
    for term in (_INFLOWS[table], *_OUTFLOWS[table]):
        terms[term] = subtract(read(end, term), read(start, term))
    terms["close"] = stock(end)
    for state in _CLOSING[table]:
        terms[state] = read(end, state)
    residual = add(terms["opening"], terms[_INFLOWS[table]])
    for term in (*_OUTFLOWS[table], "close"):
        residual = subtract(residual, terms[term])
    terms["residual"] = residual
    return terms
