"""Requests to register a key: the public key, and the proof that somebody holds its other half.

A party makes one where its keys are, and sends it to whoever registers the key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.encoding import printable
from traceledger.events.keys import Jwk, Signer
from traceledger.planning.signing import prove_possession
from traceledger_cli.options.files import read_input

__all__ = ["Registration", "read_registration", "sign_registration"]

_MOST = 1 << 16


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new key, what it is to be registered as, and the proof that somebody holds it."""

    item: str
    jwk: Jwk
    possession: str

    def to_json(self) -> dict[str, Any]:
        """The request as JSON values."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def sign_registration(origin: str, item: str, signer: Signer) -> Registration:
    """Makes a request to register the signer's key as `item` in the ledger of that origin."""
    return Registration(item, signer.key.jwk, prove_possession(origin, item, signer))


def read_registration(path: Path) -> Registration:
    """Reads a request; raises MalformedError `key.form`. Its proof is checked on append."""
    data = read_input(path)
    try:
        return msgspec.json.decode(data[:_MOST], type=Registration)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(
            "key.form", f"not a request to register a key: {printable(str(error), 120)}"
        ) from error
