"""Verification lists and declarations as tables: CSV, or the first sheet of a workbook.

The body of a list with 27 columns lacks what applies to the whole list, which `head` gives. The
template with 47 has it only in the first row of each list; where a row has none of it, that of the
row above applies. All columns are optional but the numbers by which lines are compared: what a list
lacks is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial as bind
from types import MappingProxyType
from typing import Any

from traceledger.audit.comparison import Direction, ListRow
from traceledger.manifests import cells, coded, list_cells
from traceledger.manifests.conventions import Conventions
from traceledger.manifests.list_headings import LISTS
from traceledger.manifests.rows import Column, read_rows, refuse
from traceledger.manifests.sheet import Sheet
from traceledger.manifests.table import name_columns

__all__ = ["read_list_table"]

_KILOGRAM = "035"
_HEAD = ("own_list_no", "list_no", "entry_no", "related_entry_no", "book_no", "mode", "direction")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as it is written; None is an empty or absent cell."""

    row: int
    own_list_no: str | None
    list_no: str | None
    list_line: int | None
    entry_no: str | None
    related_entry_no: str | None
    entry_line: int | None
    direction: Direction | None
    book_no: str | None
    book_line: int | None
    part_no: str | None
    mode: str | None
    hs10: str | None
    qty: Decimal | None
    unit: str | None
    net_kg: Decimal | None
    law_qty: Decimal | None
    law_unit: str | None
    second_qty: Decimal | None
    second_unit: str | None
    total_value: Decimal | None
    currency: str | None
    origin: str | None
    destination: str | None


def read_list_table(
    sheet: Sheet, name: str, conventions: Conventions, head: Mapping[str, str] = _NOTHING
) -> tuple[ListRow, ...]:
    """Reads the lines of a table; `name` is the name of the file, `head` values for all lines.

    Raises MalformedError `manifest.*` with every fault; a list is never read in part.
    """
    table = name_columns(sheet, head, LISTS)
    lines, faults = read_rows(table, _columns(conventions), _Line)
    if faults:
        raise refuse(faults, "a list is never read in part")
    return tuple(_row(line, name) for line in _fill(lines))


def _columns(conventions: Conventions) -> tuple[Column, ...]:
    country = bind(coded.country, codes=conventions.codes)
    currency = bind(coded.currency, codes=conventions.codes)
    parsers: dict[str, Callable[[str], object]] = {
        "own_list_no": cells.document_number,
        "list_no": cells.document_number,
        "list_line": list_cells.line,
        "entry_no": cells.document_number,
        "related_entry_no": cells.document_number,
        "entry_line": list_cells.line,
        "direction": list_cells.direction,
        "book_no": cells.document_number,
        "book_line": list_cells.line,
        "part_no": cells.identifier,
        "mode": list_cells.mode,
        "hs10": cells.hs_code,
        "qty": list_cells.decimal,
        "unit": coded.unit,
        "net_kg": list_cells.decimal,
        "law_qty": list_cells.decimal,
        "law_unit": coded.unit,
        "second_qty": list_cells.decimal,
        "second_unit": coded.unit,
        "total_value": list_cells.decimal,
        "currency": currency,
        "origin": country,
        "destination": country,
    }
    return tuple(Column(field, parse, required=False) for field, parse in parsers.items())


def _fill(lines: Iterable[_Line]) -> Iterator[_Line]:
    """Gives each row without any value of the whole list those of the row above."""
    above: dict[str, Any] = {}
    for line in lines:
        own = {name: getattr(line, name) for name in _HEAD}
        if any(value is not None for value in own.values()):
            above = own
        yield replace(line, **above)


def _row(line: _Line, name: str) -> ListRow:
    entry_no = line.entry_no or line.related_entry_no
    direction = line.direction or list_cells.direction_of(line.list_no, entry_no)
    quantity, unit = list_cells.count_out(line.qty, line.unit)
    return ListRow(
        file=name,
        row=line.row,
        list_no=line.list_no or line.own_list_no,
        list_line=line.list_line,
        entry_no=entry_no,
        entry_line=line.entry_line,
        direction=direction,
        book_no=line.book_no,
        book_line=line.book_line,
        part_no=line.part_no,
        mode=line.mode,
        hs10=line.hs10,
        quantity=quantity,
        unit=unit,
        net_kg=_kilograms(line),
        value=line.total_value,
        currency=line.currency,
        country={"in": line.origin, "out": line.destination}.get(direction or ""),
    )


def _kilograms(line: _Line) -> Decimal | None:
    """Returns the net weight, otherwise a statutory quantity in kilograms."""
    if line.net_kg is not None:
        return line.net_kg
    for quantity, unit in ((line.law_qty, line.law_unit), (line.second_qty, line.second_unit)):
        if unit == _KILOGRAM:
            return quantity
    return None
