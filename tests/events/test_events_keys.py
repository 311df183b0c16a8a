from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from tests.world import jwk, make_signer
from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, SoftwareSigner, load_ed25519, load_jwk

P = 2**255 - 19
RFC8037 = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def order_8_ys() -> set[int]:
    """Computes the y of the points of order 8: 2 * (x, y) has y = 0, RFC 8032 section 5.1."""
    d = -121665 * pow(121666, -1, P) % P
    # On -x^2 + y^2 = 1 + d x^2 y^2, doubling gives y = 0 where y^2 = -x^2: d x^4 - 2 x^2 - 1 = 0.
    ys = set()
    root_of_minus_one = pow(2, (P - 1) // 4, P)
    for sign in (1, -1):
        discriminant = (1 + d) % P
        root = pow(discriminant, (P + 3) // 8, P)
        if root * root % P != discriminant:
            root = root * root_of_minus_one % P
        x_squared = (1 + sign * root) * pow(d, -1, P) % P
        y_squared = -x_squared % P
        y = pow(y_squared, (P + 3) // 8, P)
        if y * y % P != y_squared:
            y = y * root_of_minus_one % P
        if y * y % P == y_squared:
            ys |= {y, P - y}
    return ys


def encode(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


SMALL = [encode(y, sign) for y in [0, 1, P - 1, *sorted(order_8_ys())] for sign in (0, 1)]


def test_thumbprint_matches_rfc_8037() -> None:
    assert load_jwk(RFC8037).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_all_eight_points_of_small_order_are_tried() -> None:
    assert len(order_8_ys()) == 2
    assert len(set(SMALL)) == 10  # eight points; the two with x = 0 also with a false sign


@pytest.mark.parametrize("raw", SMALL, ids=bytes.hex)
def test_refuses_keys_of_small_order(raw: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        load_ed25519(raw)
    assert caught.value.code == "key.weak"
    with pytest.raises(MalformedError) as caught:
        load_jwk(RFC8037 | {"x": encode_base64url(raw)})
    assert caught.value.code == "key.weak"


@pytest.mark.parametrize("y", [*range(P, 2**255)])
@pytest.mark.parametrize("sign", [0, 1])
def test_refuses_keys_that_are_not_canonical(y: int, sign: int) -> None:
    with pytest.raises(MalformedError) as caught:
        load_ed25519(encode(y, sign))
    assert caught.value.code == "key.weak"


def test_constant_signature_would_verify_under_a_weak_key() -> None:
    """Shows why: one signature, R the neutral element and S zero, verifies for every message."""
    weak = ed25519.Ed25519PublicKey.from_public_bytes(encode(1, 0))
    for message in (b"one", b"two"):
        weak.verify(encode(1, 0) + bytes(32), message)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_refuses_keys_of_other_sizes(size: int) -> None:
    with pytest.raises(MalformedError, match=f"{size} given"):
        load_ed25519(bytes(size))


def p256() -> SoftwareSigner:
    return SoftwareSigner.from_private(ec.derive_private_key(7, ec.SECP256R1()))


P256 = jwk(p256().key)


@pytest.mark.parametrize(
    "value",
    [
        5,
        None,
        {},
        RFC8037 | {"d": "secret"},
        RFC8037 | {"kid": "x"},
        RFC8037 | {"y": ""},
        RFC8037 | {"y": RFC8037["x"]},
        RFC8037 | {"x": RFC8037["x"] + "="},
        RFC8037 | {"x": RFC8037["x"][:-1] + "p"},
        RFC8037 | {"x": RFC8037["x"][:-1]},
        RFC8037 | {"x": "\ud800" * 43},
        RFC8037 | {"crv": "P-256"},
        RFC8037 | {"crv": "X25519"},
        RFC8037 | {"crv": "Ed2\ud8005519"},
        RFC8037 | {"kty": "EC"},
        {name: value for name, value in P256.items() if name != "y"},
        P256 | {"kty": "OKP"},
        P256 | {"crv": "P-384"},
        P256 | {"crv": "Ed25519"},
        P256 | {"y": P256["x"]},
        P256 | {"x": encode_base64url(bytes(32)), "y": encode_base64url(bytes(32))},
        P256 | {"x": encode_base64url(b"\xff" * 32)},
    ],
)
def test_refuses_malformed_public_keys(value: Any) -> None:
    with pytest.raises(MalformedError) as caught:
        load_jwk(value)
    assert caught.value.code == "key.form"
    assert "secret" not in str(caught.value)


def test_refuses_coordinates_of_other_lengths() -> None:
    long = encode_base64url(b"\x00" + b"\x01" * 32)
    with pytest.raises(MalformedError):
        load_jwk(Jwk(crv="P-256", kty="EC", x=long, y=long))


@pytest.mark.parametrize("signer", [make_signer("a"), p256()], ids=["Ed25519", "P-256"])
def test_signature_verifies_for_its_message_and_key_only(signer: SoftwareSigner) -> None:
    signature = signer.sign(b"message")
    assert len(signature) == 64
    signer.key.verify(b"message", signature)
    other = make_signer("b").key
    for key, message, forged in [
        (signer.key, b"messagf", signature),
        (signer.key, b"message", signature[:-1]),
        (signer.key, b"message", signature + b"\x00"),
        (signer.key, b"message", b""),
        (signer.key, b"message", bytes(64)),
        (other, b"message", signature),
    ]:
        with pytest.raises(VerificationError) as caught:
            key.verify(message, forged)
        assert caught.value.code == "signature.false"


@pytest.mark.parametrize("signer", [make_signer("a"), p256()], ids=["Ed25519", "P-256"])
def test_every_changed_byte_of_a_signature_is_refused(signer: SoftwareSigner) -> None:
    signature = signer.sign(b"message")
    for at in range(64):
        changed = bytearray(signature)
        changed[at] ^= 1
        with pytest.raises(VerificationError):
            signer.key.verify(b"message", bytes(changed))


def test_p256_signature_is_r_and_s_not_der() -> None:
    signer = p256()
    private = ec.derive_private_key(7, ec.SECP256R1())
    der = private.sign(b"message", ec.ECDSA(SHA256()))
    with pytest.raises(VerificationError):
        signer.key.verify(b"message", der)
    r, s = decode_dss_signature(der)
    signer.key.verify(b"message", r.to_bytes(32) + s.to_bytes(32))


def test_key_lists_its_algorithms() -> None:
    assert make_signer("a").key.algorithms == ("Ed25519", "EdDSA")
    assert p256().key.algorithms == ("ES256",)


def test_only_an_ed25519_key_has_raw_bytes() -> None:
    key = make_signer("a").key
    assert load_ed25519(key.raw).kid == key.kid
    with pytest.raises(UsageError) as caught:
        _ = p256().key.raw
    assert caught.value.code == "key.type"


@pytest.mark.parametrize("signer", [make_signer("a"), p256()], ids=["Ed25519", "P-256"])
def test_private_key_round_trips_through_its_encrypted_file(signer: SoftwareSigner) -> None:
    pem = signer.to_pem(b"correct horse")
    assert b"ENCRYPTED" in pem
    again = SoftwareSigner.from_pem(pem, b"correct horse")
    assert again.key.kid == signer.key.kid
    for broken, passphrase in [(pem, b"wrong"), (pem[:-60], b"correct horse"), (b"", b"x")]:
        with pytest.raises(UsageError) as caught:
            SoftwareSigner.from_pem(broken, passphrase)
        assert caught.value.code == "key.passphrase"


def test_refuses_file_with_an_unknown_algorithm() -> None:
    unknown = base64.b64encode(bytes.fromhex("300b02010030040602 2a030400")).decode()
    pem = f"-----BEGIN PRIVATE KEY-----\n{unknown}\n-----END PRIVATE KEY-----\n"
    with pytest.raises(UsageError, match=r"key\.passphrase"):
        SoftwareSigner.from_pem(pem.encode(), b"x")


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ],
    ids=["P-384", "RSA"],
)
def test_refuses_files_with_keys_of_other_types(
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
) -> None:
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    with pytest.raises(UsageError) as caught:
        SoftwareSigner.from_pem(pem, b"x")
    assert caught.value.code == "key.type"


def test_two_generated_keys_differ() -> None:
    assert SoftwareSigner.generate().key.kid != SoftwareSigner.generate().key.kid


def test_thumbprint_covers_the_members_in_lexicographic_order() -> None:
    text = json.dumps(P256, separators=(",", ":"), sort_keys=True)
    assert list(json.loads(text)) == ["crv", "kty", "x", "y"]
    assert p256().key.kid == load_jwk(json.loads(text)).kid


def test_key_of_many_events_is_checked_once() -> None:
    first = SoftwareSigner.generate().key.jwk
    again = Jwk(crv=first.crv, kty=first.kty, x=first.x)
    assert load_jwk(first) is load_jwk(again)
