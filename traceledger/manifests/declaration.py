"""The inbound declaration: one row a line of goods."""

from __future__ import annotations

from dataclasses import dataclass

from traceledger.manifests import cells
from traceledger.manifests.rows import Column, judge_rows, refuse
from traceledger.manifests.table import read_table

__all__ = ["DeclarationRow", "read_declarations"]


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """One declared line: its numbers in the three customs documents, the goods, their value.

    `qty` is in `unit` (customs' code or name), `net_kg` in kilograms, `total_value` in `currency`;
    the three are plain decimals as text.
    """

    row: int
    entry_no: str
    entry_line: int
    list_no: str
    list_line: int
    book_no: str
    book_line: int
    mode: str
    hs10: str
    goods_name: str
    part_no: str | None
    qty: str
    unit: str
    net_kg: str
    total_value: str
    currency: str
    origin: str
    dispatch_country: str | None
    declared_at: str


_COLUMNS = (
    Column("entry_no", cells.document_number),
    Column("entry_line", cells.line_number),
    Column("list_no", cells.document_number),
    Column("list_line", cells.line_number),
    Column("book_no", cells.document_number),
    Column("book_line", cells.line_number),
    Column("mode", cells.supervision_mode),
    Column("hs10", cells.hs_code),
    Column("goods_name", cells.text),
    Column("part_no", cells.text, required=False),
    Column("qty", cells.number_above_zero),
    Column("unit", cells.text),
    Column("net_kg", cells.number_above_zero),
    Column("total_value", cells.number),
    Column("currency", cells.currency),
    Column("origin", cells.country),
    Column("dispatch_country", cells.country, required=False),
    Column("declared_at", cells.time),
)


def read_declarations(data: bytes) -> tuple[DeclarationRow, ...]:
    """Reads declared lines; raises ManifestError, with every fault of every row, if one is wrong.

    There is no partial reading: a declaration with a line left out would not add up.
    """
    rows, faults = judge_rows(
        read_table(data), _COLUMNS, DeclarationRow, key=("entry_no", "entry_line")
    )
    if faults:
        raise refuse(faults)
    return rows
