"""Every verifier judges signatures and keys alike, also those about which libraries disagree."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.edwards import TORSION, TwistedSigner
from tests.vectors.signatures import SIGNATURES, SignatureCase, format_signatures, signatures
from traceledger.errors import MalformedError, VerificationError
from traceledger.events.ed25519_engine import Ed25519Engine, installed_engines
from traceledger.events.encoding import decode_base64url
from traceledger.events.keys import Jwk, PublicKey, load_ed25519, load_jwk

CASES = list(signatures())
ED25519 = [case for case in CASES if case.jwk.crv == "Ed25519"]
ENGINES = installed_engines()


def judge(case: SignatureCase, load: Callable[[Jwk], PublicKey] = load_jwk) -> str:
    try:
        load(case.jwk).verify(case.message, case.signature)
    except (MalformedError, VerificationError) as error:
        return error.code
    return ""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_library_judges_the_signature_as_the_vector_states(case: SignatureCase) -> None:
    assert judge(case) == case.code


def test_both_engines_are_installed_here() -> None:
    """Otherwise the tests below would compare one of them with itself."""
    assert list(ENGINES) == ["libsodium", "openssl"]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
def test_each_engine_judges_as_the_vectors_state(engine: Ed25519Engine) -> None:
    """A verdict must not depend on the libraries that happen to be installed."""

    def load(jwk: Jwk) -> PublicKey:
        return load_ed25519(decode_base64url(jwk.x.encode()), engine)

    assert {case.name: judge(case, load) for case in ED25519} == {
        case.name: case.code for case in ED25519
    }


@pytest.mark.parametrize("torsion", range(1, 8))
@pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
def test_no_engine_multiplies_by_the_cofactor(engine: Ed25519Engine, torsion: int) -> None:
    """With the cofactor, a point of small order added to R would not be noticed."""
    for number in range(8):
        signer = TwistedSigner(bytes([torsion, number] * 16), in_r=TORSION[torsion])
        message = f"message {number}".encode()
        with pytest.raises(VerificationError) as caught:
            load_ed25519(signer.raw, engine).verify(message, signer.sign(message))
        assert caught.value.code == "signature.false"


def test_the_vectors_are_those_that_the_generator_writes() -> None:
    assert SIGNATURES.read_text() == format_signatures(), "run `make generate`"


def test_the_vectors_hold_every_verdict_and_each_name_once() -> None:
    rows = json.loads(SIGNATURES.read_text())
    assert {row["code"] for row in rows} == {"", "signature.false", "key.weak", "key.form"}
    assert len({row["name"] for row in rows}) == len(rows) > 200
