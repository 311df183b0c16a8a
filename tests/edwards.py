"""Points of edwards25519 in affine coordinates, and signatures that an honest signer never makes.

Written from RFC 8032 section 5.1 and slow on purpose: it shares no formula with the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha512
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ed25519

from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, PublicKey

__all__ = [
    "NEUTRAL",
    "ORDER",
    "TORSION",
    "P",
    "Point",
    "Secret",
    "TwistedSigner",
    "add",
    "decode",
    "encode",
    "negate",
    "times",
    "unchecked_key",
]

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P


class Point(NamedTuple):
    """A point in affine coordinates."""

    x: int
    y: int


NEUTRAL = Point(0, 1)


def add(one: Point, other: Point) -> Point:
    product = _D * one.x * other.x * one.y * other.y
    x = (one.x * other.y + other.x * one.y) * pow(1 + product, -1, P)
    y = (one.y * other.y + one.x * other.x) * pow(1 - product, -1, P)
    return Point(x % P, y % P)


def negate(point: Point) -> Point:
    return Point(-point.x % P, point.y)


def times(factor: int, point: Point) -> Point:
    total = NEUTRAL
    for bit in f"{factor:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def square_root(number: int) -> int | None:
    root = pow(number, (P + 3) // 8, P)
    for candidate in (root, root * pow(2, (P - 1) // 4, P) % P):
        if candidate * candidate % P == number % P:
            return candidate
    return None


def decode(encoding: bytes) -> Point | None:
    sign, y = divmod(int.from_bytes(encoding, "little"), 1 << 255)
    x = square_root((y * y - 1) * pow(_D * y * y + 1, -1, P))
    if x is None:
        return None
    return Point(x if x % 2 == sign else -x % P, y)


def encode(point: Point) -> bytes:
    return (point.y | (point.x & 1) << 255).to_bytes(32, "little")


def _generate_torsion() -> tuple[Point, ...]:
    """The eight points of small order: L times some point generates them."""
    y = 2
    while True:
        point = decode(y.to_bytes(32, "little"))
        if point is not None:
            generator = times(ORDER, point)
            if times(4, generator) != NEUTRAL:
                return tuple(times(factor, generator) for factor in range(8))
        y += 1


TORSION = _generate_torsion()


class Secret(NamedTuple):
    """The secret scalar of a seed, and its point."""

    scalar: int
    point: Point

    @classmethod
    def of(cls, seed: bytes) -> Secret:
        digest = bytearray(sha512(seed).digest()[:32])
        digest[0] &= 248
        digest[31] = digest[31] & 127 | 64
        public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
        point = decode(public.public_bytes_raw())
        assert point is not None
        return cls(int.from_bytes(digest, "little"), point)


def unchecked_key(raw: bytes) -> PublicKey:
    """A public key that `load_ed25519` may refuse."""
    jwk = Jwk(crv="Ed25519", kty="OKP", x=encode_base64url(raw))
    check = ed25519.Ed25519PublicKey.from_public_bytes(raw).verify
    return PublicKey(jwk.kid, jwk, ("Ed25519", "EdDSA"), check)


@dataclass(frozen=True, slots=True)
class TwistedSigner:
    """The owner of a key, who adds points of small order to the key or to R, or L to S.

    With `balanced`, R is chosen so that the cofactorless equation holds in spite of the key.
    """

    seed: bytes
    in_key: Point = NEUTRAL
    in_r: Point = NEUTRAL
    in_s: int = 0
    balanced: bool = False

    @property
    def raw(self) -> bytes:
        return encode(add(Secret.of(self.seed).point, self.in_key))

    @property
    def key(self) -> PublicKey:
        return unchecked_key(self.raw)

    def sign(self, message: bytes) -> bytes:
        secret, counter = Secret.of(self.seed), 0
        while True:
            nonce = Secret.of(sha512(self.seed + message + bytes([counter])).digest()[:32])
            encoding = encode(add(nonce.point, self.in_r))
            hashed = sha512(encoding + self.raw + message).digest()
            challenge = int.from_bytes(hashed, "little") % ORDER
            if not self.balanced or times(challenge % 8, self.in_key) == negate(self.in_r):
                scalar = (nonce.scalar + challenge * secret.scalar) % ORDER + self.in_s
                return encoding + scalar.to_bytes(32, "little")
            counter += 1
