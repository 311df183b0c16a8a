"""Customs' lists in the shapes in which they come, and what is refused instead of guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from traceledger.audit.comparison import ListRow
from traceledger.errors import MalformedError
from traceledger.manifests.conventions import Conventions
from traceledger.manifests.customs_list import read_customs_list, read_list_head

LISTS = Path(__file__).parents[1] / "data" / "lists"
CUSTOMS = Conventions(codes="customs")
HEAD = {"list_no": "QD801226I000000322", "book_no": "H80122500001", "mode": "1371"}


def read(
    name: str,
    head: Mapping[str, str] | None = None,
    conventions: Conventions = CUSTOMS,
    edit: Callable[[bytes], bytes] = bytes,
) -> tuple[ListRow, ...]:
    data = edit((LISTS / name).read_bytes())
    return read_customs_list(data, name, conventions, head or {})


def shown(row: ListRow, *names: str) -> tuple[str, ...]:
    return tuple(str(getattr(row, name)) for name in names)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_body_of_a_list_needs_its_head(suffix: str) -> None:
    name = f"01-invt-body-27-columns.{suffix}"
    with pytest.raises(MalformedError) as caught:
        read(name)
    assert (caught.value.code, caught.value.where) == ("manifest.head", f"{name}, row 2")
    assert "--head" in caught.value.message
    rows = read(name, HEAD)
    assert [shown(row, "list_line", "entry_line", "quantity", "net_kg") for row in rows] == [
        ("1", "1", "30", "28.8"),
        ("2", "2", "24", "18.7"),
        ("3", "2", "6", "4.6"),
    ]
    first = ("list_no", "book_no", "mode", "direction", "currency", "country", "value", "unit")
    assert shown(rows[0], *first) == (
        *("QD801226I000000322", "H80122500001", "1371", "in", "USD", "USA", "2550", "007"),
    )
    assert rows[1].part_no == "0260550002"


def test_head_is_read_from_labels_and_values() -> None:
    text = "清单编号,QD801226I000000322\n账册编号：H80122500001\n监管方式,1371\n".encode()
    assert read_list_head(text) == HEAD
    with pytest.raises(MalformedError) as caught:
        read_list_head(b"a,b\n1,2\n")
    assert caught.value.code in {"manifest.head", "manifest.heading"}


def test_template_has_its_head_in_the_first_row_of_each_list() -> None:
    """A head that runs over into the next list would move its goods to another book."""
    rows = read("02-invt-flat-47-columns.xlsx")
    assert [shown(row, "list_no", "list_line", "part_no", "quantity") for row in rows] == [
        ("LX-2603-01", "1", "24261870", "30"),
        ("LX-2603-01", "2", "0260550002", "24"),
        ("LX-2603-02", "1", "0260550007", "6"),
    ]
    assert {shown(row, "mode", "direction", "book_no") for row in rows} == {
        ("1371", "in", "H80122500001")
    }
    assert {row.book_line for row in rows} == {None}


def test_new_list_takes_nothing_from_the_one_above() -> None:
    book = openpyxl.load_workbook(LISTS / "02-invt-flat-47-columns.xlsx")
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(4, heads.index("监管方式") + 1).value = None
    data = io.BytesIO()
    book.save(data)
    rows = read_customs_list(data.getvalue(), "list.xlsx", CUSTOMS)
    assert [row.mode for row in rows] == ["1371", "1371", None]


def test_export_of_declarations_is_read_without_its_totals() -> None:
    rows = read("05-declaration-query.csv")
    assert [shown(row, "entry_no", "entry_line", "quantity", "value") for row in rows] == [
        ("801220261000000777", "1", "34", "2890"),
        ("801220261000000777", "2", "24", "2316"),
    ]
    names = ("mode", "unit", "currency", "country", "net_kg", "book_line", "direction", "list_no")
    assert shown(rows[1], *names) == (*("1371", "007", "USD", "DEU", "18.7", "12", "in", "None"),)


def test_answer_of_customs_has_its_weight_in_the_statutory_quantity() -> None:
    one, two = read("03b-inv201.xml")
    names = ("list_no", "entry_no", "entry_line", "quantity", "net_kg", "value", "country")
    assert shown(one, *names) == (
        *("QD801226I000000321", "801220261000000777", "1", "30", "28.8", "2550", "USA"),
    )
    assert shown(two, "list_line", "quantity", "net_kg", "book_line") == ("2", "4", "None", "None")


@pytest.mark.parametrize("workbook", [False, True])
def test_american_report_has_one_row_for_each_tariff_number(workbook: bool) -> None:  # noqa: FBT001
    """A row of chapter 99 repeats no goods; counting it would double the pieces."""
    rows = read("29-ace-es003.csv", edit=as_workbook if workbook else bytes)
    names = ("entry_no", "entry_line", "quantity", "unit", "hs10", "value", "currency", "country")
    assert [shown(row, *names) for row in rows] == [
        ("ABC12345678", "1", "24", "{piece}", "9032896030", "2316", "USD", "DEU"),
        ("ABC12345678", "2", "6", "{piece}", "9032896030", "579", "USD", "CHN"),
    ]


def test_british_report_is_read_in_its_encoding() -> None:
    conventions = Conventions(encoding="windows-1252")
    rows = read("09-cds-import-item.csv", conventions=conventions)
    names = ("entry_no", "entry_line", "quantity", "net_kg", "value", "currency", "country", "mode")
    assert [shown(row, *names) for row in rows] == [
        ("26GB000LX0000777A1", "1", "30", "28.8", "2312.55", "GBP", "USA", "5100"),
        ("26GB000LX0000778A0", "2", "24", "18.7", "2100.1", "GBP", "DEU", "5100"),
    ]
    with pytest.raises(MalformedError) as caught:
        read("09-cds-import-item.csv")
    assert caught.value.code == "manifest.encoding"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("05-declaration-query.csv", "34,个", "3O,个", "row 2, 成交数量"),
        ("05-declaration-query.csv", "34,个", '"3,4",个', "a decimal comma or a thousands"),
        ("05-declaration-query.csv", "34,个", "34,箱子", "row 2, 成交计量单位"),
        ("05-declaration-query.csv", "美元", "镑", "row 2, 币制"),
        ("05-declaration-query.csv", "货号", "货物", "货物"),
        ("05-declaration-query.csv", "单价", "总价", "one column for each field"),
        ("05-declaration-query.csv", "保税维修", "保税修理", "row 2, 监管方式"),
        ("29-ace-es003.csv", "9032.89.6030", "9032.89", "row 3, HTS Number"),
        ("29-ace-es003.csv", ",DE,", ",GER,", "row 2, Country of Origin Code"),
        ("29-ace-es003.csv", "$579.00", "579-", "row 4, Line Tariff Goods Value Amount"),
        ("29-ace-es003.csv", "Entry Date", "Entry Dates", "Entry Dates"),
        ("09-cds-import-item.csv", ",5100,", ',"5100,5300",', "row 2, CPC"),
        ("09-cds-import-item.csv", ",1,26GB", ",one,26GB", "row 2, Item number"),
    ],
)
def test_wrong_cell_is_refused_with_its_row_and_column(
    name: str, old: str, new: str, message: str
) -> None:
    """A list that is read in part shows goods as missing that are there."""
    encoding = {"0": "gbk", "2": "utf-8"}[name[0]]
    conventions = CUSTOMS
    if name.startswith("09"):
        encoding, conventions = "windows-1252", Conventions(encoding="windows-1252")

    def edit(data: bytes) -> bytes:
        text = data.decode(encoding)
        assert old in text
        return text.replace(old, new, 1).encode(encoding)

    with pytest.raises(MalformedError) as caught:
        read(name, conventions=conventions, edit=edit)
    assert message in caught.value.message
    assert caught.value.where == name


def test_printed_declaration_has_one_line_for_the_rows_of_an_item() -> None:
    """Three rows for one item must not become three lines, nor the totals a fourth."""
    rows = read("04-declaration-print.xlsx", conventions=Conventions())
    numbers = ("entry_no", "entry_line", "book_line", "quantity", "unit", "net_kg")
    assert [shown(row, *numbers) for row in rows] == [
        ("801220261000000777", "1", "11", "34", "007", "32.64"),
        ("801220261000000777", "2", "12", "24", "007", "18.7"),
    ]
    amounts = [shown(row, "value", "currency", "country", "direction") for row in rows]
    assert amounts == [("2890", "USD", "USA", "in"), ("2316", "USD", "DEU", "in")]


def print_with(*quantities: str, prices: tuple[str, ...] = ("85", "2890.00", "美元")) -> bytes:
    """A printed declaration of one item, as CSV."""
    rows = ["海关编号：801220261000000777,,,", "项号,商品编号,数量及单位,单价/总价/币制"]
    below = zip(("1", "(11)", ""), ("9032899099", "", ""), quantities, prices, strict=False)
    return "\n".join([*rows, *(",".join(cells) for cells in below), "合计,,34个,"]).encode()


def test_goods_named_like_a_total_do_not_end_a_printed_form() -> None:
    """Every later line would be missing in customs' list."""
    form = print_with("34个", "", "").decode()
    second = "2,9032899099,5个,10\n(12),总计数器,,50\n,,,美元\n"
    rows = read_customs_list(form.replace("合计", f"{second}合计").encode(), "print.csv")
    assert [row.entry_line for row in rows] == [1, 2]


@pytest.mark.parametrize(
    "quantities", [("32.64千克", "", "34个"), ("34个", "32.64千克", ""), ("34个", "34个", "34个")]
)
def test_declared_quantity_is_found_wherever_the_program_prints_it(
    quantities: tuple[str, ...],
) -> None:
    (row,) = read_customs_list(print_with(*quantities), "print.csv")
    assert shown(row, "quantity", "unit") == ("34", "007")
    assert row.net_kg == (Decimal("32.64") if "32.64千克" in quantities else None)


@pytest.mark.parametrize(
    "data",
    [
        print_with("34个", "2箱", "32.64千克"),
        print_with("32.64千克", "30千克", "34个"),
        print_with("34", "", ""),
        print_with("34个", "", "", prices=("85", "2890.00", "")),
    ],
)
def test_unclear_quantities_and_prices_of_a_printed_item_are_refused(data: bytes) -> None:
    """Whether the first or the last is the declared one depends on the program."""
    with pytest.raises(MalformedError, match="row 3") as caught:
        read_customs_list(data, "print.csv")
    assert (caught.value.code, caught.value.where) == ("manifest.value", "print.csv")


def test_numbers_of_countries_need_the_customs_table() -> None:
    with pytest.raises(MalformedError) as caught:
        read("01-invt-body-27-columns.csv", HEAD, Conventions())
    assert "--codes customs" in caught.value.message


def test_cells_merged_over_lists_are_filled_only_where_all_are_empty() -> None:
    heads = "list_no,list_line,entry_no,entry_line,qty\n"
    text = f"{heads}QD801226I000000001,1,801220261000000777,1,1\n,2,,2,1\n"
    text += ",1,801220261000000778,1,1\n"
    rows = read_customs_list(text.encode(), "list.csv")
    assert [row.list_no for row in rows] == ["QD801226I000000001", "QD801226I000000001", None]


def test_row_that_nothing_in_the_ledger_can_match_is_refused_with_its_place() -> None:
    """A row without a number would be left out, and the rest of the list seem to agree."""
    text = "list_no,list_line,entry_no,entry_line,qty\nQD801226I000000001,1,,,1\n"
    assert len(read_customs_list(text.encode(), "list.csv")) == 1
    for row in ("QD801226I000000001,,,,1", "QD801226I000000001,,801220261000000777,,1"):
        with pytest.raises(MalformedError) as caught:
            read_customs_list(f"{text}{row}\n".encode(), "list.csv")
        assert (caught.value.code, caught.value.where) == ("manifest.head", "list.csv, row 3")


def as_workbook(data: bytes) -> bytes:
    """The same rows in a workbook, on its first sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in data.decode().splitlines():
        sheet.append(next(csv.reader([line])))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
