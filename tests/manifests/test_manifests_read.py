"""The two example files, in the forms that people and programs produce."""

from __future__ import annotations

import csv
import io
from importlib.resources import files

import pytest

from traceledger.manifests import Manifest, read_declaration, read_manifest, read_table

DATA = files("traceledger_cli") / "demo" / "data"
MANIFEST = (DATA / "manifest-1080-tcm.csv").read_bytes()
DECLARATION = (DATA / "declaration-inbound.csv").read_bytes()

CHINESE_MANIFEST = [
    "托盘", "旧件编号", "商品料号", "品牌", "原序列号", "报关单号", "报关单商品序号",
    "核注清单编号", "商品序号", "账册号", "备案序号", "净重（千克）", "单价", "币制",
    "原产国（地区）",
]  # fmt: skip
CHINESE_DECLARATION = [
    "报关单号", "报关单商品序号", "核注清单编号", "清单商品序号", "备案编号", "备案序号",
    "监管方式", "商品编码", "商品名称", "料号", "申报数量", "计量单位", "净重", "总价", "币制",
    "原产国(地区)", "起运国", "申报日期",
]  # fmt: skip
COUNTRIES = {"USA": "美国", "DEU": "德国", "JPN": "日本", "MEX": "墨西哥", "ARE": "阿联酋"}


def written(rows: list[list[str]], delimiter: str, encoding: str, *, ends: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ends).writerows(rows)
    return out.getvalue().encode(encoding)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.fixture(scope="module")
def original() -> Manifest:
    return read_manifest(MANIFEST)


def test_reads_the_example_manifest(original: Manifest) -> None:
    assert len(original.rows) == 1080
    assert original.faults == ()
    first = original.rows[0]
    assert (first.row, first.pallet, first.core.text) == (2, "PLT-01", "8004/9521234C000001")
    assert (first.part_no, first.make, first.old_serial) == ("24261870", "GM", "P35PFZAH05XY")
    assert (first.entry_no, first.entry_line) == ("801220251000012345", 1)
    assert (first.list_no, first.list_line) == ("QD801225I000001234", 1)
    assert (first.book_no, first.book_line) == ("H80122500001", 11)
    assert (first.net_kg, first.unit_value, first.currency) == ("0.942", "85.00", "USD")
    assert first.origin == "USA"
    assert sum(row.old_serial is None for row in original.rows) == 37
    assert original.rows[-1].row == 1081


def test_reads_the_example_declaration() -> None:
    lines = read_declaration(DECLARATION).rows
    assert [line.entry_line for line in lines] == [1, 2, 3, 4, 5, 6]
    first = lines[0]
    assert (first.row, first.mode, first.hs10) == (2, "1371", "9032899099")
    assert (first.goods_name, first.part_no) == ("变速箱控制模块(旧件) 6T40", "24261870")
    assert (first.qty, first.unit, first.net_kg) == ("300", "007", "288.197")
    assert (first.total_value, first.currency) == ("25500.00", "USD")
    assert (first.origin, first.dispatch_country) == ("USA", "ARE")
    assert first.declared_at == "2025-03-14T09:20:00+08:00"
    assert sum(int(line.qty) for line in lines) == 1080


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("chinese", [False, True])
def test_manifest_reads_the_same_in_every_form(
    original: Manifest, encoding: str, delimiter: str, ends: str, *, chinese: bool
) -> None:
    rows = rows_of(MANIFEST)
    if chinese:
        rows[0] = CHINESE_MANIFEST
        for row in rows[1:]:
            row[13], row[14] = "美元", COUNTRIES[row[14]]
    read = read_manifest(written(rows, delimiter, encoding, ends=ends))
    assert read.rows == original.rows
    assert read.reading.delimiter == delimiter
    assert read.reading.encoding == ("GBK" if chinese and encoding == "gbk" else "UTF-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("chinese", [False, True])
def test_declaration_reads_the_same_in_every_form(
    encoding: str, delimiter: str, *, chinese: bool
) -> None:
    rows = rows_of(DECLARATION)
    if chinese:
        rows[0] = CHINESE_DECLARATION
        for row in rows[1:]:
            row[14], row[15], row[16] = "美元", COUNTRIES[row[15]], COUNTRIES[row[16]]
            row[13] = f"{float(row[13]):,.2f}"
    read = read_declaration(written(rows, delimiter, encoding))
    assert read.rows == read_declaration(DECLARATION).rows


def test_columns_may_be_in_any_order(original: Manifest) -> None:
    rows = [row[::-1] for row in rows_of(MANIFEST)]
    assert read_manifest(written(rows, ",", "utf-8")).rows == original.rows


def test_known_unneeded_columns_are_ignored(original: Manifest) -> None:
    rows = [[*row, "x"] for row in rows_of(MANIFEST)]
    rows[0][-1] = "备注"
    assert read_manifest(written(rows, ",", "gbk")).rows == original.rows


def test_optional_columns_may_be_missing(original: Manifest) -> None:
    optional = {0, 3, 4}
    rows = [
        [cell for at, cell in enumerate(row) if at not in optional] for row in rows_of(MANIFEST)
    ]
    read = read_manifest(written(rows, ",", "utf-8")).rows
    assert {(row.pallet, row.make, row.old_serial) for row in read} == {(None, None, None)}
    assert [row.core for row in read] == [row.core for row in original.rows]


def test_empty_rows_are_skipped_but_counted() -> None:
    rows = rows_of(MANIFEST)[:4]
    rows[1:1] = [[], [""] * 15, [" "] * 15]
    assert [row.row for row in read_manifest(written(rows, ",", "utf-8")).rows] == [5, 6, 7]


@pytest.mark.parametrize("cell", ['"24261870\t"', ' "24261870"', "24261870\u3000", "24261870 "])
def test_blanks_around_a_value_are_removed(cell: str) -> None:
    data = MANIFEST.replace(b",24261870,", f",{cell},".encode(), 1)
    assert read_manifest(data).rows[0].part_no == "24261870"


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-x", "@SUM(A1)", '6" disc', "a;b"])
def test_text_is_unchanged(text: str) -> None:
    rows = rows_of(MANIFEST)
    rows[1][2] = text
    assert read_manifest(written(rows, ",", "utf-8")).rows[0].part_no == text


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("25,500.00", "25500.00"), ("1,234,567.5", "1234567.5"), ("85", "85"), ("0.00", "0.00")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_unambiguous_thousands_separators_are_accepted(
    cell: str, meant: str, delimiter: str
) -> None:
    rows = rows_of(MANIFEST)
    rows[1][12] = cell
    assert read_manifest(written(rows, delimiter, "utf-8")).rows[0].unit_value == meant


def test_shared_heading_belongs_to_the_line_without_a_specific_heading() -> None:
    rows = rows_of(MANIFEST)
    for row in rows[1:]:
        row[6] = "7"
    for at, field in ((6, "entry_line"), (8, "list_line")):
        rows[0] = CHINESE_MANIFEST.copy()
        rows[0][6], rows[0][8] = "报关单商品序号", "清单商品序号"
        rows[0][at] = "商品序号"
        table = read_table(written(rows, ",", "utf-8"))
        assert table.fields[at] == field
        read = read_manifest(written(rows, ",", "utf-8")).rows[0]
        assert (read.entry_line, read.list_line) == (7, 1)


def test_manifest_may_contain_cores_without_gs1_keys() -> None:
    read = read_manifest(MANIFEST.replace(b"8004/9521234C000001", b"x/core/C000001"))
    assert read.rows[0].core.form == "core"
