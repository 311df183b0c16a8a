"""The manifest: the used parts of a shipment, one row a piece."""

from __future__ import annotations

from dataclasses import dataclass

from traceledger.identifiers import ItemId
from traceledger.manifests import cells
from traceledger.manifests.faults import RowFault
from traceledger.manifests.rows import Column, judge_rows, refuse
from traceledger.manifests.table import read_table

__all__ = ["Manifest", "ManifestRow", "read_manifest"]


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One core: where it stands in the file, what it is, and the customs lines it belongs to.

    `net_kg` is in kilograms, `unit_value` in `currency`; both are plain decimals as text.
    """

    row: int
    pallet: str | None
    core: ItemId
    part_no: str
    make: str | None
    old_serial: str | None
    entry_no: str
    entry_line: int
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
    """The right rows of a file, what is wrong with the others, and how the file was written."""

    rows: tuple[ManifestRow, ...]
    faults: tuple[RowFault, ...]
    encoding: str
    delimiter: str


_COLUMNS = (
    Column("pallet", cells.text, required=False),
    Column("core", cells.core),
    Column("part_no", cells.text),
    Column("make", cells.text, required=False),
    Column("old_serial", cells.text, required=False),
    Column("entry_no", cells.document_number),
    Column("entry_line", cells.line_number),
    Column("list_no", cells.document_number),
    Column("list_line", cells.line_number),
    Column("book_no", cells.document_number),
    Column("book_line", cells.line_number),
    Column("net_kg", cells.number_above_zero),
    Column("unit_value", cells.number),
    Column("currency", cells.currency),
    Column("origin", cells.country),
)


def read_manifest(data: bytes, *, partial: bool = False) -> Manifest:
    """Reads a manifest; raises ManifestError, with every fault of every row, if one is wrong.

    With `partial` the right rows are returned and `faults` says what is wrong with the others. A
    file that cannot be read as a whole, or lacks a column, is refused in any case.
    """
    table = read_table(data)
    rows, faults = judge_rows(table, _COLUMNS, ManifestRow, key=("core",))
    if faults and not partial:
        raise refuse(faults)
    return Manifest(rows, faults, table.encoding, table.delimiter)
