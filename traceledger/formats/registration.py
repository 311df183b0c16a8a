"""Requests to register a key: the public key, and the proof that somebody holds its private half.

A party writes one where its keys are and sends it to whoever registers the key.
"""

from __future__ import annotations

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.keys import Jwk, Signer
from traceledger.formats.possession import prove_possession
from traceledger.identifiers.excerpt import printable

__all__ = ["Registration", "format_registration", "parse_registration", "sign_registration"]

_MOST = 1 << 16


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new key, the item that it is to be registered as, and the proof of possession."""

    item: str
    jwk: Jwk
    possession: str


_decoder = msgspec.json.Decoder(Registration)


def sign_registration(origin: str, item: str, signer: Signer) -> Registration:
    """Signs a request to register the signer's key as `item` in the ledger of that origin."""
    return Registration(item, signer.key.jwk, prove_possession(origin, item, signer))


def format_registration(registration: Registration) -> bytes:
    """Formats a request as indented JSON; inverse of `parse_registration`."""
    return msgspec.json.format(msgspec.json.encode(registration), indent=2) + b"\n"


def parse_registration(data: bytes) -> Registration:
    """Parses a request of at most 64 KiB; raises MalformedError `key.form`.

    Its proof is checked where the key is registered.
    """
    if len(data) > _MOST:
        raise MalformedError("key.form", f"{len(data):,} bytes given, {_MOST:,} allowed")
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(
            "key.form", f"not a request to register a key: {printable(str(error), 120)}"
        ) from error
