"""Lists that state what is still in the account: bills of discharge and three-ledger tables."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from traceledger.audit.comparison import ListRow
from traceledger.errors import MalformedError
from traceledger.manifests.conventions import STRICT
from traceledger.manifests.customs_list import read_customs_list

LISTS = Path(__file__).parents[1] / "data" / "lists"
BILL, LEDGERS = "10-bill-of-discharge.xlsx", "07-three-ledgers.xlsx"
RESULTS = {"G5": 318}  # what a spreadsheet program stores for the formula


def read(
    name: str, cells: Mapping[str, Any], head: Mapping[str, str] | None = None
) -> tuple[ListRow, ...]:
    """Reads a workbook with some cells changed."""
    book = openpyxl.load_workbook(LISTS / name)
    for place, value in cells.items():
        book.worksheets[0][place] = value
    target = io.BytesIO()
    book.save(target)
    return read_customs_list(target.getvalue(), name, STRICT, head or {})


def shown(row: ListRow, *names: str) -> tuple[str, ...]:
    return tuple(str(getattr(row, name)) for name in names)


def refuse(name: str, cells: Mapping[str, Any]) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read(name, cells)
    assert caught.value.where == name
    return caught.value


def test_bill_of_discharge_states_what_was_entered_and_what_remains() -> None:
    """Its totals must not become a line, nor 2.312,55 euros two."""
    rows = read(BILL, {})
    numbers = ("entry_no", "entry_line", "quantity", "open", "value", "currency")
    assert [shown(row, *numbers) for row in rows] == [
        ("26XX000LX0000777A1", "1", "30", "8", "2312.55", "EUR"),
        ("26XX000LX0000778A0", "2", "24", "24", "2100.1", "EUR"),
    ]
    assert {(row.direction, row.hs10, row.unit) for row in rows} == {
        ("in", "9032890000", "{piece}")
    }


def test_bill_of_discharge_in_kilograms_states_no_pieces() -> None:
    first = read(BILL, {"H7": "kg"})[0]
    assert (str(first.net_kg), first.quantity, first.open) == ("30", None, None)


def test_comma_after_a_zero_is_a_decimal_comma() -> None:
    """Only a group of three after another digit can be thousands."""
    cells = ("0,942", "0.942", "1.200,50", "1234,50", "12345,67")
    values = [str(read(BILL, {"E7": cell})[0].value) for cell in cells]
    assert values == ["0.942", "0.942", "1200.5", "1234.5", "12345.67"]


@pytest.mark.parametrize("sign", [1, -1])
def test_sign_of_a_disposal_does_not_matter(sign: int) -> None:
    assert str(read(BILL, {"E14": 2 * sign})[0].open) == "8"


def test_quantity_that_was_put_back_is_subtracted() -> None:
    assert str(read(BILL, {"E13": 24, "E14": -2})[0].open) == "8"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"C18": 9}, "26XX000LX0000777A1 item 1 does not add up: 30 entered, 22 disposed of"),
        ({"G13": "26XX000LX0000999A9"}, "row 13: 26XX000LX0000999A9 item 1 is not among"),
        ({"E7": "2.312"}, "thousands separators"),
        ({"E7": "12,345"}, "thousands separators"),
        ({"G7": "1,200"}, "thousands separators"),
        ({"E13": "-1,234,567"}, "thousands separators"),
        ({"G7": "1,2"}, "row 7: 1.2 pieces of 26XX000LX0000777A1 item 1"),
        ({"C18": "7,5"}, "row 18: 7.5 pieces"),
        ({"G7": "-"}, "row 7"),
        ({"A8": "26XX000LX0000777A1", "B8": 1}, "row 7"),
        ({"A17": "Reference", "D17": "Until"}, "0 tables of carried forward"),
        ({"A6": "Reference"}, "0 tables of goods entered"),
    ],
)
def test_bill_of_discharge_that_is_unclear_is_refused(
    cells: Mapping[str, Any], message: str
) -> None:
    """One table of the three would pass for the whole."""
    assert message in refuse(BILL, cells).message


def test_closing_stock_of_customs_book_is_read() -> None:
    """What the plant's own systems say would confirm itself."""
    rows = read(LEDGERS, RESULTS)
    numbers = ("book_no", "book_line", "part_no", "open", "direction")
    assert [shown(row, *numbers) for row in rows] == [
        ("H80122500001", "11", "24261870", "318", "in"),
        ("H80122500001", "12", "0260550002", "264", "in"),
    ]
    assert {row.quantity for row in rows} == {None}


def test_numbers_for_the_whole_table_may_be_given_apart() -> None:
    cells = RESULTS | {"A2": None, "B2": None, "E2": None}
    head = {"book_no": "H80122500001", "unit": "个"}
    assert {row.book_no for row in read(LEDGERS, cells, head)} == {"H80122500001"}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({}, "row 5, 期末: given '#FORMULA!'"),
        (RESULTS | {"G6": "-"}, "row 6, 期末: given '-'"),
        (RESULTS | {"G6": None}, "row 6, 期末"),
        (RESULTS | {"G6": "(1)"}, "row 6, 期末: given '(1)'"),
        (RESULTS | {"G4": "结余数"}, "0 columns 期末"),
        (RESULTS | {"F4": "结存"}, "2 columns 期末"),
        (RESULTS | {"A2": None, "B2": None}, "book_no"),
        (RESULTS | {"E2": "单位：千克"}, "a unit of pieces"),
    ],
)
def test_three_ledger_table_that_is_unclear_is_refused(
    cells: Mapping[str, Any], message: str
) -> None:
    """A dash can mean 0, unknown or a minus; a formula without its result means nothing."""
    assert message in refuse(LEDGERS, cells).message
