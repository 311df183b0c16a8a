"""The baseline of signature checks: OpenSSL, whatever is installed."""

from __future__ import annotations

from traceledger.events.ed25519_engine import installed_engines
from traceledger.events.keys import PublicKey, load_ed25519

__all__ = ["with_openssl"]


def with_openssl(key: PublicKey) -> PublicKey:
    """Returns the same key, checked with OpenSSL."""
    return load_ed25519(key.raw, installed_engines()["openssl"])
