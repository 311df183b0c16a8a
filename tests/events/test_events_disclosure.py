from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from traceledger.errors import MalformedError, TraceledgerError
from traceledger.events.disclosure import (
    MAX_WIRE,
    digest_disclosure,
    format_wire,
    make_disclosure,
    open_disclosures,
    parse_disclosure,
    split_wire,
)
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.events.fields import Money
from traceledger.events.token import Event, parse_token, sign_token

WORLD = World()
WIRE = WORLD.sign("import", "8004/9521234C999999", {"old_serial": "P35PFZAH05XY"}, refs=())
TOKEN, DISCLOSURES = split_wire(WIRE)
EVENT = parse_token(TOKEN)
NET, SERIAL, VALUE = DISCLOSURES  # in ascending order of names
SIGNER = WORLD.actors["importer"].signer


def refuse(event: Event, disclosures: Sequence[bytes], *, complete: bool = True) -> str:
    with pytest.raises(TraceledgerError) as caught:
        open_disclosures(event, disclosures, complete=complete)
    assert str(caught.value).isprintable()
    return caught.value.code


def write(text: bytes) -> bytes:
    return encode_base64url(text).encode()


def event_with(**disclosures: bytes) -> Event:
    """Parses an import event with the digests of these disclosures."""
    claims = json.loads(decode_base64url(TOKEN.split(b".")[1]))
    claims["data"]["_sd"] |= {name: digest_disclosure(text) for name, text in disclosures.items()}
    return parse_token(sign_token(claims, SIGNER))


def test_opens_every_field_with_its_value() -> None:
    values = open_disclosures(EVENT, DISCLOSURES, complete=True)
    assert values == {
        "net_kg": "0.942",
        "old_serial": "P35PFZAH05XY",
        "unit_value": Money(amount="85.00", currency="USD"),
    }
    assert format_wire(TOKEN, DISCLOSURES) == WIRE


def test_digest_matches_sd_jwt() -> None:
    salt, name, value = json.loads(decode_base64url(NET))
    assert (len(salt), name, value) == (23, "net_kg", "0.942")
    assert EVENT.digests["net_kg"] == encode_base64url(hashlib.sha256(NET).digest())


def test_token_reveals_nothing_of_a_restricted_value() -> None:
    payload = decode_base64url(TOKEN.split(b".")[1])
    for secret in (b"0.942", b"P35PFZAH05XY", b"85.00"):
        assert secret not in payload


def test_equal_values_have_different_digests() -> None:
    randbytes = random.Random(1).randbytes
    texts = {make_disclosure("net_kg", "0.942", randbytes) for _ in range(50)}
    assert len({digest_disclosure(text) for text in texts}) == 50


def test_reader_with_fewer_fields_opens_those() -> None:
    assert dict(open_disclosures(EVENT, [SERIAL], complete=False)) == {"old_serial": "P35PFZAH05XY"}
    assert dict(open_disclosures(EVENT, [], complete=False)) == {}


def test_append_requires_every_field() -> None:
    for held in ([], [NET], [NET, SERIAL], [SERIAL, VALUE], [NET, VALUE]):
        assert refuse(EVENT, held) == "disclosure.missing"


def test_refuses_other_order_and_repetition() -> None:
    assert refuse(EVENT, [SERIAL, NET, VALUE]) == "disclosure.order"
    assert refuse(EVENT, [VALUE, SERIAL], complete=False) == "disclosure.order"
    assert refuse(EVENT, [NET, NET, SERIAL, VALUE]) == "disclosure.order"
    assert refuse(EVENT, [NET, SERIAL, VALUE, VALUE]) == "disclosure.order"


def test_refuses_disclosures_of_another_event() -> None:
    other = split_wire(WORLD.sign("import", "8004/9521234C999998", refs=()))[1]
    for disclosures in (other, [other[0], SERIAL, VALUE]):
        assert refuse(EVENT, disclosures) == "disclosure.digest"


def test_refuses_a_field_that_the_token_does_not_have() -> None:
    extra = make_disclosure("pallet", "PLT-01", random.Random(1).randbytes)
    assert refuse(EVENT, [NET, SERIAL, extra, VALUE]) == "disclosure.digest"


def test_refuses_values_swapped_between_fields() -> None:
    gross = make_disclosure("old_serial", "0.942", random.Random(1).randbytes)
    swapped = make_disclosure("net_kg", "P35PFZAH05XY", random.Random(2).randbytes)
    assert refuse(EVENT, [swapped, gross, VALUE]) == "disclosure.digest"
    # The signer itself cannot put one field's disclosure under the name of another.
    event = event_with(net_kg=gross)
    assert refuse(event, [gross, SERIAL, VALUE]) == "disclosure.digest"


@pytest.mark.parametrize("at", range(len(NET)))
def test_every_changed_byte_is_refused(at: int) -> None:
    for changed in {NET[at] ^ 1, NET[at] ^ 0x20, 0, ord("=")} - {NET[at]}:
        text = NET[:at] + bytes([changed]) + NET[at + 1 :]
        assert refuse(EVENT, [text, SERIAL, VALUE]) in {"disclosure.digest", "disclosure.form"}
    assert refuse(EVENT, [NET[:at], SERIAL, VALUE]) in {"disclosure.digest", "disclosure.form"}


SALT = b'"' + b"s" * 22 + b'"'


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"=",
        b"!!!!",
        NET + b"=",
        write(b""),
        write(b"{}"),
        write(b"[" + SALT + b',"net_kg"]'),
        write(b'["' + b"s" * 21 + b'","net_kg","1"]'),
        write(b'["' + b"s" * 65 + b'","net_kg","1"]'),
        write(b'["' + b"s" * 21 + b'+","net_kg","1"]'),
        write(b"[1,2,3]"),
        write(b"[" + SALT + b',"Net_kg","1"]'),
        write(b"[" + SALT + b', "net_kg","1"]'),
        write(b"[" + SALT + b',"net_kg", "1"]'),
        write(b"[" + SALT + b',"net_k\\u0067","1"]'),
        write(b" [" + SALT + b',"net_kg","1"]'),
        write(b"[" + SALT + b',"net_kg","1"]\n'),
        write(b"[" + SALT + b',"net_kg","1"'),
        write(b"[" * 4000),
    ],
)
def test_refuses_a_malformed_disclosure_even_if_signed(text: bytes) -> None:
    event = event_with(net_kg=text)
    assert refuse(event, [text, SERIAL, VALUE]) == "disclosure.form"
    with pytest.raises(MalformedError):
        parse_disclosure(text)


@pytest.mark.parametrize("value", [b'"1","2"', b'"1', b"nul", b"\xff"])
def test_refuses_a_value_that_is_not_json_even_if_signed(value: bytes) -> None:
    text = write(b"[" + SALT + b',"net_kg",' + value + b"]")
    assert refuse(event_with(net_kg=text), [text, SERIAL, VALUE]) == "encoding.json"


@pytest.mark.parametrize(
    "value",
    [
        b"0.942",
        b"1",
        b"null",
        b"1e3",
        b'"+5"',
        b'"1e3"',
        b'"-0"',
        b'"0.\\u0039"',
        b'["0.942"]',
        b'"\\ud800"',
        b'"\xff"',
        b'"\\u0000"',
        b"1" * 5000,
        b"1e999",
        b"[" * 100 + b"]" * 100,
    ],
)
def test_refuses_a_signed_value_that_its_field_does_not_allow(value: bytes) -> None:
    text = write(b"[" + SALT + b',"net_kg",' + value + b"]")
    event = event_with(net_kg=text)
    code = refuse(event, [text, SERIAL, VALUE])
    assert code.partition(".")[0] in {"event", "encoding", "disclosure"}


@pytest.mark.parametrize(
    "value",
    [
        b'{"currency":"USD","amount":"85.00"}',
        b'{"amount":"85.00","amount":"85.00","currency":"USD"}',
        b'{"amount":"85.00", "currency":"USD"}',
        b'{"amount":"8\\u0035.00","currency":"USD"}',
    ],
)
def test_refuses_a_signed_value_that_is_not_canonical(value: bytes) -> None:
    text = write(b"[" + SALT + b',"unit_value",' + value + b"]")
    assert refuse(event_with(unit_value=text), [NET, SERIAL, text]) == "encoding.canonical"


def test_refusal_names_the_field_and_what_is_allowed() -> None:
    text = write(b"[" + SALT + b',"unit_value",{"amount":85.5,"currency":"USD"}]')
    with pytest.raises(MalformedError) as caught:
        open_disclosures(event_with(unit_value=text), [NET, SERIAL, text], complete=True)
    assert "amount: 85.5 given; allowed: text" in str(caught.value)
    text = write(b"[" + SALT + b',"unit_value",{"amount":"x","currency":"USD"}]')
    with pytest.raises(MalformedError) as caught:
        open_disclosures(event_with(unit_value=text), [NET, SERIAL, text], complete=True)
    assert str(caught.value) == (
        'unit_value.amount: "x" given; allowed: a decimal as text, like "0.942" [event.field]'
    )


def test_open_fields_of_a_correction_stay_within_the_profile() -> None:
    core = WORLD.core()
    first = WORLD.events[-1]
    wire = WORLD.sign(
        "correct",
        core,
        {"set_customs": {"net_kg": "0.95"}},
        by="importer",
        refs=(("target", core, first.id),),
    )
    token, (good,) = split_wire(wire)
    claims = json.loads(decode_base64url(token.split(b".")[1]))
    assert open_disclosures(parse_token(token), [good], complete=True) == {
        "set_customs": {"net_kg": "0.95"}
    }
    for value in (b'{"net_kg":0.95}', b'{"net_kg":null}', b'{"b":1,"a":1}', b'{"__proto__":1}'):
        text = write(b"[" + SALT + b',"set_customs",' + value + b"]")
        claims["data"]["_sd"] = {"set_customs": digest_disclosure(text)}
        event = parse_token(sign_token(claims, SIGNER))
        assert refuse(event, [text]).startswith("encoding.")


def test_unknown_kind_keeps_its_values_within_the_profile() -> None:
    claims = json.loads(decode_base64url(TOKEN.split(b".")[1]))
    good = make_disclosure("secret", {"a": ["x"]}, random.Random(1).randbytes)
    bad = write(b"[" + SALT + b',"secret",0.5]')
    for text, right in ((good, True), (bad, False)):
        data = {"_sd": {"secret": digest_disclosure(text)}}
        event = parse_token(sign_token(claims | {"kind": "teleport", "data": data}, SIGNER))
        if right:
            assert open_disclosures(event, [text], complete=True) == {"secret": {"a": ["x"]}}
        else:
            assert refuse(event, [text]) == "encoding.json"


@pytest.mark.parametrize("wire", [b"", TOKEN, WIRE[:-1], WIRE + b"x", b"x"])
def test_refuses_a_wire_without_its_final_separator(wire: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        split_wire(wire)
    assert caught.value.code == "wire.form"


def test_limits_the_size_of_the_wire() -> None:
    with pytest.raises(MalformedError) as caught:
        split_wire(b"~" * (MAX_WIRE + 1))
    assert caught.value.code == "wire.size"
    token, disclosures = split_wire(b"~" * MAX_WIRE)
    assert token == b""
    assert refuse(EVENT, disclosures) == "disclosure.form"


def test_refuses_empty_disclosures() -> None:
    token, disclosures = split_wire(WIRE.replace(b"~", b"~~", 1))
    assert refuse(parse_token(token), disclosures) == "disclosure.form"


@given(st.binary(max_size=120) | st.binary(max_size=90).map(write))
def test_nothing_but_traceledger_errors_escape(text: bytes) -> None:
    refuse(EVENT, [text])
    with pytest.raises(MalformedError):
        parse_disclosure(text)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(st.characters(min_codepoint=1, codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(VALUES, st.randoms(use_true_random=False))
def test_disclosure_round_trip(value: Any, source: random.Random) -> None:
    text = make_disclosure("note", value, source.randbytes)
    parsed = parse_disclosure(text)
    assert (parsed.name, parsed.value, parsed.text) == ("note", value, text)
