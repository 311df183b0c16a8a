import pytest
from hypothesis import given
from hypothesis import strategies as st

import traceledger.formats.seal
from tests.formats.worked import (
    changed_bytes,
    insertions,
    parsed_or_refused,
    refused_as,
    truncations,
)
from traceledger.formats.encoding import MAX_INTEGER
from traceledger.formats.seal import Seal, format_seal, is_seal, parse_seal

ROOT = bytes.fromhex("69bf4497a7698fc5e30ef7e0787fbce1f6f45717fc45db87dafaccca945b6ceb")
SEAL = Seal(4711, ROOT, 803, 4650)
TEXT = b"""\
traceledger/seal/v1
4711
ab9El6dpj8XjDvfgeH+84fb0Vxf8RduH2vrMypRbbOs=
803
4650
"""


def test_seal_round_trips() -> None:
    assert format_seal(SEAL) == TEXT
    assert parse_seal(TEXT) == SEAL
    first = Seal(4711, ROOT, 803, None)
    assert format_seal(first) == TEXT.replace(b"4650\n", b"-\n")
    assert parse_seal(format_seal(first)) == first


def test_the_documented_example_is_real() -> None:
    lines = (traceledger.formats.seal.__doc__ or "").splitlines()
    start = next(i for i, text in enumerate(lines) if "seal/v1" in text)
    example = "".join(text.removeprefix("    ") + "\n" for text in lines[start : start + 5])
    assert parse_seal(example.encode()) == SEAL


def test_a_changed_seal_is_refused_or_is_another_seal() -> None:
    for data in (*changed_bytes(TEXT), *truncations(TEXT), *insertions(TEXT)):
        seal = parsed_or_refused("seal.form", parse_seal, data)
        if seal is not None:
            assert seal != SEAL
            assert format_seal(seal) == data


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/v1", b"/v2"),
        (b"4711", b"04711"),
        (b"4711", b"-4711"),
        (b"4711", b"+4711"),
        (b"4711", b"9223372036854775808"),
        (b"4711", b"802"),
        (b"4711", b"0"),
        (b"Os=", b"Ot="),
        (b"Os=", b"Os"),
        (b"ab9E", b""),
        (b"803", b"0803"),
        (b"803", b"0"),
        (b"803", b"4712"),
        (b"4650", b"4711"),
        (b"4650", b"4712"),
        (b"4650", b"04650"),
        (b"4650", b"0"),
        (b"4650", b"--"),
        (b"4650", b""),
        (b"4650\n", b"4650"),
        (b"4650\n", b"4650\n\n"),
        (b"4650\n", b"4650\nmore\n"),
        (b"\n", b"\r\n"),
        (TEXT, b""),
        (TEXT, b"eyJhbGciOiJFZDI1NTE5In0.e30.AA"),
        (b"803", b"8" * 300),
    ],
)
def test_refuses_what_is_not_a_seal(old: bytes, new: bytes) -> None:
    refused_as("seal.form", lambda: parse_seal(TEXT.replace(old, new)))


def test_no_event_is_a_seal() -> None:
    assert is_seal(TEXT)
    for entry in (
        b"eyJhbGciOiJFZDI1NTE5In0",
        b"",
        b"traceledger/seal/v1",
        b"traceledger/seal/v2\n",
    ):
        assert not is_seal(entry)


@pytest.mark.parametrize(
    "seal",
    [
        Seal(0, ROOT, 0, None),
        Seal(5, ROOT, 0, None),
        Seal(5, ROOT, 6, None),
        Seal(5, ROOT[:31], 5, None),
        Seal(5, ROOT, 5, 5),
        Seal(5, ROOT, 5, 0),
        Seal(5, ROOT, 5, -1),
        Seal(MAX_INTEGER + 1, ROOT, 5, None),
    ],
)
def test_refuses_to_format_what_it_would_not_parse(seal: Seal) -> None:
    refused_as("seal.form", lambda: format_seal(seal))


@given(st.data(), st.binary(min_size=32, max_size=32))
def test_round_trip(data: st.DataObject, root: bytes) -> None:
    index = data.draw(st.integers(2, MAX_INTEGER))
    items = data.draw(st.integers(1, index))
    previous = data.draw(st.none() | st.integers(1, index - 1))
    seal = Seal(index, root, items, previous)
    assert parse_seal(format_seal(seal)) == seal
