from __future__ import annotations

import random
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.identifiers import (
    SERIAL_ALPHABET,
    check_digit,
    group_serial,
    make_gtin,
    new_id,
    new_serial,
    parse_item,
    ungroup_serial,
)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        # GTINs, an SSCC and a GLN from the GS1 test data.
        ("0952012345678", "8"),
        ("1231231231232", "6"),
        ("0952123454321", "3"),
        ("95201234567891234", "5"),
        ("952012345678", "8"),
        ("0", "0"),
        ("", "0"),
    ],
)
def test_check_digit(digits: str, expected: str) -> None:
    assert check_digit(digits) == expected


@given(st.text(string.digits, min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_check_digit_finds_every_single_wrong_digit(body: str, at: int, add: int) -> None:
    wrong = body[:at] + str((int(body[at]) + add) % 10) + body[at + 1 :]
    assert check_digit(wrong) != check_digit(body)


@pytest.mark.parametrize(
    ("prefix", "reference", "expected"),
    [
        ("9521234", 54321, "09521234543213"),
        ("9521234", 0, "09521234000006"),
        ("95212345678", 9, "09521234567899"),
        ("9521", 99999999, "09521999999997"),
    ],
)
def test_builds_gtins_that_ids_accept(prefix: str, reference: int, expected: str) -> None:
    assert make_gtin(prefix, reference) == expected
    assert parse_item(f"01/{expected}/21/A").form == "unit"


@pytest.mark.parametrize(
    ("prefix", "reference"),
    [("952", 1), ("952123456789", 0), ("95212३4", 1), ("9521234", 100_000), ("9521234", -1)],
)
def test_refuses_prefix_or_reference_that_does_not_fit(prefix: str, reference: int) -> None:
    with pytest.raises(MalformedError):
        make_gtin(prefix, reference)


def test_serials_use_every_symbol_equally() -> None:
    # Fourteen equal bytes give a serial of one symbol, for each of the 256 byte values.
    serials = [new_serial(bytes([byte]).__mul__) for byte in range(256)]
    counted = Counter(serials)
    assert set(counted) == {symbol * 14 for symbol in SERIAL_ALPHABET}
    assert set(counted.values()) == {8}


def test_new_serials_and_ids_are_valid_in_item_ids() -> None:
    randbytes = random.Random(1).randbytes
    assert len(new_serial(randbytes)) == 14
    assert parse_item(f"01/09521234543213/21/{new_serial(randbytes)}").form == "unit"
    assert parse_item(f"decl/{new_id(randbytes)}").form == "declaration"
    assert parse_item(f"book/{new_id(randbytes)}").form == "book"


def test_serial_is_shown_in_groups_of_four() -> None:
    assert group_serial("7KQ2X4PM9ATRWC") == "7KQ2 X4PM 9ATR WC"


@given(st.text(string.ascii_uppercase + string.digits + "-", min_size=1, max_size=20))
def test_grouped_serial_round_trips(serial: str) -> None:
    assert ungroup_serial(group_serial(serial)) == serial
