from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World, make_signer
from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.encoding import decode_base64url, encode_base64url, format_canonical
from traceledger.events.keys import PublicKey, Signer, SoftwareSigner
from traceledger.events.token import MAX_TOKEN, check_signature, parse_token, sign_token
from traceledger.merkle.hashing import leaf_hash

SIGNER = make_signer("operator")
P256 = SoftwareSigner.from_private(ec.derive_private_key(7, ec.SECP256R1()))
HEADER = {"alg": "Ed25519", "kid": SIGNER.key.kid, "typ": "tl-event+jwt"}
CLAIMS: dict[str, Any] = {
    "aud": "ledger.example/cq-1",
    "auth": "A" * 43,
    "data": {"method": "ultrasonic"},
    "iat": 1_750_000_000,
    "iss": "party/plant",
    "kind": "clean",
    "occurred": "2025-06-15T15:06:40Z",
    "prev": "A" * 43,
    "seq": 3,
    "sub": "8004/9521234C000001",
}


def dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def jws(header: bytes, payload: bytes, signer: Signer = SIGNER) -> bytes:
    """Signs any bytes, so that only the form is wrong."""
    signed = f"{encode_base64url(header)}.{encode_base64url(payload)}".encode()
    return signed + b"." + encode_base64url(signer.sign(signed)).encode()


def token_of(**changes: Any) -> bytes:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return jws(dump(HEADER), dump(claims))


def refuse(token: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        parse_token(token)
    return caught.value


GOOD = token_of()


def test_event_id_is_the_leaf_hash_of_the_token() -> None:
    event = parse_token(GOOD)
    assert event.leaf == leaf_hash(GOOD)
    assert event.id == encode_base64url(event.leaf)
    assert (event.kind_name, event.kid, event.algorithm) == ("clean", SIGNER.key.kid, "Ed25519")
    assert (event.data.method, event.refs, event.digests) == ("ultrasonic", (), {})
    check_signature(event, SIGNER.key)


def test_sign_token_matches_a_plain_jws() -> None:
    assert sign_token(CLAIMS, SIGNER) == GOOD


def test_every_changed_byte_is_refused() -> None:
    for at in range(len(GOOD)):
        for changed in {(GOOD[at] + 1) % 256, GOOD[at] ^ 0x20, ord("A"), ord("."), 0} - {GOOD[at]}:
            token = GOOD[:at] + bytes([changed]) + GOOD[at + 1 :]
            with pytest.raises((MalformedError, VerificationError)):
                check_signature(parse_token(token), SIGNER.key)


def test_every_truncation_is_refused() -> None:
    for length in range(len(GOOD)):
        refuse(GOOD[:length])
        refuse(GOOD[length + 1 :])


def test_every_changed_byte_and_truncation_of_the_wire_is_refused() -> None:
    world = World()
    wire = world.sign("receive", world.core(), {"seal_intact": True, "photo": "0f" * 32})

    def check(wire: bytes) -> None:
        token, disclosures = split_wire(wire)
        event = parse_token(token)
        check_signature(event, SIGNER.key)
        open_disclosures(event, disclosures, complete=True)

    check(wire)
    for at in range(len(wire)):
        for changed in {wire[at] ^ 1, wire[at] ^ 0x20, ord("~")} - {wire[at]}:
            with pytest.raises(TraceledgerError):
                check(wire[:at] + bytes([changed]) + wire[at + 1 :])
        with pytest.raises(TraceledgerError):
            check(wire[:at])


def test_checks_size_before_parsing() -> None:
    assert refuse(b"." * (MAX_TOKEN + 1)).code == "token.size"
    assert refuse(GOOD + b"A" * MAX_TOKEN).code == "token.size"


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b".",
        b"..",
        b"...",
        GOOD + b".",
        GOOD + b"=",
        GOOD + b"\n",
        b" " + GOOD,
        GOOD.replace(b".", b"..", 1),
        GOOD[:-1],
        GOOD[:-4],
        GOOD + b"AAAA",
        GOOD.replace(b".", b"=.", 1),
        GOOD.replace(b".", b"\x00.", 1),
    ],
)
def test_refuses_what_is_not_a_jws(token: bytes) -> None:
    assert refuse(token).code == "token.form"


def test_refuses_spare_bits_in_the_signature() -> None:
    last = GOOD[-1:]
    for other in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if bytes([other]) != last:
            token = GOOD[:-1] + bytes([other])
            with pytest.raises((MalformedError, VerificationError)):
                check_signature(parse_token(token), SIGNER.key)


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"alg": "none"},
        HEADER | {"alg": "None"},
        HEADER | {"alg": "HS256"},
        HEADER | {"alg": "ed25519"},
        HEADER | {"typ": "JWT"},
        HEADER | {"kid": "A" * 42},
        HEADER | {"kid": "A" * 42 + "B"},
        HEADER | {"crit": ["exp"]},
        HEADER | {"jwk": {}},
        HEADER | {"b64": False},
        {"alg": "Ed25519", "kid": SIGNER.key.kid},
        {},
        [],
        "x",
    ],
    ids=str,
)
def test_refuses_other_headers(header: Any) -> None:
    error = refuse(jws(dump(header), dump(CLAIMS)))
    assert error.code == "token.form"
    assert "header" in error.message


@pytest.mark.parametrize(
    "header",
    [
        dump(HEADER).replace(b",", b", "),
        dump(HEADER)[:-1] + b',"alg":"Ed25519"}',
        dump(HEADER).replace(b"Ed25519", b"\\u00452d25519".replace(b"2", b"", 1)),
        json.dumps(dict(reversed(HEADER.items())), separators=(",", ":")).encode(),
        b"\xef\xbb\xbf" + dump(HEADER),
        dump(HEADER) + b"\n",
        dump(HEADER)[:-1],
        b"\xff",
        b"",
        b"[" * 5000,
    ],
)
def test_refuses_headers_in_another_form(header: bytes) -> None:
    assert refuse(jws(header, dump(CLAIMS))).code == "token.form"


@pytest.mark.parametrize(
    ("algorithm", "signer", "right"),
    [
        ("Ed25519", SIGNER, True),
        ("EdDSA", SIGNER, True),
        ("ES256", SIGNER, False),
        ("ES256", P256, True),
        ("Ed25519", P256, False),
        ("EdDSA", P256, False),
    ],
)
def test_the_key_determines_the_algorithm(algorithm: str, signer: Signer, right: bool) -> None:  # noqa: FBT001 - a table
    header = {"alg": algorithm, "kid": signer.key.kid, "typ": "tl-event+jwt"}
    event = parse_token(jws(dump(header), dump(CLAIMS), signer))
    if right:
        check_signature(event, signer.key)
        return
    with pytest.raises(VerificationError) as caught:
        check_signature(event, signer.key)
    assert caught.value.code == "signature.false"


@pytest.mark.parametrize("key", [make_signer("another").key, P256.key])
def test_signature_of_another_key_is_refused(key: PublicKey) -> None:
    with pytest.raises(VerificationError, match="signed by"):
        check_signature(parse_token(GOOD), key)


def test_refuses_a_key_under_the_name_of_another() -> None:
    impostor = make_signer("impostor")
    event = parse_token(jws(dump(HEADER), dump(CLAIMS), impostor))
    with pytest.raises(VerificationError, match="this is key"):
        check_signature(event, impostor.key)


def respell(old: bytes, new: bytes) -> bytes:
    payload = dump(CLAIMS)
    assert old in payload
    return jws(dump(HEADER), payload.replace(old, new, 1))


@pytest.mark.parametrize(
    "token",
    [
        respell(b",", b", "),
        respell(b":3", b": 3"),
        respell(b'"clean"', b'"cle\\u0061n"'),
        respell(b"ultrasonic", b"ultr\\u0061sonic"),
        respell(b'"seq":3', b'"seq":3,"seq":3'),
        respell(b'"seq":3', b'"seq":2,"seq":3'),
        respell(b'"method":"ultrasonic"', b'"method":"x","method":"ultrasonic"'),
        respell(b'"kind":"clean"', b'"kind":"pack","kind":"clean"'),
        respell(b"8004/", b"8004\\/"),
        jws(dump(HEADER), dump(CLAIMS) + b"\n"),
        jws(dump(HEADER), b" " + dump(CLAIMS)),
        jws(dump(HEADER), json.dumps(CLAIMS).encode()),
        jws(
            dump(HEADER),
            json.dumps(dict(reversed(CLAIMS.items())), separators=(",", ":")).encode(),
        ),
    ],
)
def test_refuses_a_payload_that_is_not_canonical(token: bytes) -> None:
    assert refuse(token).code == "encoding.canonical"


@pytest.mark.parametrize(
    "token",
    [
        respell(b":3,", b":+3,"),
        respell(b":3,", b":03,"),
        respell(b":3,", b":3.0,"),
        respell(b":3,", b":3e0,"),
        respell(b":3,", b":-0.0,"),
        respell(b":3,", b":" + b"9" * 400 + b","),
        respell(b"ultrasonic", b"\x00"),
        respell(b"ultrasonic", b"\\u0000"),
        respell(b"ultrasonic", b"\\ud800"),
        respell(b"ultrasonic", b"\xed\xa0\x80"),
        respell(b"ultrasonic", b"\xff"),
        respell(b'"ultrasonic"', b"null"),
        respell(b'"ultrasonic"', b"[" * 2000 + b"]" * 2000),
        respell(b'"ultrasonic"', b"[" * 3000),
        respell(b'"method"', b'"__proto__"'),
        jws(dump(HEADER), b"\xef\xbb\xbf" + dump(CLAIMS)),
        jws(dump(HEADER), dump(CLAIMS) + b"x"),
        jws(dump(HEADER), dump(CLAIMS)[:-1]),
        jws(dump(HEADER), b""),
        jws(dump(HEADER), b"null"),
        jws(dump(HEADER), b"\x00"),
        jws(dump(HEADER), b"[" * 9000),
    ],
)
def test_refuses_a_payload_outside_the_profile(token: bytes) -> None:
    refuse(token)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", ...),
        ("aud", ["ledger.example/cq-1"]),
        ("aud", ""),
        ("aud", "with space"),
        ("aud", "a" * 256),
        ("iss", ...),
        ("iss", "plant"),
        ("iss", "party/plant/x"),
        ("iss", "party/pl_ant"),
        ("iss", "Ledger"),
        ("iss", "ledger\n"),
        ("iat", ...),
        ("iat", -1),
        ("iat", "1750000000"),
        ("iat", 32_503_680_000),
        ("iat", 2**53),
        ("iat", True),
        ("seq", -1),
        ("seq", 2**63),
        ("seq", 2**64),
        ("auth", "A" * 42),
        ("auth", "A" * 42 + "B"),
        ("auth", ""),
        ("prev", "A" * 44),
        ("prev", None),
        ("kind", ...),
        ("kind", 5),
        ("kind", "Clean"),
        ("kind", "a" * 41),
        ("occurred", ...),
        ("occurred", "2025-06-15"),
        ("occurred", 1_750_000_000),
        ("site", ""),
        ("site", "a b"),
        ("site", "a" * 41),
        ("refs", []),
        ("refs", {}),
        ("refs", [{"as": "input"}]),
        ("refs", [{"as": "Input", "item": "lot/a"}]),
        ("refs", [{"as": "input", "item": "lot/a", "event": ""}]),
        ("refs", [{"as": "input", "item": "lot/a", "extra": 1}]),
        ("refs", [{"as": "input", "item": "lot/a"}] * 130),
        ("data", ...),
        ("data", []),
        ("data", "x"),
        ("exp", 1_750_000_000),
        ("nbf", 1_750_000_000),
        ("jti", "x"),
    ],
    ids=repr,
)
def test_refuses_claims_that_are_missing_unknown_or_wrong(claim: str, value: Any) -> None:
    error = refuse(token_of(**{claim: value}))
    assert error.code in {"event.field", "encoding.json"}
    if value is not ... and claim not in {"exp", "nbf", "jti"}:
        assert error.where.startswith(claim)


@pytest.mark.parametrize(
    ("sub", "code"),
    [
        ("8004/9521234c000001", "item.form"),
        ("8004/%41", "item.form"),
        ("pallet/1", "item.form"),
        ("", "item.form"),
        ("01/09521234543214/21/A", "item.check-digit"),
        ("decl/short", "item.form"),
        ("8004/" + "A" * 80, "event.field"),
    ],
)
@pytest.mark.parametrize("place", ["sub", "ref"])
def test_refuses_items_outside_the_grammar(place: str, sub: str, code: str) -> None:
    token = token_of(sub=sub) if place == "sub" else token_of(refs=[{"as": "a", "item": sub}])
    assert refuse(token).code == code


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("clean", {}),
        ("clean", {"method": 5}),
        ("clean", {"method": ""}),
        ("clean", {"method": "a" * 65}),
        ("clean", {"method": "x", "colour": "red"}),
        ("clean", {"method": "x", "duration_s": 5}),
        ("clean", {"method": "x", "_sd": {}}),
        ("clean", {"method": "x", "_sd": {"colour": "A" * 43}}),
        ("clean", {"method": "x", "_sd": {"method": "A" * 43}}),
        ("clean", {"method": "x", "_sd": {"residue_kg": "A" * 42 + "B"}}),
        ("clean", {"method": "x", "_sd": {"residue_kg": 5}}),
        ("clean", {"method": "x", "_sd": ["A" * 43]}),
        ("consume", {"_sd": {"net_kg": "A" * 43}}),
        ("export", {"destination": "USA", "departed_at": "2025-05-20T10:00:00+08:00"}),
        (
            "export",
            {
                "destination": "USA",
                "departed_at": "2025-05-20T10:00:00+08:00",
                "_sd": {"container": "A" * 43},
            },
        ),
        ("inspect", {"grade": "D"}),
        ("inspect", {"grade": "A", "identity_match": "yes"}),
        ("inspect", {"grade": "A", "identity_match": 1}),
        ("repair", {"action": "x", "faults": [], "replaced": [{"part": "c", "quantity": 2}]}),
        ("repair", {"action": "x", "faults": [], "replaced": [{"part": "c", "quantity": "+2"}]}),
        ("repair", {"action": "x", "faults": [], "replaced": [{"part": "c", "quantity": "1e3"}]}),
        ("repair", {"action": "x", "faults": "none", "replaced": []}),
        ("repair", {"action": "x", "faults": ["a"] * 65, "replaced": []}),
        ("approve", {"decision": "pass", "standards": [], "warranty": {"months": 24}}),
        ("approve", {"decision": "pass", "standards": ["GB"], "warranty": {"months": 601}}),
        ("set_policy", {"values": {"zone_country": "cn"}}),
        ("set_policy", {"values": {"tolerances": {}}}),
        ("set_policy", {"values": {"process_loss": 0}}),
        ("correct", {"reason": "x", "set_public": {}}),
        ("correct", {"reason": "x", "set_public": {"Batch": "x"}}),
    ],
    ids=repr,
)
def test_refuses_fields_that_the_kind_does_not_allow(kind: str, data: dict[str, Any]) -> None:
    error = refuse(token_of(kind=kind, data=data))
    assert error.code in {"event.field", "encoding.json"}
    assert error.where.startswith("data")
    assert "allowed" in error.message or "restricted fields" in error.message


@pytest.mark.parametrize("number", ["0.942", "2.5", "1e2", "2.0", "-0.0"])
def test_refuses_floats_as_quantities(number: str) -> None:
    payload = dump(CLAIMS | {"kind": "approve", "data": {}}).replace(
        b'"data":{}',
        b'"data":{"decision":"pass","standards":["GB"],"warranty":{"months":%b}}' % number.encode(),
    )
    error = refuse(jws(dump(HEADER), payload))
    assert error.code in {"event.field", "encoding.json", "encoding.canonical"}


@pytest.mark.parametrize("role", ["admin", "root", "Operator", "operators", "", "*"])
def test_refuses_roles_that_do_not_exist(role: str) -> None:
    world = World()
    claims = json.loads(
        decode_base64url(world.events[1].token.split(b".")[1])
    )  # the admit of the plant
    claims["data"]["roles"] = ["operator", role]
    error = refuse(jws(dump(HEADER), dump(claims)))
    assert error.where == "data.roles[1]"
    assert '"importer", "broker", "operator"' in error.message


def test_keeps_an_event_of_a_kind_that_it_does_not_know() -> None:
    data = {"weight": 5, "_sd": {"secret": "A" * 43}, "nested": {"a": [True]}}
    event = parse_token(token_of(kind="teleport", data=data))
    assert (event.kind_name, event.kind, event.data) == ("teleport", None, data)
    assert event.digests == {"secret": "A" * 43}
    check_signature(event, SIGNER.key)
    assert parse_token(token_of(kind="teleport", data={})).digests == {}


@pytest.mark.parametrize(
    "data",
    [
        {"weight": 0.5},
        {"weight": None},
        {"Weight": 1},
        {"_sd": "x"},
        {"_sd": {}},
        {"_sd": {"secret": 5}},
        {"_sd": {"secret": "A" * 42 + "B"}},
        {"a": [[[[[[[[]]]]]]]]},
        [],
        "x",
    ],
    ids=repr,
)
def test_applies_the_profile_to_unknown_kinds(data: Any) -> None:
    refuse(token_of(kind="teleport", data=data))


def test_refuses_unknown_kinds_that_are_not_canonical() -> None:
    payload = dump(CLAIMS | {"kind": "teleport"}).replace(b'"seq":3', b'"seq":3 ')
    assert refuse(jws(dump(HEADER), payload)).code == "encoding.canonical"


def test_sign_token_refuses_what_it_could_not_parse() -> None:
    for claims in (CLAIMS | {"seq": 0.5}, CLAIMS | {"data": {}}, CLAIMS | {"extra": 1}):
        with pytest.raises(MalformedError):
            sign_token(claims, SIGNER)


def test_messages_escape_control_characters() -> None:
    for changes in (
        {"data": {"method": "\u202e\x1b[31m"}},
        {"data": {"\u202e": "x"}},
        {"kind": "\u202e\x1b"},
        {"iss": "party/\u202e"},
        {"sub": "8004/\x1b[31m"},
    ):
        assert str(refuse(token_of(**changes))).isprintable()


def test_p256_key_signs_events() -> None:
    token = sign_token(CLAIMS, P256)
    event = parse_token(token)
    assert event.algorithm == "ES256"
    check_signature(event, P256.key)
    for at in range(token.rindex(b".") + 1, len(token) - 1):
        changed = token[:at] + (b"A" if token[at : at + 1] != b"A" else b"B") + token[at + 1 :]
        with pytest.raises(VerificationError):
            check_signature(parse_token(changed), P256.key)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(CLAIMS)) | st.text(max_size=6), JSON, max_size=4))
def test_nothing_but_malformed_error_escapes_from_claims(changes: dict[str, Any]) -> None:
    text = json.dumps(CLAIMS | changes, separators=(",", ":"), sort_keys=True).encode()
    with suppress(MalformedError):
        parse_token(jws(dump(HEADER), text))


@given(st.binary(max_size=200))
def test_nothing_but_malformed_error_escapes_from_bytes(data: bytes) -> None:
    readers: list[Callable[[], object]] = [
        lambda: parse_token(data),
        lambda: parse_token(jws(data, dump(CLAIMS))),
        lambda: parse_token(jws(dump(HEADER), data)),
    ]
    for read in readers:
        with pytest.raises(MalformedError):
            read()


def test_names_the_field_its_value_and_what_is_allowed() -> None:
    assert str(refuse(token_of(iss="plant"))) == (
        'iss: "plant" given; allowed: ledger or party/<slug> [event.field]'
    )
    assert str(refuse(token_of(kind="inspect", data={"grade": "D"}))) == (
        'data.grade: "D" given; allowed: "A", "B", "C", "R", "S" [event.field]'
    )
    assert str(refuse(token_of(data={"method": "x", "colour": "red"}))) == (
        "data: Object contains unknown field `colour`;"
        " allowed: an object with method, result?, _sd? [event.field]"
    )
    assert str(refuse(token_of(kind="export", data={"destination": "USA"}))).startswith(
        "data: Object missing required field `departed_at`"
    )
    assert re.search("no digest of net_kg, unit_value", str(refuse(no_digest())))


def no_digest() -> bytes:
    data = {"category": "TCM", "part_no": "1", "origin": "USA", "_sd": {"pallet": "A" * 43}}
    return token_of(kind="import", data=data)


def test_canonical_helper_agrees_with_the_library() -> None:
    assert dump(CLAIMS) == format_canonical(CLAIMS)
