"""Customs' own list in any of its formats, as rows for the comparison with the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from traceledger.audit.comparison import ListRow
from traceledger.errors import MalformedError
from traceledger.manifests.conventions import STRICT, Conventions
from traceledger.manifests.declaration_print import find_headings, unfold
from traceledger.manifests.discharge import BILL, is_bill, read_bill
from traceledger.manifests.entry_summary import ENTRY_SUMMARY, read_entry_summary
from traceledger.manifests.entry_summary import NEEDED as NEEDED_OF_SUMMARY
from traceledger.manifests.headings import TITLE_ROWS, Headings, heading_key
from traceledger.manifests.item_report import ITEM_REPORT, read_item_report
from traceledger.manifests.item_report import NEEDED as NEEDED_OF_REPORT
from traceledger.manifests.list_headings import LISTS
from traceledger.manifests.list_message import is_message, read_list_message
from traceledger.manifests.list_table import read_list_table
from traceledger.manifests.reading import read_sheet
from traceledger.manifests.sheet import Sheet
from traceledger.manifests.stock_table import STOCK, find_groups, read_stock_table
from traceledger.manifests.table import read_head

__all__ = ["read_customs_list", "read_list_head"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


def read_customs_list(
    data: bytes,
    name: str,
    conventions: Conventions = STRICT,
    head: Mapping[str, str] = _NOTHING,
) -> tuple[ListRow, ...]:
    """Reads a list: a message INV101 or INV201, a table, a printed declaration or a report.

    Reports are ACE ES-003, HMRC's item report, a bill of discharge, and a three-ledger table, which
    states the stock of customs' book.

    `name` is the name of the file; `conventions` apply to tables, `head` to Chinese ones. Raises
    MalformedError `manifest.*` with the file; a list is never read in part.
    """
    rows = _read_rows(data, name, conventions, head)
    if not rows:
        raise MalformedError("manifest.form", "the list has no lines", where=name)
    unnamed = [row.row for row in rows if row.key is None]
    if unnamed:
        raise MalformedError(
            "manifest.head",
            "has neither the list's own number nor that of a declaration, with a line each; give"
            f" them with --head or in the file; such rows: {len(unnamed):,}",
            where=f"{name}, row {unnamed[0]}",
        )
    return rows


def _read_rows(
    data: bytes, name: str, conventions: Conventions, head: Mapping[str, str]
) -> tuple[ListRow, ...]:
    if is_message(data):
        return read_list_message(data, name)
    try:
        sheet = read_sheet(data, conventions.encoding, _is_known, unpacked=conventions.unpacked)
        if _has(sheet, ENTRY_SUMMARY, NEEDED_OF_SUMMARY):
            return read_entry_summary(sheet, name)
        if _has(sheet, ITEM_REPORT, NEEDED_OF_REPORT):
            return read_item_report(sheet, name)
        if is_bill(sheet):
            return read_bill(sheet, name)
        if (groups := find_groups(sheet)) is not None:
            return read_stock_table(sheet, groups, name, head)
        if (headings := find_headings(sheet)) is not None:
            sheet = unfold(sheet, headings)
        return read_list_table(sheet, name, conventions, head)
    except MalformedError as error:
        raise error.at(name) from error


def read_list_head(data: bytes, conventions: Conventions = STRICT) -> dict[str, str]:
    """Reads the values for a whole list, by field; raises MalformedError `manifest.head`."""
    return read_head(data, conventions, LISTS)


def _is_known(heading: str) -> bool:
    tables = (LISTS, ENTRY_SUMMARY, ITEM_REPORT, STOCK, *BILL)
    return any(known.knows(heading) for known in tables)


def _has(sheet: Sheet, headings: Headings, needed: frozenset[str]) -> bool:
    """Reports whether one of the first rows has all headings by which a format is recognized."""
    return any(
        needed <= {headings.fields.get(heading_key(cell)) for cell in row.cells}
        for row in sheet.rows[:TITLE_ROWS]
    )
