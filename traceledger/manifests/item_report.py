"""The import item report of HMRC, the British customs: one row an item of a declaration.

A cell can list a value several times, with NULL between. Amounts are in pounds, countries have two
letters. Supplementary units of goods that are counted are pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from traceledger.audit.comparison import ListRow
from traceledger.manifests import cells, list_cells
from traceledger.manifests.headings import Headings
from traceledger.manifests.rows import Column, read_rows, refuse
from traceledger.manifests.sheet import Sheet
from traceledger.manifests.table import name_columns

__all__ = ["ITEM_REPORT", "NEEDED", "read_item_report"]

_SYNONYMS = {
    "entry_no": ("Movement Reference Number (MRN)", "Movement Reference Number"),
    "entry_line": ("Item number",),
    "origin": ("Country of origin",),
    "hs10": ("Commodity code",),
    "mode": ("CPC",),
    "net_kg": ("Net mass",),
    "qty": ("Supplementary units",),
    "packages": ("Quantity",),
    "total_value": ("Customs value",),
}
_IGNORED = (
    *("Acceptance date", "Additional Procedure Code", "Agent", "All Item Document Codes"),
    *("All Item Document References", "Clearance date", "Country of dispatch"),
    *("Declarant's reference number", "DUCR", "Duty suspended", "Entry Number"),
    *("Goods description",),
)
ITEM_REPORT = Headings.of(_SYNONYMS, _IGNORED)
NEEDED = frozenset({"entry_no", "entry_line", "total_value"})
"""The fields by which such a report is recognized."""


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    entry_no: str
    entry_line: int
    origin: str | None
    hs10: str | None
    mode: str | None
    net_kg: Decimal | None
    qty: Decimal | None
    total_value: Decimal | None


def read_item_report(sheet: Sheet, name: str) -> tuple[ListRow, ...]:
    """Reads the items of the report; `name` is the name of the file.

    Raises MalformedError `manifest.*` with every fault.
    """
    columns = (
        Column("entry_no", cells.document_number),
        Column("entry_line", list_cells.line),
        Column("origin", list_cells.one_of_list(list_cells.two_letters), required=False),
        Column("hs10", list_cells.one_of_list(list_cells.tariff_number), required=False),
        Column("mode", list_cells.one_of_list(cells.supervision_mode), required=False),
        Column("net_kg", list_cells.decimal, required=False),
        Column("qty", list_cells.decimal, required=False),
        Column("total_value", list_cells.decimal, required=False),
    )
    rows, faults = read_rows(name_columns(sheet, known=ITEM_REPORT), columns, _Row)
    if faults:
        raise refuse(faults, "a list is never read in part")
    return tuple(
        ListRow(
            file=name,
            row=row.row,
            list_no=None,
            list_line=None,
            entry_no=row.entry_no,
            entry_line=row.entry_line,
            direction="in",
            book_no=None,
            book_line=None,
            part_no=None,
            mode=row.mode,
            hs10=row.hs10,
            quantity=row.qty,
            unit=None if row.qty is None else "{piece}",
            net_kg=row.net_kg,
            value=row.total_value,
            currency=None if row.total_value is None else "GBP",
            country=row.origin,
        )
        for row in rows
    )
