"""Sheets D to G2: balances of pieces, new parts, waste and mass."""

from __future__ import annotations

from collections.abc import Sequence

from traceledger.audit.lots import FLOWS
from traceledger.reports.model import Sheet
from traceledger.reports.sheets.maker import SheetMaker, in_pieces

__all__ = [
    "make_components",
    "make_consumption",
    "make_cores",
    "make_losses",
    "make_mass",
    "make_new_parts",
    "make_units",
    "make_waste",
    "make_yield",
]

_CORES = (
    *("opening", "imported", "consumed", "disassembled", "returned", "scrapped", "diverted"),
    *("short_settled", "close", "in_transit", "missing", "here", "residual"),
)
_UNITS = (
    *("opening", "assembled", "exported", "diverted", "scrapped", "disassembled"),
    *("close", "residual"),
)
_COMPONENTS = ("opening", "harvested", "consumed", "scrapped", "returned", "close", "residual")
_NEW_PARTS = ("opening", *FLOWS, "close", "residual")
_WASTE = (
    *("in", "destroyed", "returned", "here", "residual"),
    *("weighed", "destroyed_weighed", "residue"),
)
_MASS = (
    *("cores_in", "transferred", "out", "returned", "waste", "loose_waste", "short_settled"),
    *("close", "loss", "residual", "base"),
)


def make_cores(maker: SheetMaker) -> Sheet:
    """Balances cores by book line."""
    return _balance(maker, "D", "cores", _CORES, "book_line")


def make_units(maker: SheetMaker) -> Sheet:
    """Balances units by book line."""
    return _balance(maker, "E", "units", _UNITS, "book_line")


def make_components(maker: SheetMaker) -> Sheet:
    """Balances components by what they are."""
    return _balance(maker, "F", "components", _COMPONENTS, "part")


def _balance(maker: SheetMaker, letter: str, table: str, terms: Sequence[str], key: str) -> Sheet:
    """Makes a balance by book: pieces, and beside each of them its kg."""
    columns = maker.columns(("book", "code"), (key, "code"), *in_pieces(terms))
    columns += tuple(maker.kg(term) for term in terms if term != "residual")
    rows = (
        {"book": name, **row, **{f"kg.{term}": kg for term, kg in row["kg"].items()}}
        for name, part in maker.parts()
        for row in part.get(table, ())
    )
    return maker.sheet(letter, columns, rows)


def make_new_parts(maker: SheetMaker) -> Sheet:
    """Balances the lots of new parts."""
    columns = maker.columns(
        ("lot", "code"),
        ("book", "code"),
        ("part_no", "code"),
        *((term, "count") for term in _NEW_PARTS),
    )
    return maker.sheet("F2", columns, maker.account["new_parts"])


def make_yield(maker: SheetMaker) -> Sheet:
    """Lists the yield of cores by part number."""
    columns = maker.columns(("part_no", "code"), ("good", "count"), ("of", "count"))
    return maker.sheet("F3", columns, maker.account["yield"])


def make_consumption(maker: SheetMaker) -> Sheet:
    """Compares new parts in units as declared and as consumed."""
    columns = maker.columns(
        ("part_no", "code"),
        ("new_part", "code"),
        *((term, "count") for term in ("units", "declared", "consumed")),
    )
    return maker.sheet("F4", columns, maker.account["consumption"])


def make_losses(maker: SheetMaker) -> Sheet:
    """Lists the losses of new parts, and what is allowed."""
    columns = maker.columns(
        ("new_part", "code"), *((term, "count") for term in ("consumed", "scrapped", "allowed"))
    )
    return maker.sheet("F5", columns, maker.account["losses"])


def make_waste(maker: SheetMaker) -> Sheet:
    """Balances the lots of waste."""
    columns = maker.columns(
        ("lot", "code"),
        ("book", "code"),
        *((term, "kg") for term in _WASTE),
        ("pending", "text"),
    )
    return maker.sheet("G", columns, maker.account["waste"])


def make_mass(maker: SheetMaker) -> Sheet:
    """Balances the mass of each book."""
    columns = maker.columns(("book", "code"), *((term, "kg") for term in _MASS))
    rows = ({"book": name, **part["mass"]} for name, part in maker.parts() if part.get("mass"))
    return maker.sheet("G2", columns, rows)
