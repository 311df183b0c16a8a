"""The report ES-003 of ACE, the American customs system: lines of entry summaries.

A goods line can have several rows, one a tariff number: those of chapter 99 repeat no goods and are
skipped, the values of the others are added. Amounts are in US dollars, countries have two letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from traceledger.audit.comparison import ListRow
from traceledger.manifests import cells, list_cells
from traceledger.manifests.headings import Headings
from traceledger.manifests.rows import Column, read_rows, refuse
from traceledger.manifests.sheet import Sheet
from traceledger.manifests.table import name_columns

__all__ = ["ENTRY_SUMMARY", "NEEDED", "read_entry_summary"]

_SYNONYMS = {
    "entry_no": ("Entry Summary Number",),
    "entry_line": ("Entry Summary Line Number",),
    "origin": ("Country of Origin Code",),
    "ordinal": ("Tariff Ordinal Number",),
    "hs10": ("HTS Number - Full", "HTS Number"),
    "qty": ("Line Tariff Quantity (1)",),
    "unit": ("Line Tariff UOM (1) Code",),
    "total_value": ("Line Tariff Goods Value Amount",),
}
_IGNORED = (
    *("Entry Date", "Entry Type Code", "Port of Entry Code", "Importer Number", "Importer Name"),
    *("Manufacturer ID", "Manufacturer Name", "Line Duty Amount", "Line MPF Amount"),
    *("Line Tariff Duty Amount", "Line Tariff Quantity (2)", "Line Tariff UOM (2) Code"),
    *("Country of Export Code", "Line Goods Value Amount", "Entry Summary Date"),
)
ENTRY_SUMMARY = Headings.of(_SYNONYMS, _IGNORED)
NEEDED = frozenset({"entry_no", "entry_line", "total_value"})
"""The fields by which such a report is recognized."""

_UNITS = {"NO": "{piece}", "PCS": "{piece}", "KG": "kg", "G": "g"}
_ADDITIONAL = "99"


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    entry_no: str
    entry_line: int
    origin: str | None
    hs10: str | None
    qty: Decimal | None
    unit: str | None
    total_value: Decimal


def read_entry_summary(sheet: Sheet, name: str) -> tuple[ListRow, ...]:
    """Reads the lines of the report; `name` is the name of the file.

    Raises MalformedError `manifest.*` with every fault.
    """
    columns = (
        Column("entry_no", cells.document_number),
        Column("entry_line", list_cells.line),
        Column("origin", list_cells.two_letters, required=False),
        Column("hs10", list_cells.tariff_number, required=False),
        Column("qty", list_cells.decimal, required=False),
        Column("unit", str.upper, required=False),
        Column("total_value", list_cells.dollars),
    )
    rows, faults = read_rows(name_columns(sheet, known=ENTRY_SUMMARY), columns, _Row)
    if faults:
        raise refuse(faults, "a list is never read in part")
    lines: dict[tuple[str, int], list[_Row]] = {}
    for row in rows:
        if not (row.hs10 or "").startswith(_ADDITIONAL):
            lines.setdefault((row.entry_no, row.entry_line), []).append(row)
    return tuple(_line(found, name) for found in lines.values())


def _line(rows: Sequence[_Row], name: str) -> ListRow:
    """Joins the rows of a goods line; its quantity is that of the first tariff number."""
    first = rows[0]
    unit = _UNITS.get(first.unit or "")
    is_weight = unit in {"kg", "g"}
    kilograms = first.qty if unit == "kg" else None
    return ListRow(
        file=name,
        row=first.row,
        list_no=None,
        list_line=None,
        entry_no=first.entry_no,
        entry_line=first.entry_line,
        direction="in",
        book_no=None,
        book_line=None,
        part_no=None,
        mode=None,
        hs10=first.hs10 if len(rows) == 1 else None,
        quantity=None if is_weight or unit is None else first.qty,
        unit=unit,
        net_kg=kilograms,
        value=sum((row.total_value for row in rows), Decimal(0)),
        currency="USD",
        country=first.origin,
    )
