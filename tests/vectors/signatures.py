"""Signatures that implementations judge differently, and what docs/spec/events.md says of each.

`python -m tests.vectors.generate` writes them to tests/vectors/signatures.json: a list of `name`,
`jwk`, `message` and `signature` in hexadecimal, and `code`, which is empty if the signature is
valid and otherwise the code under which it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256, sha512
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.edwards import (
    NEUTRAL,
    ORDER,
    TORSION,
    P,
    Secret,
    TwistedSigner,
    add,
    decode,
    encode,
    negate,
)
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk

__all__ = ["SIGNATURES", "SignatureCase", "format_signatures", "signatures"]

SIGNATURES = Path(__file__).parent / "signatures.json"
MESSAGE = b"traceledger/key/v1\nledger.example/cq-1\nkey/x\n"
SEED = bytes(range(32))
FALSE, WEAK, FORM = "signature.false", "key.weak", "key.form"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class SignatureCase(NamedTuple):
    """A signature of a message by a key, and the code under which it is refused."""

    name: str
    jwk: Jwk
    signature: bytes
    code: str
    message: bytes = MESSAGE


def signatures() -> Iterator[SignatureCase]:
    """Every case, each name once."""
    yield from _lengths_and_scalars()
    yield from _points_of_small_order_in_r()
    yield from _keys()
    yield from _p256()


def _okp(raw: bytes) -> Jwk:
    return Jwk(crv="Ed25519", kty="OKP", x=encode_base64url(raw))


def _lengths_and_scalars() -> Iterator[SignatureCase]:
    signer = TwistedSigner(SEED)
    jwk, good = signer.key.jwk, signer.sign(MESSAGE)
    yield SignatureCase("ed25519-valid", jwk, good, "")
    yield SignatureCase("ed25519-valid-empty-message", jwk, signer.sign(b""), "", b"")
    yield SignatureCase("ed25519-other-message", jwk, good, FALSE, MESSAGE + b"\n")
    for size in (0, 1, 32, 63):
        yield SignatureCase(f"ed25519-{size}-bytes", jwk, good[:size], FALSE)
    yield SignatureCase("ed25519-65-bytes", jwk, good + b"\x00", FALSE)
    yield SignatureCase("ed25519-128-bytes", jwk, good * 2, FALSE)
    scalar = int.from_bytes(good[32:], "little")
    for multiple in range(1, 16):
        larger = TwistedSigner(SEED, in_s=multiple * ORDER).sign(MESSAGE)
        yield SignatureCase(f"ed25519-s-plus-{multiple}-l", jwk, larger, FALSE)
    for name, value in {
        "0": 0,
        "l-minus-s": ORDER - scalar,
        "l-minus-1": ORDER - 1,
        "l": ORDER,
        "largest": 2**256 - 1,
    }.items():
        forged = good[:32] + value.to_bytes(32, "little")
        yield SignatureCase(f"ed25519-s-{name}", jwk, forged, FALSE)
    yield SignatureCase(
        "ed25519-sign-of-r", jwk, good[:31] + bytes([good[31] ^ 128]) + good[32:], FALSE
    )
    yield SignatureCase("ed25519-zeros", jwk, bytes(64), FALSE)


def _points_of_small_order_in_r() -> Iterator[SignatureCase]:
    honest = TwistedSigner(SEED)
    jwk, secret = honest.key.jwk, Secret.of(SEED)
    for number, torsion in enumerate(TORSION[1:], 1):
        mixed = TwistedSigner(SEED, in_r=torsion).sign(MESSAGE)
        yield SignatureCase(f"ed25519-r-mixed-{number}", jwk, mixed, FALSE)
    # S = k * a satisfies the equation with R the neutral element, and 8 times it with the others.
    for name, encoding in _small_encodings().items():
        hashed = sha512(encoding + honest.raw + MESSAGE).digest()
        scalar = int.from_bytes(hashed, "little") * secret.scalar % ORDER
        forged = encoding + scalar.to_bytes(32, "little")
        yield SignatureCase(f"ed25519-r-{name}", jwk, forged, FALSE)
    # R is a valid point of an honest signer, encoded with y + p: no such y is below 19 but these.
    for y in range(2, 19):
        for sign in (0, 1):
            encoding = (y + P | sign << 255).to_bytes(32, "little")
            forged = encoding + (1).to_bytes(32, "little")
            yield SignatureCase(f"ed25519-r-y-{y}-plus-p-sign-{sign}", jwk, forged, FALSE)


def _small_encodings() -> dict[str, bytes]:
    """All encodings of points of small order, canonical or not."""
    named = {f"small-{number}": encode(point) for number, point in enumerate(TORSION)}
    for point in TORSION:
        for extra in (0, P):
            for sign in (0, 1):
                if (y := point.y + extra) < 2**255:
                    encoding = (y | sign << 255).to_bytes(32, "little")
                    if encoding not in named.values():
                        named[f"small-y-{point.y % 1000}-plus-{extra % 2}-p-sign-{sign}"] = encoding
    return named


def _keys() -> Iterator[SignatureCase]:
    for number, torsion in enumerate(TORSION[1:], 1):
        # [k]T added to R makes the equation hold without the cofactor.
        for balance in range(8):
            signer = TwistedSigner(SEED, torsion, TORSION[balance], balanced=True)
            if balance and (balance * 1) % _gcd(number, 8):
                continue  # no challenge leads to this point
            yield SignatureCase(
                f"ed25519-key-mixed-{number}-balanced-{balance}",
                signer.key.jwk,
                signer.sign(MESSAGE),
                WEAK,
            )
        unbalanced = TwistedSigner(SEED, torsion)
        yield SignatureCase(
            f"ed25519-key-mixed-{number}", unbalanced.key.jwk, unbalanced.sign(MESSAGE), WEAK
        )
    constant = encode(NEUTRAL) + bytes(32)
    for name, encoding in _small_encodings().items():
        yield SignatureCase(f"ed25519-key-{name}", _okp(encoding), constant, WEAK)
    for y in range(19):
        encoding = (y + P).to_bytes(32, "little")
        yield SignatureCase(f"ed25519-key-y-{y}-plus-p", _okp(encoding), constant, WEAK)
    found = 0
    for y in range(2, 40):
        encoding = y.to_bytes(32, "little")
        if decode(encoding) is None and found < 4:
            found += 1
            yield SignatureCase(f"ed25519-key-y-{y}-off-curve", _okp(encoding), constant, FORM)
    honest = Secret.of(SEED).point
    other = add(negate(honest), TORSION[4])
    yield SignatureCase("ed25519-key-negated-mixed", _okp(encode(other)), constant, WEAK)


def _gcd(one: int, other: int) -> int:
    return one if not other else _gcd(other, one % other)


def _p256() -> Iterator[SignatureCase]:
    private = ec.derive_private_key(7, ec.SECP256R1())
    point = private.public_key().public_numbers()
    x, y = (encode_base64url(number.to_bytes(32)) for number in (point.x, point.y))
    jwk = Jwk(crv="P-256", kty="EC", x=x, y=y)
    r, s = _sign_p256(7, MESSAGE)
    private.public_key().verify(encode_dss_signature(r, s), MESSAGE, ec.ECDSA(SHA256()))
    good = r.to_bytes(32) + s.to_bytes(32)
    yield SignatureCase("es256-valid", jwk, good, "")
    yield SignatureCase(
        "es256-valid-other-s", jwk, r.to_bytes(32) + (P256_ORDER - s).to_bytes(32), ""
    )
    yield SignatureCase("es256-other-message", jwk, good, FALSE, MESSAGE + b"\n")
    for size in (*range(0, 64, 2), 63):
        yield SignatureCase(f"es256-{size}-bytes", jwk, good[:size], FALSE)
    yield SignatureCase("es256-65-bytes", jwk, good + b"\x00", FALSE)
    yield SignatureCase("es256-66-bytes", jwk, b"\x00" + good[:32] + b"\x00" + good[32:], FALSE)
    yield SignatureCase("es256-der", jwk, encode_dss_signature(r, s), FALSE)
    for name, (one, other) in {
        "r-0": (0, s),
        "s-0": (r, 0),
        "both-0": (0, 0),
        "r-n": (P256_ORDER, s),
        "s-n": (r, P256_ORDER),
        "s-largest": (r, 2**256 - 1),
        "r-largest": (2**256 - 1, s),
        "swapped": (s, r),
    }.items():
        yield SignatureCase(f"es256-{name}", jwk, one.to_bytes(32) + other.to_bytes(32), FALSE)
    yield from _short_p256(private)


def _short_p256(private: ec.EllipticCurvePrivateKey) -> Iterator[SignatureCase]:
    """Valid r and s that fit in fewer bytes: s is 1, because the key was made for it."""
    del private
    nonce = 1
    generator = ec.derive_private_key(nonce, ec.SECP256R1()).public_key().public_numbers()
    r = generator.x % P256_ORDER
    hashed = int.from_bytes(sha256(MESSAGE).digest())
    secret = (1 * nonce - hashed) * pow(r, -1, P256_ORDER) % P256_ORDER
    point = ec.derive_private_key(secret, ec.SECP256R1()).public_key().public_numbers()
    x, y = (encode_base64url(number.to_bytes(32)) for number in (point.x, point.y))
    jwk = Jwk(crv="P-256", kty="EC", x=x, y=y)
    whole = r.to_bytes(32) + (1).to_bytes(32)
    yield SignatureCase("es256-valid-s-1", jwk, whole, "")
    yield SignatureCase("es256-s-1-in-1-byte", jwk, whole[:32] + b"\x01", FALSE)
    yield SignatureCase("es256-s-1-in-33-bytes", jwk, whole[:32] + bytes(32) + b"\x01", FALSE)


def _sign_p256(secret: int, message: bytes) -> tuple[int, int]:
    """Signs with a nonce that depends on the message only, so that every run makes one file."""
    nonce = int.from_bytes(sha256(b"nonce" + message).digest()) % P256_ORDER
    r = ec.derive_private_key(nonce, ec.SECP256R1()).public_key().public_numbers().x % P256_ORDER
    hashed = int.from_bytes(sha256(message).digest())
    return r, (hashed + r * secret) * pow(nonce, -1, P256_ORDER) % P256_ORDER


def format_signatures() -> str:
    """The file of all cases, one a line."""
    rows = [
        {
            "name": case.name,
            "jwk": {
                name: value
                for name in ("crv", "kty", "x", "y")
                if isinstance(value := getattr(case.jwk, name), str)
            },
            "message": case.message.hex(),
            "signature": case.signature.hex(),
            "code": case.code,
        }
        for case in signatures()
    ]
    lines = ",\n".join(json.dumps(row) for row in rows)
    return f"[\n{lines}\n]\n"
