from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import ORIGIN, make_signer
from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.formats.access_token import (
    LEEWAY,
    LIFETIME,
    AccessToken,
    check_access,
    parse_access,
    sign_access,
)

SIGNER = make_signer("reader")
NOW = 1_800_000_000
AUTHORITY = encode_base64url(bytes(32))


def signed(origin: str = ORIGIN, now: int = NOW) -> bytes:
    return sign_access(
        SIGNER,
        origin=origin,
        issuer="party/plant",
        authority=AUTHORITY,
        now=now,
        nonce=bytes(range(16)),
    )


def check(token: bytes, *, now: float = NOW, origin: str = ORIGIN) -> AccessToken:
    parsed = parse_access(token)
    check_access(parsed, SIGNER.key, origin=origin, now=now)
    return parsed


def changed(token: bytes, part: int, **members: object) -> bytes:
    """Returns the token with members of header or payload replaced, signed again."""
    parts = token.split(b".")
    content = json.loads(decode_base64url(parts[part])) | members
    content = {name: value for name, value in content.items() if value is not None}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    parts[part] = encode_base64url(text.encode()).encode()
    body = b".".join(parts[:2])
    return body + b"." + encode_base64url(SIGNER.sign(body)).encode()


def test_token_identifies_the_caller() -> None:
    token = check(signed())
    assert (token.origin, token.issuer, token.kid) == (ORIGIN, "party/plant", SIGNER.key.kid)
    assert token.expires - token.issued == LIFETIME


@pytest.mark.parametrize("now", [NOW - LEEWAY, NOW, NOW + LIFETIME - 1])
def test_token_is_valid_for_minutes(now: int) -> None:
    check(signed(), now=now)


@pytest.mark.parametrize("now", [NOW - LEEWAY - 1, NOW + LIFETIME, NOW + 10**9, 0])
def test_token_is_invalid_before_and_after(now: int) -> None:
    with pytest.raises(VerificationError, match=r"access\.refused"):
        check(signed(), now=now)


def test_token_of_another_ledger_is_refused() -> None:
    with pytest.raises(VerificationError, match=r"access\.refused"):
        check(signed("ledger.example/other"))


def test_token_by_another_key_is_refused() -> None:
    with pytest.raises(VerificationError, match=r"signature\.false"):
        check_access(parse_access(signed()), make_signer("other").key, origin=ORIGIN, now=NOW)


@pytest.mark.parametrize(
    ("part", "members"),
    [
        (0, {"typ": "tl-event+jwt"}),
        (0, {"typ": "JWT"}),
        (0, {"alg": "none"}),
        (0, {"alg": "HS256"}),
        (0, {"jwk": {}}),
        (0, {"kid": "short"}),
        (0, {"crit": ["b64"]}),
        (1, {"exp": NOW + LIFETIME + 1}),
        (1, {"exp": NOW}),
        (1, {"exp": None}),
        (1, {"iat": float(NOW)}),
        (1, {"iat": True}),
        (1, {"aud": ORIGIN}),
        (1, {"iss": "party/"}),
        (1, {"iss": "key/x"}),
        (1, {"jti": "short"}),
        (1, {"roles": ["customs"]}),
        (1, {"auth": None}),
    ],
)
def test_other_members_and_values_are_refused(part: int, members: dict[str, object]) -> None:
    with pytest.raises(MalformedError, match=r"access\.form"):
        parse_access(changed(signed(), part, **members))


def test_token_is_accepted_in_canonical_form_only() -> None:
    header, payload, signature = signed().split(b".")
    spaced = json.dumps(json.loads(decode_base64url(payload)), sort_keys=True).encode()
    again = b".".join((header, encode_base64url(spaced).encode(), signature))
    with pytest.raises(MalformedError):
        parse_access(again)


def test_every_changed_byte_and_every_truncation_is_refused() -> None:
    token = signed()
    for at in range(len(token)):
        for other in (b"A", b"~", b"."):
            change = token[:at] + other + token[at + 1 :]
            if change != token:
                with pytest.raises(TraceledgerError):
                    check(change)
        with pytest.raises(MalformedError):
            check(token[:at])


@given(st.binary(max_size=300))
def test_anything_else_is_refused_with_its_own_error(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_access(data)


def test_a_token_that_is_too_long_is_not_parsed() -> None:
    with pytest.raises(MalformedError):
        parse_access(b"a." * 10_000_000)
