"""The manifest: the used parts of a shipment, one row for each piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial as bind
from types import MappingProxyType

from traceledger.identifiers import ItemId, excerpt, find_base
from traceledger.manifests import cells, coded, scans
from traceledger.manifests.conventions import STRICT, Conventions
from traceledger.manifests.faults import RowFault, RowNotice
from traceledger.manifests.rows import Column, read_rows, refuse
from traceledger.manifests.table import Reading, Table, read_table

__all__ = ["MANIFEST_FIELDS", "Manifest", "ManifestRow", "read_manifest"]


# Optional columns whose cells people merge, because many rows share a value.
_SHARED = ("pallet", "make")


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One core: its row in the file, its description, and its lines in customs documents.

    `net_kg` is in kilograms, `unit_value` in `currency`; both are plain decimals as text.
    `entry_no` and `entry_line` are None for a list without a declaration.
    """

    row: int
    pallet: str | None
    core: ItemId
    part_no: str
    make: str | None
    old_serial: str | None
    entry_no: str | None
    entry_line: int | None
    list_no: str
    list_line: int
    book_no: str
    book_line: int
    net_kg: str
    unit_value: str
    currency: str
    origin: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The valid rows of a file, the faults of the others, and how the file was read."""

    rows: tuple[ManifestRow, ...]
    faults: tuple[RowFault, ...]
    notices: tuple[RowNotice, ...]
    reading: Reading


def _columns(conventions: Conventions) -> tuple[Column, ...]:
    return (
        Column("pallet", cells.identifier, required=False),
        Column("core", scans.core),
        Column("part_no", cells.identifier),
        Column("make", cells.short_text, required=False),
        Column("old_serial", cells.identifier, required=False),
        Column("entry_no", cells.document_number, required=False),
        Column("entry_line", cells.line_number, required=False),
        Column("list_no", cells.document_number),
        Column("list_line", cells.line_number),
        Column("book_no", cells.document_number),
        Column("book_line", cells.line_number),
        Column("qty", cells.one_piece, required=False, kept=False),
        Column("unit", coded.piece_unit, required=False, kept=False),
        Column("net_kg", cells.number_above_zero),
        Column("unit_value", cells.number),
        Column("currency", bind(coded.currency, codes=conventions.codes)),
        Column("origin", bind(coded.country, codes=conventions.codes)),
    )


MANIFEST_FIELDS = tuple(column.field for column in _columns(STRICT) if column.kept)


def read_manifest(
    data: bytes,
    conventions: Conventions = STRICT,
    *,
    head: Mapping[str, str] = MappingProxyType({}),
    partial: bool = False,
) -> Manifest:
    """Reads a manifest; raises ManifestError with every fault of the file.

    `head` contains the values for the whole file, by field. With `partial`, the valid rows are
    returned, and `faults` lists the faults of the others. A file that cannot be read as a whole or
    lacks a column is always refused.
    """
    table = read_table(data, conventions, head)
    rows, faults = read_rows(table, _columns(conventions), ManifestRow, key=("core",))
    if faults and not partial:
        raise refuse(faults)
    notices = (*_foreign_links(table, conventions), *_gaps(table, rows))
    return Manifest(rows, faults, notices, table.reading)


def _gaps(table: Table, rows: Sequence[ManifestRow]) -> Iterator[RowNotice]:
    """Yields the optional columns that are empty in some rows only, as merged cells are."""
    for field in _SHARED:
        empty = [row.row for row in rows if getattr(row, field) is None]
        if empty and len(empty) < len(rows):
            heading = table.headings[table.fields.index(field)]
            given = f"nothing in {len(empty):,} of {len(rows):,} rows"
            expected = "a value; if cells were merged, repeat the value in each row"
            yield RowNotice(empty[0], heading, given, expected)


def _foreign_links(table: Table, conventions: Conventions) -> tuple[RowNotice, ...]:
    """Lists the rows in which a core's id is a link with a different base than the labels."""
    if not conventions.base or "core" not in table.fields:
        return ()
    at = table.fields.index("core")
    found = [
        (row.number, base)
        for row in table.rows
        if (base := find_base("".join(row.cells[at : at + 1])))
    ]
    return tuple(
        RowNotice(number, table.headings[at], excerpt(base), f"a link to {conventions.base}")
        for number, base in found
        if base != conventions.base
    )
