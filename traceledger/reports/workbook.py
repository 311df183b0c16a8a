"""The report as a workbook (.xlsx): a sheet for each table, without formulas.

Figures are numbers as long as a double holds them exactly as written, otherwise text. The extra
`[reports]` installs XlsxWriter.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import UTC, datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from traceledger.reports.model import Column, Part, Report, Sheet
from traceledger.reports.numbers import decimals_of
from traceledger.reports.words import words_of

__all__ = ["format_workbook"]

# Nothing that a cell contains may become a formula, a link or a number by itself.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_FONT = "Arial"
_TABS = {"period": "#1f4e79", "cumulative": "#7f7f7f", "lists": "#ffffff"}
_DIGITS = 15  # a double represents any decimal of so many digits
_MOST_ROWS = 1_048_575
_NARROWEST, _WIDEST = 6, 80
_SEEN = 2_000  # rows that decide the width of a column
_LONGEST_HEADER = 255  # UTF-16 units that Excel allows
_MADE = datetime(1980, 1, 1, tzinfo=UTC)  # the same report is the same file


def format_workbook(report: Report) -> bytes:
    """Formats the report as a workbook."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _OPTIONS)
    book.set_properties({"title": report.front.title, "created": _MADE.replace(tzinfo=None)})
    styles = _Styles(book)
    part: Part | None = None
    for sheet in report.sheets:
        if sheet.part is not None and sheet.part != part:
            part = sheet.part
            _divide(book, part, styles)
        page = _add(book, sheet, styles, report)
        if sheet.part is not None:
            page.set_tab_color(_TABS[sheet.part.extent])
            page.set_header(_header(sheet.part))
    book.close()
    return target.getvalue()


class _Styles:
    """The formats of a workbook, each created once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[str, Any] = {}
        self.heading = book.add_format(
            {"font_name": _FONT, "bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
        )
        self.text = book.add_format(
            {"font_name": _FONT, "num_format": "@", "text_wrap": True, "valign": "top"}
        )
        self.unknown = book.add_format({"font_name": _FONT, "italic": True, "align": "right"})

    def number(self, decimals: int) -> Any:
        """Returns the format of a figure with so many decimals."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        if pattern not in self._known:
            given = {"font_name": _FONT, "num_format": pattern, "valign": "top"}
            self._known[pattern] = self._book.add_format(given)
        return self._known[pattern]


def _divide(book: Any, part: Part, styles: _Styles) -> None:
    """Adds a sheet with the heading of the sheets that follow."""
    page = book.add_worksheet(f"— {part.name} —")
    page.set_tab_color(_TABS[part.extent])
    page.set_column(0, 0, _WIDEST)
    page.write_string(0, 0, part.heading, styles.heading)


def _header(part: Part) -> str:
    """Returns what is printed above each page: the heading, or the name if that is too long."""
    header = f"&L{part.heading.replace('&', '&&')}"
    fits = len(header.encode("utf-16-le")) <= 2 * _LONGEST_HEADER
    return header if fits else f"&L{part.name}"


def _add(book: Any, sheet: Sheet, styles: _Styles, report: Report) -> Any:
    words = words_of(report.language)
    page = book.add_worksheet(f"{sheet.id} {sheet.title}"[:31])
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer(f"&L{words('account-short', digest=report.front.digest[:8])}&R&P / &N")
    rows, more = sheet.rows, len(sheet.rows) - _MOST_ROWS
    if more > 0:
        rows = rows[: _MOST_ROWS - 1]
        page.write_string(_MOST_ROWS, 0, words("cut", n=f"{more + 1:,}"), styles.text)
    for at, column in enumerate(sheet.columns):
        cells = [row[at] for row in rows]
        page.write_string(0, at, column.caption, styles.heading)
        page.set_column(at, at, _width(column, cells))
        style = styles.number(decimals_of(cells)) if column.is_number else styles.text
        for place, cell in enumerate(cells, 1):
            if cell is None:
                page.write_string(place, at, words("unknown"), styles.unknown)
            elif cell and column.is_number and _is_exact(cell):
                page.write_number(place, at, float(cell), style)
            elif cell:
                page.write_string(place, at, cell, style)
    page.freeze_panes(1, 1 if len(sheet.columns) > 2 else 0)
    if rows:
        page.autofilter(0, 0, len(rows), len(sheet.columns) - 1)
    return page


def _is_exact(cell: str) -> bool:
    return len(cell.lstrip("-").replace(".", "").lstrip("0")) <= _DIGITS


def _width(column: Column, cells: list[str | None]) -> int:
    """Returns a width in characters that fits the longest text; longer ones wrap."""
    longest = max((_columns(cell or "") for cell in cells[:_SEEN]), default=0)
    if column.is_number:
        longest += longest // 3  # the separators of groups
    heading = max(map(_columns, column.caption.split()), default=0)
    return min(max(longest, heading + 3, _NARROWEST) + 2, _WIDEST)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "FW" else 1 for mark in text)
