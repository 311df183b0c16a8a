"""The report as CSV, one file a sheet: UTF-8 with a byte order mark, commas, CRLF (RFC 4180).

A text that begins like a formula gets an apostrophe, because spreadsheets would evaluate it. An
unknown figure is the word for it; where there is no such figure, the cell is empty.
"""

from __future__ import annotations

import csv
import io
import re

from traceledger.reports.model import Cell, Column, Report, Sheet
from traceledger.reports.words import words_of

__all__ = ["format_csv_files"]

_MARK = b"\xef\xbb\xbf"
_FORMULA = re.compile(r"[=+\-@\t\r\n]")


def format_csv_files(report: Report) -> dict[str, bytes]:
    """Formats each sheet as a file, by its name: the id of the sheet, such as `B.csv`."""
    unknown = words_of(report.language)("unknown")
    return {f"{sheet.id}.csv": _format(sheet, unknown) for sheet in report.sheets}


def _format(sheet: Sheet, unknown: str) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(column.caption for column in sheet.columns)
    for row in sheet.rows:
        writer.writerow(
            _cell(cell, column, unknown) for cell, column in zip(row, sheet.columns, strict=True)
        )
    return _MARK + target.getvalue().encode()


def _cell(cell: Cell, column: Column, unknown: str) -> str:
    if cell is None:
        return unknown
    return cell if column.is_number or not _FORMULA.match(cell) else f"'{cell}"
