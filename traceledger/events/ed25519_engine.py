"""The library that computes Ed25519's equation [S]B = R + [k]A (RFC 8032 section 5.1.7).

libsodium, which is faster, if the extra `[fast]` is installed; otherwise OpenSSL. The environment
variable `TRACELEDGER_ED25519` requires one of them. Both compute it without the cofactor and
compare R byte by byte; the conditions that they judge differently are decided before
(`traceledger.events.keys`), so the choice changes no verdict. Signatures are never checked in
batches: a batch accepts by chance what a single check refuses.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import NamedTuple

import cryptography
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from traceledger.errors import UsageError

try:
    import nacl
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError
except ModuleNotFoundError:
    _SODIUM = None
else:
    _SODIUM = f"libsodium (PyNaCl {nacl.__version__})"

__all__ = ["Ed25519Engine", "SignatureCheck", "choose_engine", "installed_engines"]

SignatureCheck = Callable[[bytes, bytes], None]
"""Checks the signature, then the message; raises `cryptography.exceptions.InvalidSignature`."""

_VARIABLE = "TRACELEDGER_ED25519"


class Ed25519Engine(NamedTuple):
    """A library; `load` takes the 32 bytes of a key that was found valid."""

    description: str
    load: Callable[[bytes], SignatureCheck]


def installed_engines() -> dict[str, Ed25519Engine]:
    """The installed libraries by name, the fastest first."""
    engines = {}
    if _SODIUM:
        engines["libsodium"] = Ed25519Engine(_SODIUM, _load_for_sodium)
    openssl = f"{backend.openssl_version_text()} (cryptography {cryptography.__version__})"
    engines["openssl"] = Ed25519Engine(openssl, _load_for_openssl)
    return engines


@functools.cache
def choose_engine() -> Ed25519Engine:
    """The library that this process uses; raises UsageError `usage.engine`."""
    engines = installed_engines()
    name = os.environ.get(_VARIABLE) or next(iter(engines))
    if name not in engines:
        raise UsageError(
            "usage.engine",
            f"{_VARIABLE} is {name!r}; installed: {', '.join(engines)}",
        )
    return engines[name]


def _load_for_openssl(key: bytes) -> SignatureCheck:
    return Ed25519PublicKey.from_public_bytes(key).verify


def _load_for_sodium(key: bytes) -> SignatureCheck:
    def check(signature: bytes, message: bytes) -> None:
        try:
            crypto_sign_open(signature + message, key)
        except BadSignatureError as error:
            raise InvalidSignature from error

    return check
