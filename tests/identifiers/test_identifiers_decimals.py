from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.identifiers import (
    check_decimal,
    check_signed_decimal,
    compare_decimals,
    format_decimal,
    parse_decimal,
    sum_decimals,
)

PLAIN = ["0", "0.0", "1", "10", "0.942", "25500.00", "999999999999999", "1234567890.12345678"]
NEVER = [
    "",
    " ",
    "+1",
    "1 ",
    " 1",
    "1\n",
    "01",
    "00",
    ".5",
    "5.",
    "1.2.3",
    "1e3",
    "1E3",
    "NaN",
    "nan",
    "Infinity",
    "inf",
    "0x10",
    "1_000",
    "1,000",
    "0,942",
    "１２",
    "٣",
    "1.٣",
    "--1",
    "-",
    "-01",
    "1234567890123456",
    "0.1234567890",
    "1234567890.123456789",
    "-1234567890.123456789",
    "9" * 10_000,
]

decimals = st.decimals(
    min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=6
)


@pytest.mark.parametrize("text", PLAIN)
def test_accepts_plain_decimals(text: str) -> None:
    assert check_decimal(text) == text
    assert check_signed_decimal(text) == text


@pytest.mark.parametrize("text", ["-1", "-0.1", "-40.0", "-0.000000001"])
def test_sign_is_for_test_results_only(text: str) -> None:
    assert check_signed_decimal(text) == text
    with pytest.raises(MalformedError):
        check_decimal(text)


@pytest.mark.parametrize("text", [*NEVER, "-0", "-0.0", "-0.000"])
def test_refuses_every_other_notation(text: str) -> None:
    for check in (check_decimal, check_signed_decimal):
        with pytest.raises(MalformedError) as caught:
            check(text)
        assert caught.value.code == "value.decimal"
        assert len(str(caught.value)) < 300


@given(st.text() | st.text(alphabet="0123456789.-+eE_ ,", max_size=24))
def test_nothing_but_malformed_error_escapes(text: str) -> None:
    try:
        value = parse_decimal(text)
    except MalformedError:
        return
    assert format_decimal(value) == text


@given(decimals)
def test_formatted_number_round_trips(value: Decimal) -> None:
    value = abs(value) if value == 0 else value
    assert parse_decimal(format_decimal(value)) == value


def test_small_numbers_are_formatted_without_exponent() -> None:
    assert format_decimal(Decimal("0.000000001")) == "0.000000001"
    assert format_decimal(Decimal("1E+3")) == "1000"


def test_sum_is_exact_where_the_usual_precision_would_round() -> None:
    large, small = Decimal(10**15 - 1), Decimal("0.000000001")
    total = sum_decimals([large] * 100_000 + [small])
    assert format_decimal(total) == "99999999999999900000.000000001"
    assert sum_decimals([]) == 0


@given(decimals, decimals)
def test_compares_by_value(left: Decimal, right: Decimal) -> None:
    a, b = (format_decimal(abs(value)) for value in (left, right))
    assert compare_decimals(a, b) == (abs(left) > abs(right)) - (abs(left) < abs(right))


def test_trailing_zeros_do_not_matter_when_comparing() -> None:
    assert compare_decimals("1.0", "1.00") == 0
    assert compare_decimals("0.9", "0.10") == 1
    assert compare_decimals("-1", "0") == -1
