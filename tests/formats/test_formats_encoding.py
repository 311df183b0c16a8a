from base64 import b64encode
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.worked import refused_as
from traceledger.errors import MalformedError
from traceledger.formats.encoding import (
    MAX_INTEGER,
    check_origin,
    decode_base64,
    decode_hash,
    encode_base64,
    parse_decimal,
    split_lines,
)

CODE = "note.form"


@given(st.binary(max_size=100))
def test_base64_round_trips_as_in_the_standard_library(data: bytes) -> None:
    assert encode_base64(data) == b64encode(data)
    assert decode_base64(encode_base64(data), CODE) == data


@given(st.binary(max_size=12) | st.from_regex(rb"[A-Za-z0-9+/=\n -_]{0,12}", fullmatch=True))
def test_base64_is_refused_or_canonical(text: bytes) -> None:
    try:
        data = decode_base64(text, CODE)
    except MalformedError:
        return
    assert encode_base64(data) == text


@pytest.mark.parametrize(
    "text", [b"AB==", b"AA", b"AA=", b"AA===", b"A", b"AA==\n", b" AA==", b"A-__", b"\xc3\xa4AA="]
)
def test_refuses_base64_that_is_not_canonical(text: bytes) -> None:
    refused_as(CODE, lambda: decode_base64(text, CODE))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_has_32_bytes(length: int) -> None:
    assert decode_hash(encode_base64(bytes(32)), CODE) == bytes(32)
    refused_as(CODE, lambda: decode_hash(encode_base64(bytes(length)), CODE))


@given(st.integers(0, MAX_INTEGER))
def test_decimals_round_trip(value: int) -> None:
    assert parse_decimal(str(value).encode(), CODE) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "00", "01", "-0", "-1", "+3", " 3", "3 ", "3\n", "1_0", "1e3", "0x1", "1.0"),
        *("\u0663", "\uff13", str(MAX_INTEGER + 1), "9" * 19, "9" * 5000),
    ],
)
def test_refuses_numbers_that_are_not_plain(text: str) -> None:
    refused_as(CODE, lambda: parse_decimal(text.encode(), CODE))


def test_lines_end_in_a_newline_and_have_a_size_limit() -> None:
    assert split_lines(b"a\n\nb\n", CODE, limit=5) == [b"a", b"", b"b"]
    for data in (b"", b"a", b"a\n\nb\nc\n"):
        refused_as(CODE, partial(split_lines, data, CODE, limit=5))


@pytest.mark.parametrize("origin", ["ledger.example/cq-1", "a", "x" * 255, "traceledger", "!~"])
def test_accepts_origins(origin: str) -> None:
    check_origin(origin, CODE)


@pytest.mark.parametrize(
    "origin",
    [
        *("", "x" * 256, "a b", "a+b", "a\tb", "a\nb", "\u00e9", "a\u00a0b", "\udc80", "a\x7f"),
        *("traceledger/seal/v1", "traceledger/", "cosignature/v1"),
    ],
)
def test_refuses_origins_that_could_be_mistaken_for_something_else(origin: str) -> None:
    refused_as(CODE, lambda: check_origin(origin, CODE))
