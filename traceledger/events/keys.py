"""Keys and signers: Ed25519 in general, ECDSA P-256 for hardware without Ed25519.

A key's name is its kid, the RFC 7638 thumbprint of its JWK. What libraries judge differently is
decided here before a library is asked: which points are keys, and which signatures can be valid
(docs/spec/events.md, "Signatures").
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.events.ed25519_engine import Ed25519Engine, SignatureCheck, choose_engine
from traceledger.events.edwards25519 import ORDER, check_public_point, refuses_encoding
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.events.fields import EventId
from traceledger.identifiers.excerpt import printable

__all__ = [
    "Jwk",
    "PublicKey",
    "Signer",
    "SoftwareSigner",
    "load_ed25519",
    "load_jwk",
]

_SIGNATURE_SIZE = 64
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Jwk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A public key as JSON: exactly `crv kty x` (Ed25519) or `crv kty x y` (P-256), RFC 7517."""

    crv: Literal["Ed25519", "P-256"]
    kty: Literal["OKP", "EC"]
    x: EventId  # 32 bytes, like an event id
    y: EventId | msgspec.UnsetType = msgspec.UNSET

    @property
    def kid(self) -> str:
        """The key's name: its thumbprint (RFC 7638), 43 characters of base64url."""
        digest = hashlib.sha256(msgspec.json.encode(self, order="sorted")).digest()
        return encode_base64url(digest)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A validated public key, with the signature algorithms that it may be used for."""

    kid: str
    jwk: Jwk
    algorithms: tuple[str, ...]
    _check: SignatureCheck = field(compare=False, repr=False)

    @property
    def raw(self) -> bytes:
        """The 32 bytes of an Ed25519 key (RFC 8032)."""
        if self.jwk.crv != "Ed25519":
            raise UsageError("key.type", f"{self.kid} is not an Ed25519 key")
        return decode_base64url(self.jwk.x.encode())

    def verify(self, message: bytes, signature: bytes) -> None:
        """Checks a 64-byte signature; raises VerificationError `signature.false`."""
        try:
            self._check(signature, message)
        except InvalidSignature as error:
            raise VerificationError(
                "signature.false", f"the signature was not made by key {self.kid}"
            ) from error


class Signer(Protocol):
    """Anything that can sign: a file, a smart card, a key service."""

    @property
    def key(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Signs the message: 64 bytes, Ed25519 (RFC 8032) or r||s (RFC 7518 section 3.4)."""


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """A private key in memory, stored at rest as encrypted PKCS#8 PEM."""

    key: PublicKey
    _private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> SoftwareSigner:
        """Generates an Ed25519 key from the system's random source."""
        return cls.from_seed(secrets.token_bytes(32))

    @classmethod
    def from_seed(cls, seed: bytes) -> SoftwareSigner:
        """Derives the Ed25519 key of a 32-byte seed (RFC 8032 section 5.1.5)."""
        return cls.from_private(ed25519.Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_private(
        cls, private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    ) -> SoftwareSigner:
        """Wraps a private key of the `cryptography` library."""
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return cls(load_ed25519(private.public_key().public_bytes_raw()), private)
        point = private.public_key().public_numbers()
        x, y = (encode_base64url(number.to_bytes(32)) for number in (point.x, point.y))
        return cls(load_jwk(Jwk(crv="P-256", kty="EC", x=x, y=y)), private)

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes) -> SoftwareSigner:
        """Opens an encrypted PKCS#8 file; raises UsageError `key.passphrase` or `key.type`."""
        try:
            private = load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise UsageError("key.passphrase", "the key file cannot be opened") from error
        if isinstance(private, ec.EllipticCurvePrivateKey):
            if private.curve.name != "secp256r1":
                raise UsageError("key.type", f"curve {private.curve.name} is not supported")
            return cls.from_private(private)
        if not isinstance(private, ed25519.Ed25519PrivateKey):
            raise UsageError("key.type", "the file contains neither an Ed25519 nor a P-256 key")
        return cls.from_private(private)

    def to_pem(self, passphrase: bytes) -> bytes:
        """Encrypts the key for a file; inverse of `from_pem`."""
        return self._private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
        )

    def sign(self, message: bytes) -> bytes:
        """Signs the message: 64 bytes."""
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return self._private.sign(message)
        r, s = decode_dss_signature(self._private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def load_ed25519(raw: bytes, engine: Ed25519Engine | None = None) -> PublicKey:
    """Validates the 32 bytes of an Ed25519 key; raises MalformedError `key.form` or `key.weak`.

    Its signatures are checked with this engine, by default with the one of this process.
    """
    if len(raw) != 32:
        raise MalformedError("key.form", f"an Ed25519 key has 32 bytes, {len(raw)} given")
    check_public_point(raw)
    jwk = Jwk(crv="Ed25519", kty="OKP", x=encode_base64url(raw))
    return PublicKey(jwk.kid, jwk, ("Ed25519", "EdDSA"), _strict_ed25519(raw, engine))


def load_jwk(value: Jwk | dict[str, Any]) -> PublicKey:
    """Validates a JWK; raises MalformedError `key.form` or `key.weak`."""
    try:
        return _load_jwk(value if isinstance(value, Jwk) else msgspec.convert(value, Jwk))
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise _no_key(error) from error


@functools.lru_cache(maxsize=4096)
def _load_jwk(jwk: Jwk) -> PublicKey:
    """Checks a key once: a ledger has few keys for many events."""
    try:
        x = decode_base64url(jwk.x.encode())
        y = decode_base64url(jwk.y.encode()) if jwk.y else None
    except (MalformedError, UnicodeEncodeError) as error:
        raise _no_key(error) from error
    if (jwk.crv, jwk.kty, y) == ("Ed25519", "OKP", None):
        return load_ed25519(x)
    if y is None or (jwk.crv, jwk.kty, len(x), len(y)) != ("P-256", "EC", 32, 32):
        raise MalformedError(
            "key.form",
            f"{jwk.kty}, {jwk.crv} given; allowed: OKP, Ed25519 with x, and EC, P-256 with x and y",
        )
    try:
        point = ec.EllipticCurvePublicNumbers(
            int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()
        ).public_key()
    except ValueError as error:
        raise MalformedError("key.form", "the point is not on the curve P-256") from error
    return PublicKey(jwk.kid, jwk, ("ES256",), functools.partial(_check_p256, point))


def _no_key(error: Exception) -> MalformedError:
    return MalformedError("key.form", f"not a public key: {printable(str(error), 120)}")


def _strict_ed25519(key: bytes, engine: Ed25519Engine | None) -> SignatureCheck:
    holds = (engine or choose_engine()).load(key)

    def check(signature: bytes, message: bytes) -> None:
        point, scalar = _halve(signature)
        if int.from_bytes(scalar, "little") >= ORDER or refuses_encoding(point):
            raise InvalidSignature
        holds(signature, message)

    return check


def _check_p256(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> None:
    r, s = (int.from_bytes(half) for half in _halve(signature))
    if not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):
        raise InvalidSignature
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


def _halve(signature: bytes) -> tuple[bytes, bytes]:
    if len(signature) != _SIGNATURE_SIZE:
        raise InvalidSignature
    return signature[:32], signature[32:]
