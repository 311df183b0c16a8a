"""Reading payloads quickly must never accept what the types of the payload refuse."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from tests.world import World
from traceledger.errors import MalformedError
from traceledger.events.encoding import decode_base64url, encode_base64url, parse_canonical
from traceledger.events.fast_read import read_quickly
from traceledger.events.payload import PAYLOAD_KINDS
from traceledger.events.token import MAX_TOKEN, parse_token

TYPES = {kind.name: payload for payload, kind in PAYLOAD_KINDS.items()}
# One of each class that some text forbids: a control, a quote, an escape, DEL, a control of two
# bytes, a line separator, a bidirectional control, a surrogate, characters outside base64.
STRANGERS = (
    *(
        b"\x00",
        b"\n",
        b'"',
        b"\\",
        b"\\u0000",
        b"\\u202e",
        b" ",
        b"+",
        b"=",
        b"/",
        b"_",
        b"B",
        b"a",
    ),
    *(b"a", b"7", b"\x7f", "\x85".encode(), "\u2028".encode(), "\u2066".encode(), "é".encode()),
    *(b"\xed\xa0\x80", b"\xff", b"", "中".encode()),
)


def payloads() -> dict[str, bytes]:
    """Returns a payload of each kind in the test world, with links and digests if possible."""
    world = World()
    world.unit("EXPORTED")
    payloads = {}
    for event in sorted(world.events, key=lambda event: len(event.token)):
        payloads[event.kind_name] = decode_base64url(event.token.split(b".")[1])
    return payloads


PAYLOADS = payloads()

every_kind = pytest.mark.parametrize("name", PAYLOADS)


def check(data: bytes) -> bool:
    """Asserts that the type and the profile accept, in canonical form, what is read quickly."""
    quick = read_quickly(data)
    if quick is None:
        return False
    typed = msgspec.json.decode(data, type=TYPES[quick.kind.name])
    assert msgspec.to_builtins(typed) == msgspec.to_builtins(quick.body)
    assert msgspec.json.encode(typed, order="sorted") == data
    parse_canonical(data, limit=MAX_TOKEN)
    return True


def mutations(data: bytes) -> Iterator[bytes]:
    for place in range(len(data)):
        for stranger in STRANGERS:
            yield data[:place] + stranger + data[place + 1 :]
        yield data[:place] + data[place : place + 1] + data[place:]


@every_kind
def test_real_payload_is_read_quickly(name: str) -> None:
    assert check(PAYLOADS[name])


@every_kind
def test_no_change_of_one_character_passes_that_the_types_refuse(name: str) -> None:
    for data in mutations(PAYLOADS[name]):
        check(data)


@pytest.mark.parametrize("text", ["中文说明", "naïve", "“quoted”", 'with "quotes"', "\u202e"])
def test_texts_beyond_ascii_are_treated_alike(text: str) -> None:
    claims = msgspec.json.decode(PAYLOADS["receive"])
    claims["data"]["condition"] = text
    data = msgspec.json.encode(claims, order="sorted")
    header = World().events[0].token.split(b".")[0]
    token = b".".join([header, encode_base64url(data).encode(), b"A" * 86])
    if text == "\u202e":
        with pytest.raises(MalformedError, match="printable"):
            parse_token(token)
    else:
        assert parse_token(token).data.condition == text
    check(data)
