"""Proof of possession: whoever registers a key shows that it holds the private half.

The new key signs, each with a line end: `traceledger/key/v1`, the ledger's origin, the item under
which the key is registered, and its kid. Source: docs/spec/events.md, "Registration".
"""

from __future__ import annotations

from traceledger.errors import VerificationError
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.events.keys import Jwk, Signer, load_jwk

__all__ = ["check_possession", "prove_possession"]


def prove_possession(origin: str, item: str, signer: Signer) -> str:
    """Signs the proof for a registration under `item`, in base64url."""
    return encode_base64url(signer.sign(_message(origin, item, signer.key.kid)))


def check_possession(proof: str, origin: str, item: str, jwk: Jwk) -> None:
    """Checks that the new key signed its own registration under `item`.

    Raises VerificationError `key.possession`, and MalformedError `key.weak` or `key.form` for a key
    of no use.
    """
    key = load_jwk(jwk)
    try:
        key.verify(_message(origin, item, jwk.kid), decode_base64url(proof.encode()))
    except VerificationError as error:
        raise VerificationError(
            "key.possession", f"the new key {jwk.kid} did not sign its own registration"
        ) from error


def _message(origin: str, item: str, kid: str) -> bytes:
    return f"traceledger/key/v1\n{origin}\n{item}\n{kid}\n".encode()
