"""The inbound declaration: one row a line of the verification list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial as bind
from types import MappingProxyType

from traceledger.manifests import cells, coded, times
from traceledger.manifests.conventions import STRICT, Conventions
from traceledger.manifests.faults import RowFault
from traceledger.manifests.rows import Column, judge_rows, refuse
from traceledger.manifests.table import Reading, read_table

__all__ = ["DECLARATION_FIELDS", "Declaration", "DeclarationRow", "read_declaration"]


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """One line of a verification list: its numbers in customs' documents, the goods, their value.

    `qty` is in `unit`, a code of customs' table, `net_kg` in kilograms, `total_value` in
    `currency`; the three are plain decimals as text. A list that is not for declaration, or not
    declared yet, has no `entry_no` and no `entry_line`; lines of a list may share one (归并).
    """

    row: int
    entry_no: str | None
    entry_line: int | None
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


@dataclass(frozen=True, slots=True)
class Declaration:
    """The lines of a file, and how the file was read."""

    rows: tuple[DeclarationRow, ...]
    reading: Reading


def _columns(conventions: Conventions) -> tuple[Column, ...]:
    return (
        Column("entry_no", cells.document_number, required=False),
        Column("entry_line", cells.line_number, required=False),
        Column("list_no", cells.document_number),
        Column("list_line", cells.line_number),
        Column("book_no", cells.document_number),
        Column("book_line", cells.line_number),
        Column("mode", cells.supervision_mode),
        Column("hs10", cells.hs_code),
        Column("goods_name", cells.text),
        Column("part_no", cells.identifier, required=False),
        Column("qty", cells.number_above_zero),
        Column("unit", coded.unit),
        Column("net_kg", cells.number_above_zero),
        Column("total_value", cells.number),
        Column("currency", bind(coded.currency, codes=conventions.codes)),
        Column("origin", bind(coded.country, codes=conventions.codes)),
        Column("dispatch_country", bind(coded.country, codes=conventions.codes), required=False),
        Column("declared_at", bind(times.time, zone=conventions.zone)),
    )


DECLARATION_FIELDS = tuple(column.field for column in _columns(STRICT))


def read_declaration(
    data: bytes,
    conventions: Conventions = STRICT,
    *,
    head: Mapping[str, str] = MappingProxyType({}),
) -> Declaration:
    """Reads declared lines; raises ManifestError, with every fault of the file, if one is wrong.

    `head` gives what holds for every line, by field. There is no partial reading: a declaration
    with a line left out would not add up.
    """
    table = read_table(data, conventions, head)
    rows, faults = judge_rows(
        table, _columns(conventions), DeclarationRow, key=("list_no", "list_line")
    )
    faults += tuple(fault for row in rows if (fault := _half_named(row)))
    if faults:
        raise refuse(sorted(faults, key=lambda fault: fault.row))
    return Declaration(rows, table.reading)


def _half_named(row: DeclarationRow) -> RowFault | None:
    """Refuses a number of a declaration without a line in it, and a line without a number."""
    if (row.entry_no is None) == (row.entry_line is None):
        return None
    lacking = "entry_no" if row.entry_no is None else "entry_line"
    allowed = "both entry_no and entry_line, or neither for a list without a declaration"
    return RowFault(row.row, lacking, "nothing", allowed, "manifest.value")
