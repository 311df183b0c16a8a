"""Files of drafts in the layouts that programs and editors write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.events.request_file import parse_request_file

DRAFTS = [
    {"kind": "receive", "item": f"8004/9521234C00000{number}", "data": {"condition": "a ] , { 马"}}
    for number in range(3)
]
LINES = "".join(json.dumps(draft, ensure_ascii=False) + "\n" for draft in DRAFTS)
PRETTY = "\n".join(json.dumps(draft, indent=2) for draft in DRAFTS)


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.rstrip(),
        LINES.replace("\n", "\r\n\r\n"),
        json.dumps(DRAFTS),
        json.dumps(DRAFTS, indent=4),
        "\n \n" + json.dumps(DRAFTS),
        PRETTY,
        PRETTY + "\n\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_drafts_are_the_same_in_every_layout(text: str, encoding: str) -> None:
    parsed = parse_request_file(text.encode(encoding))
    assert parsed.wires == ()
    assert [draft.item for draft in parsed.drafts] == [draft["item"] for draft in DRAFTS]
    assert {draft.data["condition"] for draft in parsed.drafts} == {"a ] , { 马"}


@pytest.mark.parametrize(
    "data",
    [b"eyJ.a~\neyJ.b~\n", b'"eyJ.a~"\n\n"eyJ.b~"', b'\xef\xbb\xbf["eyJ.a~",\n"eyJ.b~"]'],
)
def test_signed_events_are_read_from_lines_texts_and_arrays(data: bytes) -> None:
    assert parse_request_file(data).wires == (b"eyJ.a~", b"eyJ.b~")


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"[]", b"[ ]\n"])
def test_file_without_events_is_empty(data: bytes) -> None:
    parsed = parse_request_file(data)
    assert (parsed.drafts, parsed.wires) == ((), ())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (LINES + "{not json}\n", "line 4"),
        (LINES.replace('"kind"', '"knd"', 1), "line 1"),
        (json.dumps(DRAFTS, indent=1)[:-4], "line 16"),
        (json.dumps(DRAFTS)[:-1], "line 1"),
        (json.dumps(DRAFTS) + "x", ""),
        ("[1, 2]", "line 1"),
        ("[NaN]", "line 1"),
        ('["\\ud800"]', "line 1"),
        (json.dumps(DRAFTS, indent=1).replace('"receive"', "Infinity"), "line 2"),
        ('{"kind":\n "receive"', "line 1"),
        (PRETTY + "\neyJ.a~", "line 22"),
        ("[" * 100_000, "line 1"),
        ('[{"kind": "receive"} {"kind": "receive"}]', "line 1"),
    ],
)
def test_fault_is_refused_with_its_line(text: str, where: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_request_file(text.encode())
    assert (caught.value.code, caught.value.where) == ("draft.form", where)


def test_mixture_of_drafts_and_signed_events_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        parse_request_file(LINES.encode() + b"eyJ.a~\n")
    assert caught.value.where == "lines 1, 4"


def test_misspelt_kind_comes_with_a_suggestion() -> None:
    with pytest.raises(MalformedError, match="did you mean 'receive'"):
        parse_request_file(LINES.replace('"receive"', '"recieve"', 1).encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_arbitrary_bytes_raise_only_malformed_error(data: bytes) -> None:
    for content in (data, b"[" + data, b'{"kind": \n' + data):
        try:
            parse_request_file(content)
        except MalformedError:
            continue
