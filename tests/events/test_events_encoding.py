from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.events.encoding import (
    MAX_DEPTH,
    MAX_INTEGER,
    decode_base64url,
    encode_base64url,
    format_canonical,
    parse_canonical,
)

LIMIT = 10_000


def refuse(data: bytes) -> str:
    with pytest.raises(MalformedError) as caught:
        parse_canonical(data, limit=LIMIT)
    return caught.value.code


@pytest.mark.parametrize(
    "data",
    [
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u001F"',
        b'"\\u000a"',
        b'"\\u00e4"',
        b'"\\ud83d\\ude00"',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a": 1}',
        b' {"a":1}',
        b'{"a":1}\n',
        b"[1, 2]",
        b"-0",
    ],
)
def test_refuses_every_other_encoding_of_the_same_value(data: bytes) -> None:
    assert refuse(data) == "encoding.canonical"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b'{"a":null}',
        b"1.0",
        b"0.942",
        b"1e3",
        b"1E400",
        b"-1e-3",
        b"NaN",
        b"Infinity",
        b"+5",
        b"05",
        b"'a'",
        b"{a:1}",
        b"[1,]",
        b'{"a":1',
        b'{"a":1}{"a":1}',
        b'{"a":1}x',
        b'"\\ud800"',
        b'"\\ude00\\ud83d"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\xaf"',
        b'"\\u0000"',
        b'"a\x00"',
        b"\x00",
        b'"\x1f"',
        b'\xef\xbb\xbf{"a":1}',
        b'{"__proto__":1}',
        b'{"A":1}',
        b'{"a-b":1}',
        b'{"1a":1}',
        b'{"":1}',
        b'{"' + b"a" * 65 + b'":1}',
        b'{"\\u0000":1}',
        b"[" * 9 + b"]" * 9,
        b"[" * 3000,
        b'{"a":' * 1500,
        str(MAX_INTEGER + 1).encode(),
        str(-MAX_INTEGER - 1).encode(),
        b"1" * 30,
        b"1" * 5000,
    ],
)
def test_refuses_json_outside_the_profile(data: bytes) -> None:
    assert refuse(data) == "encoding.json"


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'""',
        b"0",
        b"-1",
        b"true",
        b'{"_sd":{"net_kg":"x"},"a":[false]}',
        b"[" * 8 + b"]" * 8,
        b'{"' + b"a" * 64 + b'":1}',
        str(MAX_INTEGER).encode(),
        str(-MAX_INTEGER).encode(),
        b'"\\b\\f\\n\\r\\t\\u0001\\u001f\\"\\\\/\x7f"',
        '"再制造 \U0001f600 \u2028"'.encode(),
    ],
)
def test_accepts_the_canonical_form(data: bytes) -> None:
    assert format_canonical(parse_canonical(data, limit=LIMIT)) == data


def test_checks_size_before_parsing() -> None:
    assert refuse(b"[" * (LIMIT + 1)) == "encoding.size"


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        None,
        b"x",
        (1,),
        {1: "a"},
        {"a": 2**53},
        "\ud800",
        "a\x00",
        {"a": {"b": [float("nan")]}},
    ],
)
def test_refuses_to_format_what_it_would_not_parse(value: Any) -> None:
    with pytest.raises(MalformedError):
        format_canonical(value)


def test_refusal_names_the_place_of_the_value() -> None:
    with pytest.raises(MalformedError, match=re.escape("results[1].value: 0.5 given; allowed")):
        format_canonical({"results": [{"value": 1}, {"value": 0.5}]})


PROFILE = st.recursive(
    st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0) if isinstance(value, dict | list) else 0


@given(PROFILE)
def test_agrees_with_another_json_writer(value: Any) -> None:
    assume(depth(value) <= MAX_DEPTH)
    data = format_canonical(value)
    assert parse_canonical(data, limit=LIMIT) == value
    assert (
        data
        == json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    )


@given(st.binary(max_size=80) | st.text(alphabet='{}[]":,\\u0a_1-.e ', max_size=40).map(str.encode))
def test_nothing_but_malformed_error_escapes(data: bytes) -> None:
    try:
        value = parse_canonical(data, limit=LIMIT)
    except MalformedError:
        return
    assert format_canonical(value) == data


@given(st.binary(max_size=100))
def test_base64url_round_trip(data: bytes) -> None:
    assert decode_base64url(encode_base64url(data).encode()) == data


@given(st.binary(max_size=12) | st.text(alphabet="AB-_+/=\n", max_size=12).map(str.encode))
def test_no_two_texts_decode_to_the_same_bytes(text: bytes) -> None:
    try:
        data = decode_base64url(text)
    except MalformedError:
        return
    assert encode_base64url(data).encode() == text


@pytest.mark.parametrize(
    "text",
    [b"A", b"AB", b"AAB", b"AA==", b"AA=", b"+/+/", b"AAAA\n", b" AAAA", b"AA A", b"\xc3\xa9"],
)
def test_refuses_padding_spare_bits_and_other_characters(text: bytes) -> None:
    with pytest.raises(MalformedError, match="not canonical base64url"):
        decode_base64url(text)
