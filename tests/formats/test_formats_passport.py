from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.worked import changed_bytes, refused_as, truncations
from traceledger.errors import MalformedError
from traceledger.formats.passport import (
    OrderEntry,
    Passport,
    PassportChain,
    format_passport,
    parse_passport,
)

ITEM = "8004/9521234C000001"
HASH = bytes(range(32))
GOOD = Passport(
    item=ITEM,
    checkpoint=b"note\n\n\xe2\x80\x94 a b\n",
    seal=b"traceledger/seal/v1\n",
    seal_proof=(HASH, HASH),
    chains=(
        PassportChain(ITEM, (b"a.b.c~", b"d.e.f~g~"), (HASH, bytes(32))),
        PassportChain("ledger", (b"a.b.c~",), ()),
        PassportChain("party/plant", (b"a.b.c~",), (HASH,)),
    ),
    order=(OrderEntry("A" * 43, 0, ()), OrderEntry("B" * 42 + "A", 3, (HASH,))),
)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = msgspec.json.decode(format_passport(GOOD))
    change(document)
    return msgspec.json.encode(document, order="sorted")


def test_a_passport_round_trips() -> None:
    data = format_passport(GOOD)
    assert parse_passport(data) == GOOD
    assert format_passport(parse_passport(data)) == data


def test_no_changed_byte_parses_as_the_same_passport() -> None:
    for other in changed_bytes(format_passport(GOOD)):
        try:
            assert parse_passport(other) != GOOD
        except MalformedError:
            continue


def test_rejects_every_truncation() -> None:
    for cut in truncations(format_passport(GOOD)):
        with pytest.raises(MalformedError):
            parse_passport(cut)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(extra=1),
        lambda d: d.pop("order"),
        lambda d: d.update(format="traceledger/passport/v2"),
        lambda d: d.update(item="ledger"),
        lambda d: d.update(item="party/plant"),
        lambda d: d.update(item="8004/9521234C000002"),
        lambda d: d.update(chains=d["chains"][:1]),
        lambda d: d["chains"][0].update(events=[]),
        lambda d: d["chains"][0].update(map_proof=["A" * 44]),
        lambda d: d["chains"][0].update(map_proof=d["chains"][2]["map_proof"] * 257),
        lambda d: d["seal"].update(proof=d["seal"]["proof"] * 32),
        lambda d: d["seal"].update(proof=["é" * 44]),
        lambda d: d["seal"].update(text=1),
        lambda d: d["order"][0].update(index=-1),
        lambda d: d["order"][0].update(index=3),
        lambda d: d["order"][0].update(index=4),
        lambda d: d["order"][0].update(index=1.0),
        lambda d: d["order"][1].update(index=2**53),
        lambda d: d["order"][0].update(event="A" * 42 + "B"),
    ],
)
def test_rejects_what_is_not_a_passport(change: Callable[[dict[str, Any]], object]) -> None:
    refused_as("passport.form", lambda: parse_passport(changed(change)))


@pytest.mark.parametrize("item", ["", "8004/x", "key/short", "x/unit/é", "01/1/21/2"])
def test_rejects_invalid_ids(item: str) -> None:
    def rename(document: dict[str, Any]) -> None:
        document["item"] = document["chains"][0]["item"] = item

    refused_as("item.form", lambda: parse_passport(changed(rename)))


def test_rejects_a_lone_surrogate() -> None:
    data = format_passport(GOOD).replace(b"a.b.c~", b"\\ud800", 1)
    refused_as("passport.form", lambda: parse_passport(data))


def test_rejects_deep_nesting() -> None:
    data = b'{"chains":' + b"[" * 100_000
    refused_as("passport.form", lambda: parse_passport(data))


def test_refuses_to_format_what_is_not_utf8() -> None:
    for wrong in (replace(GOOD, checkpoint=b"\xff\n"), replace(GOOD, seal=b"\xff\n")):
        with pytest.raises(MalformedError, match=r"passport\.form"):
            format_passport(wrong)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_passport(data)


@given(
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.integers(0, 2**53 - 1),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50),
)
def test_valid_contents_round_trip(proof: list[bytes], index: int, text: str) -> None:
    entry = OrderEntry("A" * 43, index, tuple(proof))
    passport = replace(GOOD, order=(entry,), checkpoint=text.encode(), seal_proof=tuple(proof))
    assert parse_passport(format_passport(passport)) == passport
