"""Customs' own list in any of its formats, as rows for the comparison with the ledger."""

from __future__ import annotations

from decimal import Decimal

from traceledger.audit.comparison import ListRow
from traceledger.errors import MalformedError
from traceledger.manifests.conventions import STRICT, Conventions
from traceledger.manifests.declaration import DeclarationRow, read_declaration
from traceledger.manifests.list_message import is_message, read_list_message

__all__ = ["read_customs_list"]


def read_customs_list(
    data: bytes, name: str, conventions: Conventions = STRICT
) -> tuple[ListRow, ...]:
    """Reads a message INV101 or INV201, or an inbound list as CSV or workbook.

    `name` is the name of the file; `conventions` apply to CSV and workbooks. Raises MalformedError
    `manifest.*` with the file; a list is never read in part.
    """
    if is_message(data):
        return read_list_message(data, name)
    try:
        rows = read_declaration(data, conventions).rows
    except MalformedError as error:
        raise error.at(name) from error
    return tuple(_from_declaration(row, name) for row in rows)


def _from_declaration(row: DeclarationRow, name: str) -> ListRow:
    return ListRow(
        file=name,
        row=row.row,
        list_no=row.list_no,
        list_line=row.list_line,
        entry_no=row.entry_no,
        entry_line=row.entry_line,
        direction="in",
        book_no=row.book_no,
        book_line=row.book_line,
        part_no=row.part_no,
        mode=row.mode,
        hs10=row.hs10,
        quantity=Decimal(row.qty),
        unit=row.unit,
        net_kg=Decimal(row.net_kg),
        value=Decimal(row.total_value),
        currency=row.currency,
        country=row.origin,
    )
