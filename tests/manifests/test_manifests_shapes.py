"""The layouts that people and programs produce; nothing is guessed."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path

import pytest

from traceledger.errors import MalformedError
from traceledger.manifests import (
    Conventions,
    Declaration,
    Manifest,
    ManifestError,
    read_declaration,
    read_head,
    read_manifest,
)
from traceledger.manifests.times import parse_zone

LISTS = Path(__file__).parents[1] / "data" / "lists"
DATA = files("traceledger_cli") / "demo" / "data"
MANIFEST = (DATA / "manifest-1080-tcm.csv").read_bytes()
DECLARATION = (DATA / "declaration-inbound.csv").read_bytes()
CHINA = Conventions(codes="customs", zone=parse_zone("+08:00"))
HEAD = {
    "list_no": "QD801226I000000321",
    "book_no": "H80122500001",
    "entry_no": "801220261000000777",
    "mode": "1371",
    "declared_at": "20260316",
}


def rows_of(data: bytes, limit: int = 4) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))[:limit]


def written(rows: list[list[str]], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def read_list(name: str) -> Manifest:
    return read_manifest((LISTS / name).read_bytes(), partial=True)


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;;"])
def test_separator_line_is_applied_and_not_counted(first: str) -> None:
    read = read_manifest(f"{first}\r\n".encode() + written(rows_of(MANIFEST), ";"))
    assert read.reading.delimiter == ";"
    assert read.rows == read_manifest(written(rows_of(MANIFEST))).rows


def test_unknown_separator_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        read_manifest(b"sep=|\r\n" + written(rows_of(MANIFEST)))
    assert "'|'" in caught.value.message


def test_empty_columns_are_ignored() -> None:
    rows = [[*row[:3], "", *row[3:], "", "", ""] for row in rows_of(MANIFEST)]
    rows[2] += ["", ""]
    assert len(read_manifest(written(rows)).rows) == 3


def test_value_without_a_heading_is_refused() -> None:
    rows = [[*row, ""] for row in rows_of(MANIFEST)]
    rows[2][-1] = "x"
    (fault,) = read_manifest(written(rows), partial=True).faults
    assert (fault.row, fault.code) == (3, "manifest.columns")
    middle = [[*row[:3], "", *row[3:]] for row in rows_of(MANIFEST)]
    middle[2][3] = "x"
    with pytest.raises(ManifestError) as caught:
        read_manifest(written(middle))
    assert caught.value.code == "manifest.heading"


def test_title_and_total_rows_are_skipped_and_listed() -> None:
    read = read_list("18-manifest-title-head-rows-total.csv")
    assert [row.row for row in read.rows] == [5, 6]
    assert (read.reading.titles, read.reading.totals, read.faults) == ((1, 2), (7,), ())
    read = read_list("18b-manifest-total-only.csv")
    assert [row.row for row in read.rows] == [2, 3]
    assert read.reading.totals == (4,)


@pytest.mark.parametrize("word", ["合计", "总计：", "小 计", "Total", "TOTAL:", "Grand total"])
def test_total_row_is_never_a_core(word: str) -> None:
    rows = rows_of(MANIFEST)
    rows.append(["", word, *rows[-1][2:]])
    read = read_manifest(written(rows))
    assert (len(read.rows), read.reading.totals) == (3, (5,))


def test_two_row_headings_are_read() -> None:
    assert len(read_list("18c-manifest-two-row-heading.csv").rows) == 1
    rows = rows_of(MANIFEST)
    merged = [[*rows[0][:5], "declaration", *[""] * 9], [*[""] * 5, *rows[0][5:]], *rows[1:]]
    read = read_manifest(written(merged))
    assert [row.row for row in read.rows] == [3, 4, 5]
    assert [row.core for row in read.rows] == [row.core for row in read_manifest(MANIFEST).rows[:3]]


def test_value_above_the_headings_fills_a_missing_column_and_must_match_a_present_one() -> None:
    rows = rows_of(MANIFEST)
    at = rows[0].index("book_no")
    number = rows[1][at]
    without = [[cell for index, cell in enumerate(row) if index != at] for row in rows]
    read = read_manifest(written([["备案编号：", number], *without]))
    assert {row.book_no for row in read.rows} == {number}
    assert read_manifest(written([[f"备案编号: {number}"], *without])).rows == read.rows
    read = read_manifest(written([["备案编号", "H99999999999"], *rows]), partial=True)
    assert [fault.row for fault in read.faults] == [3, 4, 5]
    assert "as in row 1" in read.faults[0].allowed


def test_merged_cells_are_not_filled_down() -> None:
    read = read_list("19-manifest-head-cells-only-on-first-row.csv")
    assert [row.row for row in read.rows] == [2]
    assert {fault.row for fault in read.faults} == {3, 4}
    assert "merged" in read.faults[0].allowed


def check_body(read: Declaration) -> None:
    assert [(row.list_line, row.book_line, row.entry_line) for row in read.rows] == [
        (1, 11, 1),
        (2, 12, 2),
        (3, 12, 2),
    ]
    assert {(row.list_no, row.book_no, row.entry_no) for row in read.rows} == {
        ("QD801226I000000321", "H80122500001", "801220261000000777")
    }
    assert [row.part_no for row in read.rows] == ["24261870", "0260550002", "0260550007"]
    assert [row.origin for row in read.rows] == ["USA", "DEU", "DEU"]
    assert {(row.unit, row.currency, row.mode) for row in read.rows} == {("007", "USD", "1371")}
    assert {row.declared_at for row in read.rows} == {"2026-03-16T00:00:00+08:00"}
    assert [row.net_kg for row in read.rows] in (
        ["28.80", "18.70", "4.60"],
        ["28.8", "18.7", "4.6"],
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_body_of_a_list_is_read_with_a_separate_head(kind: str) -> None:
    data = (LISTS / f"01-invt-body-27-columns.{kind}").read_bytes()
    check_body(read_declaration(data, CHINA, head=HEAD))
    labels = written([["清单编号", HEAD["list_no"], "备案编号", HEAD["book_no"]],
                      ["报关单编号", HEAD["entry_no"]], ["监管方式", "1371"],
                      ["申报日期：20260316"]])  # fmt: skip
    check_body(read_declaration(data, CHINA, head=read_head(labels)))
    below = written([list(HEAD), list(HEAD.values())])
    check_body(read_declaration(data, CHINA, head=read_head(below)))


def test_body_of_a_list_without_its_head_is_refused_with_every_missing_field() -> None:
    with pytest.raises(ManifestError) as caught:
        read_declaration((LISTS / "01-invt-body-27-columns.csv").read_bytes(), CHINA)
    assert caught.value.code == "manifest.heading"
    missing = [fault.column for fault in caught.value.faults]
    assert missing == ["list_no", "book_no", "mode", "declared_at"]


def test_invalid_head_value_is_a_fault_of_the_whole_file() -> None:
    data = (LISTS / "01-invt-body-27-columns.csv").read_bytes()
    with pytest.raises(ManifestError) as caught:
        read_declaration(data, CHINA, head={**HEAD, "mode": "137"})
    (fault,) = caught.value.faults
    assert (fault.row, fault.column, fault.code) == (0, "mode", "manifest.head")
    assert str(fault).startswith("whole file, mode")


def test_head_file_without_labels_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        read_head(b"list_no\n")
    assert caught.value.code == "manifest.head"


def test_row_counter_is_not_the_line_of_a_list() -> None:
    rows = [["序号", *rows_of(MANIFEST)[0]]]
    rows += [[str(at), *row] for at, row in enumerate(rows_of(MANIFEST)[1:], 7)]
    assert [row.list_line for row in read_manifest(written(rows)).rows] == [1, 1, 2]


def test_lines_of_a_list_may_share_a_line_of_the_declaration() -> None:
    rows = rows_of(DECLARATION)
    for row in rows[1:]:
        row[rows[0].index("entry_line")] = "1"
    assert [row.entry_line for row in read_declaration(written(rows)).rows] == [1, 1, 1]


def test_list_without_a_declaration_is_read() -> None:
    read = read_declaration((LISTS / "22-declaration-without-entry.csv").read_bytes())
    assert [(row.entry_no, row.entry_line, row.list_line) for row in read.rows] == [
        (None, None, 1),
        (None, None, 2),
    ]


@pytest.mark.parametrize("heading", ["entry_no", "entry_line"])
def test_declaration_number_and_line_are_required_together(heading: str) -> None:
    rows = rows_of(DECLARATION)
    rows[2][rows[0].index(heading)] = ""
    with pytest.raises(ManifestError) as caught:
        read_declaration(written(rows))
    (fault,) = caught.value.faults
    assert (fault.row, fault.column) == (3, heading)


def test_faults_of_headings_columns_and_values_are_reported_together() -> None:
    rows = rows_of(MANIFEST)
    rows[0][rows[0].index("make")] = "maker"
    rows[0][rows[0].index("net_kg")] = "weight"
    rows[2][rows[0].index("origin")] = "Mars"
    rows[3].append("x")
    for partial in (False, True):
        with pytest.raises(ManifestError) as caught:
            read_manifest(written(rows), partial=partial)
        assert caught.value.code == "manifest.heading"
        assert [(fault.row, fault.column) for fault in caught.value.faults] == [
            (1, "maker"),
            (1, "weight"),
            (1, "net_kg"),
            (3, "origin"),
            (4, ""),
        ]
