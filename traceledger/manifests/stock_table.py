"""The three-ledger table (三账比对): customs' book beside the plant's systems, by part number.

Two rows of headings: a group for each system, under it its columns. Only the closing stock (期末)
of customs' book is read; what the plant's systems say is no word of customs. There is no official
form: public sources name the groups, and the layout is that of plants' templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from traceledger.audit.comparison import ListRow
from traceledger.audit.units import pieces
from traceledger.errors import MalformedError
from traceledger.manifests import cells, coded, list_cells
from traceledger.manifests.headings import TITLE_ROWS, Headings, heading_key, is_total
from traceledger.manifests.list_headings import LIST_SYNONYMS
from traceledger.manifests.rows import Column, read_rows, refuse
from traceledger.manifests.sheet import Sheet, TableRow
from traceledger.manifests.table import name_columns

__all__ = ["find_groups", "read_stock_table"]

_GROUPS = frozenset(map(heading_key, ("海关账册", "海关", "电子账册", "账册", "海关底账")))
_CLOSING = frozenset(map(heading_key, ("期末", "期末数量", "期末库存", "结存", "期末结存")))
_PART, _LINE, _STOCK = "料号", "备案序号", "期末"
_FIELDS = ("part_no", "book_line", "book_no", "unit")
STOCK = Headings.of(
    {
        **{name: LIST_SYNONYMS[name] for name in _FIELDS},
        "part_no": (*LIST_SYNONYMS["part_no"], _PART),
        "unit": (*LIST_SYNONYMS["unit"], "单位"),
        "open": (_STOCK,),
    },
    (),
)
"""The headings of such a table, as far as it is read."""


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    part_no: str | None
    book_line: int
    book_no: str
    unit: str
    open: Decimal


def find_groups(sheet: Sheet) -> int | None:
    """Returns the index of the row with the groups of such a table, None if the sheet is none."""
    for at, row in enumerate(sheet.rows[:TITLE_ROWS]):
        keys = set(map(heading_key, row.cells))
        if keys & _GROUPS and heading_key(_LINE) in keys:
            return at
    return None


def read_stock_table(
    sheet: Sheet, at: int, name: str, head: Mapping[str, str]
) -> tuple[ListRow, ...]:
    """Reads the closing stock of each line.

    `name` is the name of the file, `at` is from `find_groups`, `head` are values for all lines.
    Raises MalformedError `manifest.*` with every fault.
    """
    table = name_columns(_flatten(sheet, at), head, STOCK)
    columns = (
        Column("part_no", cells.identifier, required=False),
        Column("book_line", list_cells.line),
        Column("book_no", cells.document_number),
        Column("unit", coded.unit),
        Column("open", list_cells.decimal),
    )
    rows, faults = read_rows(table, columns, _Row)
    if faults:
        raise refuse(faults, "a list is never read in part")
    return tuple(_stock(row, name) for row in rows)


def _flatten(sheet: Sheet, at: int) -> Sheet:
    """Returns the sheet with one row of headings and the columns that are read."""
    groups, below = sheet.rows[at], sheet.rows[at + 1 : at + 2]
    start = next(i for i, cell in enumerate(groups.cells) if heading_key(cell) in _GROUPS)
    later = (i for i in range(start + 1, len(groups.cells)) if groups.cells[i])
    end = next(later, len(groups.cells))
    under = below[0].cells if below else ()
    closing = [i for i in range(start, min(end, len(under))) if heading_key(under[i]) in _CLOSING]
    if len(closing) != 1:
        raise MalformedError(
            "manifest.heading",
            f"row {groups.number}: {len(closing)} columns {_STOCK} under {groups.cells[start]};"
            " allowed: one, with the closing stock of customs' book",
        )
    places = [i for i, cell in enumerate(groups.cells) if STOCK.knows(cell) and i != start]
    names = (*(groups.cells[i] for i in places), _STOCK)
    body = [row for row in sheet.rows[at + 2 :] if not is_total(row.cells)]
    rows = [TableRow(row.number, _pick(row, (*places, closing[0]))) for row in body]
    return Sheet((*sheet.rows[:at], TableRow(groups.number, names), *rows))


def _pick(row: TableRow, places: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(row.cells[i] if i < len(row.cells) else "" for i in places)


def _stock(row: _Row, name: str) -> ListRow:
    quantity, unit = list_cells.count_out(row.open, row.unit)
    counted = pieces(quantity, unit)
    if counted is None:
        raise MalformedError(
            "manifest.value",
            f"row {row.row}: given the unit {row.unit}; allowed: a unit of pieces",
        )
    return ListRow(
        file=name,
        row=row.row,
        list_no=None,
        list_line=None,
        entry_no=None,
        entry_line=None,
        direction="in",
        book_no=row.book_no,
        book_line=row.book_line,
        part_no=row.part_no,
        mode=None,
        hs10=None,
        quantity=None,
        unit=None,
        net_kg=None,
        value=None,
        currency=None,
        country=None,
        open=counted,
    )
