"""Workbooks are read as Excel shows them, and hostile ones are refused cheaply."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceledger.errors import MalformedError, UsageError
from traceledger.manifests import read_manifest, read_table
from traceledger.manifests.sheet import MAX_UNPACKED

LISTS = Path(__file__).parents[1] / "data" / "lists"
MANIFEST = (files("traceledger_cli") / "demo" / "data" / "manifest-1080-tcm.csv").read_text()
ROWS = list(csv.reader(io.StringIO(MANIFEST, newline="")))
BODY = (LISTS / "01-invt-body-27-columns.xlsx").read_bytes()
SHEET = "xl/worksheets/sheet1.xml"


def workbook(rows: list[list[Any]], **formats: str) -> bytes:
    """A workbook with these rows; `formats` contains number formats by cell."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for place, number_format in formats.items():
        sheet[place].number_format = number_format
    book.create_sheet("other").append(["core", "not this one"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, name: str, change: Any) -> bytes:
    """A copy of the archive with one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for member in old.namelist():
            content = old.read(member)
            new.writestr(member, change(content) if member == name else content)
    return out.getvalue()


def refusal(data: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read_table(data)
    assert caught.value.code == "manifest.form"
    return caught.value


def test_workbook_of_texts_reads_like_csv() -> None:
    read = read_manifest(workbook([list(row) for row in ROWS]))
    assert read.rows == read_manifest(MANIFEST.encode()).rows
    assert (read.reading.encoding, read.reading.delimiter) == ("", "")


def typed(cell: str, heading: str) -> Any:
    if heading in {"net_kg", "unit_value"}:
        return float(cell)
    return int(cell) if heading in {"entry_line", "invt_line", "book_line"} else cell


def test_workbook_of_numbers_reads_like_csv() -> None:
    rows = [
        ROWS[0],
        *[[typed(c, h) for c, h in zip(row, ROWS[0], strict=True)] for row in ROWS[1:9]],
    ]
    read = read_manifest(workbook([list(row) for row in rows])).rows
    plain = read_manifest(MANIFEST.encode()).rows
    assert [float(row.net_kg) for row in read] == [float(row.net_kg) for row in plain[:8]]
    assert [float(row.unit_value) for row in read] == [float(row.unit_value) for row in plain[:8]]
    assert [row.book_line for row in read] == [row.book_line for row in plain[:8]]


def with_cell(value: Any, heading: str, **formats: str) -> bytes:
    rows = [list(row) for row in ROWS[:3]]
    rows[1][ROWS[0].index(heading)] = value
    return workbook(rows, **formats)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (260550002, "0000000000", "0260550002"),
        (260550002, "General", "260550002"),
        (24261870.0, "General", "24261870"),
        (True, "General", "TRUE"),
    ],
)
def test_part_number_is_read_as_excel_shows_it(value: Any, number_format: str, shown: str) -> None:
    (first, _) = read_manifest(with_cell(value, "part_no_oe", C2=number_format)).rows
    assert first.part_no == shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2025, 3, 4, tzinfo=UTC).replace(tzinfo=None), "to a date"),
        (datetime(2025, 3, 4, 10, 5, tzinfo=UTC).replace(tzinfo=None), "to a date"),
        (8.01220261000000777e17, "rounded"),
        ("#N/A", "error of a formula"),
        ("=A1&B1", "without its result"),
    ],
)
def test_damaged_part_number_of_a_workbook_is_refused(value: Any, expected: str) -> None:
    (fault,) = read_manifest(with_cell(value, "part_no_oe"), partial=True).faults
    assert (fault.row, fault.column) == (2, "part_no_oe")
    assert expected in fault.allowed


def test_floating_point_sum_is_read_as_excel_shows_it() -> None:
    (first, _) = read_manifest(with_cell(0.1 + 0.2, "net_kg")).rows
    assert first.net_kg == "0.3"


def test_trailing_empty_rows_and_cells_are_ignored() -> None:
    rows: list[list[Any]] = [[*row, None, None] for row in ROWS[:3]]
    read = read_manifest(workbook([*rows, [], [None] * 30, []], AF40="0.00"))
    assert [row.row for row in read.rows] == [2, 3]


def test_second_sheet_is_not_read() -> None:
    assert len(read_table(BODY).rows) == 3


@pytest.mark.parametrize("cut", [10, 500, 3000, len(BODY) - 1])
def test_damaged_workbook_is_refused(cut: int) -> None:
    assert "workbook is damaged" in refusal(BODY[:cut]).message


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_workbook_with_broken_xml_is_refused(name: str) -> None:
    assert "workbook is damaged" in refusal(repacked(BODY, name, lambda data: data[:-20])).message


def test_workbook_that_declares_entities_is_refused() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

    def declare(data: bytes) -> bytes:
        head, mark, rest = data.partition(b"<worksheet")
        return head + entities + mark + rest

    assert "workbook is damaged" in refusal(repacked(BODY, SHEET, declare)).message


def test_workbook_that_is_too_large_when_unpacked_is_refused() -> None:
    bomb = repacked(BODY, SHEET, lambda data: data + b" " * (MAX_UNPACKED + 1))
    assert len(bomb) < 1024 * 1024
    assert "unpacked workbook has" in refusal(bomb).message


def test_workbook_with_a_false_size_is_refused() -> None:
    bomb = bytearray(repacked(BODY, SHEET, lambda data: data + b" " * 10_000_000))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo(SHEET).file_size
    while (at := bomb.find(size.to_bytes(4, "little"))) >= 0:
        bomb[at : at + 4] = (5000).to_bytes(4, "little")
    refusal(bytes(bomb))


def test_distant_cell_does_not_enlarge_the_table() -> None:
    far = (
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    )
    data = repacked(BODY, SHEET, lambda sheet: sheet.replace(b"</sheetData>", far))
    assert len(read_table(data).rows) == 3


def test_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.delitem(sys.modules, "traceledger.manifests.workbook")
    with pytest.raises(UsageError) as caught:
        read_table(BODY)
    assert caught.value.code == "usage.extra"
    assert "[lists]" in caught.value.hint


@settings(max_examples=60)
@given(st.integers(0, len(BODY) - 1), st.binary(min_size=1, max_size=8))
def test_arbitrary_workbook_raises_only_malformed_error(at: int, change: bytes) -> None:
    data = BODY[:4] + (BODY[:at] + change + BODY[at + len(change) :])[4:]
    try:
        read_table(data)
    except MalformedError:
        return
