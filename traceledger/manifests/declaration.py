"""The inbound declaration: one row for each line of the verification list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial as bind
from types import MappingProxyType

from traceledger.manifests import cells, coded, times
from traceledger.manifests.conventions import STRICT, Conventions
from traceledger.manifests.faults import RowFault
from traceledger.manifests.rows import Column, read_rows, refuse
from traceledger.manifests.table import Reading, read_table

__all__ = ["DECLARATION_FIELDS", "Declaration", "DeclarationRow", "read_declaration"]


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """One line of a verification list: its numbers in customs documents, its goods and their value.

    `qty` is in `unit`, a code of the customs table, `net_kg` in kilograms, `total_value` in
    `currency`; these three are plain decimals as text. `entry_no` and `entry_line` are None for a
    list without a declaration; several lines of a list may share an `entry_line` (归并).
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
    """The declared lines of a file, and how the file was read."""

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
    """Reads a declaration; raises ManifestError with every fault of the file.

    `head` contains the values for the whole file, by field. A declaration is never read in part:
    its totals would be wrong without the missing lines.
    """
    table = read_table(data, conventions, head)
    rows, faults = read_rows(
        table, _columns(conventions), DeclarationRow, key=("list_no", "list_line")
    )
    faults += tuple(fault for row in rows if (fault := _incomplete_entry(row)))
    if faults:
        raise refuse(sorted(faults, key=lambda fault: fault.row))
    return Declaration(rows, table.reading)


def _incomplete_entry(row: DeclarationRow) -> RowFault | None:
    """Refuses a declaration number without a line, and a line without a declaration number."""
    if (row.entry_no is None) == (row.entry_line is None):
        return None
    missing = "entry_no" if row.entry_no is None else "entry_line"
    allowed = "both entry_no and entry_line, or neither for a list without a declaration"
    return RowFault(row.row, missing, "nothing", allowed, "manifest.value")
