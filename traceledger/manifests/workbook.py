"""Excel workbooks (.xlsx): the cells of the first sheet, as text.

Source: ECMA-376, as implemented by openpyxl. With defusedxml, which the extra `[lists]` installs,
openpyxl refuses XML that declares entities.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.xml import DEFUSEDXML

from traceledger.errors import MalformedError, UsageError
from traceledger.manifests.damage import NO_RESULT
from traceledger.manifests.sheet import MAX_COLUMNS, MAX_UNPACKED, Sheet, make_sheet

__all__ = ["read_workbook"]

_EXCEL_ROWS = 1_048_576
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_ZEROS = re.compile("0{2,40}")
# A double represents every integer of up to 15 digits; Excel rounds longer numbers.
_EXACT = 10**15


def read_workbook(data: bytes, unpacked: int = MAX_UNPACKED) -> Sheet:
    """Reads the first sheet of a workbook, up to its 200th column.

    Raises MalformedError `manifest.form` for a workbook that is damaged, encrypted or larger than
    `unpacked` bytes when unpacked, UsageError `usage.extra` if defusedxml is not installed.
    """
    if not DEFUSEDXML:
        raise UsageError("usage.extra", "reading workbooks needs defusedxml besides openpyxl")
    try:
        with warnings.catch_warnings():
            # Warnings concern styles and other properties that do not affect the values.
            warnings.simplefilter("ignore")
            return make_sheet(_read_rows(data, unpacked))
    except MalformedError:
        raise
    except Exception as error:
        raise MalformedError(
            "manifest.form",
            "the workbook is damaged or encrypted; open it in Excel and save it without a"
            " password, or save the sheet as CSV UTF-8",
        ) from error


def _read_rows(data: bytes, unpacked: int) -> Iterator[list[str]]:
    has_formulas = _check_archive(data, unpacked)
    rows = [list(map(_text, row)) for row in _cells(data, results=True)]
    if has_formulas:
        for row, cells in zip(rows, _cells(data, results=False), strict=True):
            row.extend([""] * (len(cells) - len(row)))
            for at, cell in enumerate(cells):
                if cell.data_type == "f" and not row[at]:
                    row[at] = NO_RESULT
    # A workbook omits empty cells at the end of a row.
    width = max((_width(row) for row in rows), default=0)
    return ((row + [""] * width)[:width] for row in rows)


def _check_archive(data: bytes, unpacked: int) -> bool:
    """Checks the unpacked size and reports whether a sheet contains formulas.

    zipfile never unpacks more of a member than the archive's directory states.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > unpacked:
            raise MalformedError(
                "manifest.form",
                f"the unpacked workbook has {size:,} bytes; allowed: {unpacked:,}",
            )
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(archive.read(name)) for name in sheets)


def _cells(data: bytes, *, results: bool) -> Iterator[Sequence[Any]]:
    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=results, keep_links=False
    )
    sheet = book.worksheets[0]
    # Many programs store wrong dimensions.
    sheet.reset_dimensions()
    omitted: Sequence[Any] = ()
    rows: Iterator[Sequence[Any]] = sheet.iter_rows(max_col=MAX_COLUMNS + 1)
    for row in itertools.islice(rows, _EXCEL_ROWS):
        # Before a distant row there may be a million that the workbook omits, all one object.
        if row is not omitted and all(cell is EMPTY_CELL for cell in row):
            omitted = row
        yield () if row is omitted else row


def _text(cell: Any) -> str:
    """Formats a value as a person would type it."""
    match cell.value:
        case None:
            return ""
        case bool(value):
            return str(value).upper()
        case int(value):
            return _number(value, cell.number_format)
        case float(value):
            if value.is_integer() and abs(value) < _EXACT:
                return _number(int(value), cell.number_format)
            return f"{value:.15g}" if abs(value) < _EXACT else f"{value:.5E}"
        case dt.datetime() as moment:
            return _moment(moment)
        case value:
            return str(value)


def _number(value: int, number_format: str) -> str:
    """Formats an integer with the leading zeros that a format such as `0000000000` shows."""
    return str(value).zfill(len(number_format) if _ZEROS.fullmatch(number_format) else 0)


def _moment(moment: dt.datetime) -> str:
    """Formats a date as Excel shows it, so that a date among part numbers is recognized."""
    rounded = moment + dt.timedelta(microseconds=500_000)
    day = f"{rounded.year}/{rounded.month}/{rounded.day}"
    clock = f"{rounded:%H:%M:%S}"
    return day if clock == "00:00:00" else f"{day} {clock}"


def _width(row: Sequence[str]) -> int:
    return next((at for at in range(len(row), 0, -1) if row[at - 1]), 0)
