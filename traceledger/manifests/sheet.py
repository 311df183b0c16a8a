"""A file as rows of cells, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from traceledger.errors import MalformedError

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Sheet", "TableRow", "make_sheet"]

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200

# What spreadsheets and customs software put round a value without meaning it: blanks, the
# ideographic space, and the tab that keeps a long number from being rounded.
_PADDING = " \t\u00a0\u3000"


class TableRow(NamedTuple):
    """The cells of a row; `number` counts as spreadsheets do, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file that hold anything, and how the file was written.

    `encoding` and `delimiter` are empty for a format that has none.
    """

    rows: tuple[TableRow, ...]
    encoding: str = ""
    delimiter: str = ""


def make_sheet(
    records: Iterable[Iterable[str]], *, encoding: str = "", delimiter: str = ""
) -> Sheet:
    """Numbers records in their order, and takes off padding and empty rows.

    Raises MalformedError `manifest.form` for more than 1,000,000 rows and one of headings.
    """
    rows: list[TableRow] = []
    for number, record in enumerate(records, 1):
        cells = tuple(cell.strip(_PADDING) for cell in record)
        if any(cells):
            rows.append(TableRow(number, cells))
        if len(rows) > MAX_ROWS + 1:
            raise MalformedError("manifest.form", f"too many rows; allowed: {MAX_ROWS:,} rows")
    return Sheet(tuple(rows), encoding, delimiter)
