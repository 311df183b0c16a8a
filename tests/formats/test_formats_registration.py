"""Proofs of possession, and requests to register a key that carry one."""

from __future__ import annotations

import json

import pytest

from tests.world import make_signer
from traceledger.errors import MalformedError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.formats.possession import check_possession, prove_possession
from traceledger.formats.registration import (
    format_registration,
    parse_registration,
    sign_registration,
)

ORIGIN, ITEM = "ledger.example/cq-1", "party/plant"
SIGNER = make_signer("plant admin")


def test_request_says_the_same_after_it_was_written_and_read() -> None:
    request = sign_registration(ORIGIN, ITEM, SIGNER)
    assert parse_registration(format_registration(request)) == request
    check_possession(request.possession, ORIGIN, request.item, request.jwk)


@pytest.mark.parametrize(
    ("origin", "item", "key"),
    [
        ("ledger.example/cq-2", ITEM, "plant admin"),
        (ORIGIN, "party/other", "plant admin"),
        (ORIGIN, ITEM, "somebody else"),
    ],
)
def test_rejects_a_proof_for_another_ledger_item_or_key(origin: str, item: str, key: str) -> None:
    proof = prove_possession(ORIGIN, ITEM, SIGNER)
    with pytest.raises(VerificationError, match=r"key\.possession"):
        check_possession(proof, origin, item, make_signer(key).key.jwk)


def test_rejects_every_flipped_bit_of_a_proof() -> None:
    signature = bytearray(SIGNER.sign(b""))
    for at in range(len(signature)):
        flipped = bytearray(signature)
        flipped[at] ^= 1
        with pytest.raises(VerificationError, match=r"key\.possession"):
            check_possession(encode_base64url(bytes(flipped)), ORIGIN, ITEM, SIGNER.key.jwk)


@pytest.mark.parametrize(
    "change", [{"more": 1}, {"item": 1}, {"jwk": {}}, {"possession": None}, {"item": None}]
)
def test_rejects_a_request_of_another_form(change: dict[str, object]) -> None:
    request = json.loads(format_registration(sign_registration(ORIGIN, ITEM, SIGNER)))
    with pytest.raises(MalformedError, match=r"key\.form"):
        parse_registration(json.dumps({**request, **change}).encode())


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 5000, b" " * (1 << 17)])
def test_rejects_what_is_no_request(data: bytes) -> None:
    with pytest.raises(MalformedError, match=r"key\.form"):
        parse_registration(data)
