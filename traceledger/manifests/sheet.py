"""A file as rows of cells, independent of its format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from traceledger.errors import MalformedError

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "MAX_UNPACKED", "Sheet", "TableRow", "make_sheet"]

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_UNPACKED = 512 * 1024 * 1024

# Characters that spreadsheets and customs software add around a value: blanks, the ideographic
# space, and the tab that prevents a long number from being rounded.
_PADDING = " \t\u00a0\u3000"


class TableRow(NamedTuple):
    """The cells of a row; `number` counts from 1, as in spreadsheets."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The non-empty rows of a file, its encoding and its separator.

    `encoding` and `delimiter` are empty for a workbook.
    """

    rows: tuple[TableRow, ...]
    encoding: str = ""
    delimiter: str = ""


def make_sheet(
    records: Iterable[Iterable[str]], *, encoding: str = "", delimiter: str = ""
) -> Sheet:
    """Numbers the records in order, strips padding and drops empty rows.

    Raises MalformedError `manifest.form` for more than 1,000,000 rows below the headings.
    """
    rows: list[TableRow] = []
    for number, record in enumerate(records, 1):
        cells = tuple(cell.strip(_PADDING) for cell in record)
        if any(cells):
            rows.append(TableRow(number, cells))
        if len(rows) > MAX_ROWS + 1:
            raise MalformedError("manifest.form", f"too many rows; allowed: {MAX_ROWS:,} rows")
    return Sheet(tuple(rows), encoding, delimiter)
