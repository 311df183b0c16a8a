"""Every verifier judges signatures and keys alike, also those about which libraries disagree."""

from __future__ import annotations

import json

import pytest

from tests.vectors.signatures import SIGNATURES, SignatureCase, format_signatures, signatures
from traceledger.errors import MalformedError, VerificationError
from traceledger.events.keys import load_jwk

CASES = list(signatures())


def judge(case: SignatureCase) -> str:
    try:
        load_jwk(case.jwk).verify(case.message, case.signature)
    except (MalformedError, VerificationError) as error:
        return error.code
    return ""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_library_judges_the_signature_as_the_vector_states(case: SignatureCase) -> None:
    assert judge(case) == case.code


def test_the_vectors_are_those_that_the_generator_writes() -> None:
    assert SIGNATURES.read_text() == format_signatures(), "run `make generate`"


def test_the_vectors_hold_every_verdict_and_each_name_once() -> None:
    rows = json.loads(SIGNATURES.read_text())
    assert {row["code"] for row in rows} == {"", "signature.false", "key.weak", "key.form"}
    assert len({row["name"] for row in rows}) == len(rows) > 200
