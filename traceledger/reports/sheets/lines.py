"""Sheets B, B2 and C: declaration lines, and where their cores are."""

from __future__ import annotations

from collections.abc import Sequence

from traceledger.audit.fates import FATES
from traceledger.reports.model import Column, Kind, Sheet
from traceledger.reports.sheets.maker import SheetMaker, in_pieces
from traceledger.reports.sheets.source import Json, name_of

__all__ = ["make_fates", "make_lines_in", "make_lines_out"]

_LINE: tuple[tuple[str, Kind], ...] = (
    ("declaration", "code"),
    ("book_line", "code"),
    *((name, "code") for name in ("entry_no", "entry_line", "list_no", "list_line")),
    *((name, "code") for name in ("mode", "hs10")),
)
_VALUES: tuple[tuple[str, Kind], ...] = (
    ("declared_kg", "kg"),
    ("kg", "kg"),
    ("declared_value", "amount"),
    ("currency", "code"),
)


def make_lines_in(maker: SheetMaker) -> Sheet:
    """Lists declared lines and what arrived."""
    pieces = (
        *("declared", "imported", "missing", "arrived", "in_transit", "received"),
        *("difference", "short_settled"),
    )
    columns = maker.columns(
        *_LINE, *in_pieces(pieces), ("due", "text"), *_VALUES, ("value", "text")
    )
    more = maker.columns(("part_nos", "code"), ("open", "pieces"), ("overdue", "pieces"))
    return _list_lines(maker, "B", "lines_in", (*columns, *more), "origin")


def make_fates(maker: SheetMaker) -> Sheet:
    """Lists where the cores of each line are, in pieces and kg."""
    columns = maker.columns(
        ("book", "code"),
        ("declaration", "code"),
        ("book_line", "code"),
        *in_pieces(FATES),
        ("open", "pieces"),
        ("overdue", "pieces"),
        ("oldest_open_days", "count"),
    )
    columns += tuple(maker.kg(fate) for fate in FATES)
    rows = [(name_of(book), line) for book in maker.account["books"] for line in book["lines_in"]]
    if "fate" in maker.account["no_book"]:
        rows.append(("", maker.account["no_book"]))
    cells = (
        {"book": name, **row, **_spread(row["fate"], ""), **_spread(row["fate_kg"], "kg.")}
        for name, row in rows
    )
    return maker.sheet("B2", columns, cells)


def make_lines_out(maker: SheetMaker) -> Sheet:
    """Lists declared lines and what left."""
    pieces = (
        *("declared", "exported", "returned", "diverted", "left", "pending"),
        *("difference", "attested"),
    )
    columns = maker.columns(*_LINE, *in_pieces(pieces), ("due", "text"), *_VALUES)
    return _list_lines(maker, "C", "lines_out", columns, "destination")


def _list_lines(
    maker: SheetMaker, letter: str, table: str, columns: Sequence[Column], country: str
) -> Sheet:
    """Makes the sheet of declaration lines: what they state, and their figures."""
    first = maker.columns(("book", "code"))
    more = maker.columns(("goods_name", "text"), (country, "code"), ("declared_at", "text"))
    rows = (
        {"book": name_of(book), **row, **_state(maker, row["declaration"], country)}
        for book in maker.account["books"]
        for row in book[table]
    )
    return maker.sheet(letter, (*first, *columns, *more), rows)


def _state(maker: SheetMaker, item: str, country: str) -> Json:
    """Returns what a line states beside its figures."""
    facts = maker.details.lines[item]
    at = facts.declared_at
    return {
        "goods_name": facts.goods_name,
        country: facts.country,
        "declared_at": None if at is None else maker.show_time(at),
        "attested": str(facts.attested),
    }


def _spread(fates: Json, prefix: str) -> Json:
    """Returns a member for each fate; those that are omitted are 0."""
    return {f"{prefix}{fate}": fates.get(fate, "0") for fate in FATES}
