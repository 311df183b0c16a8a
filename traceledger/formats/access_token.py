"""Access tokens: what a caller signs to read restricted data, a JWS valid for minutes.

::

    base64url(header) "." base64url(payload) "." base64url(signature)        ASCII, at most 2 KiB

    header   {"alg":"Ed25519","kid":"…","typ":"tl-access+jwt"}
    payload  {"aud":"ledger.example/cq-1#api","auth":"<event id>","exp":…,"iat":…,
              "iss":"party/plant","jti":"<random>"}

Both are canonical JSON, as in events. The type differs from that of events, and each verifier
accepts exactly one, so neither can be mistaken for the other. Source: docs/spec/access.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.events.fields import Count, EventId, Struct
from traceledger.events.keys import PublicKey, Signer
from traceledger.formats.document import format_document, parse_document

__all__ = [
    "LEEWAY",
    "LIFETIME",
    "MAX_ACCESS",
    "AccessToken",
    "check_access",
    "parse_access",
    "sign_access",
]

LIFETIME = 300
"""The maximum lifetime of a token, in seconds."""
LEEWAY = 60
"""Seconds that the caller's clock may be ahead."""
MAX_ACCESS = 2048

_CODE = "access.form"
_AUDIENCE = "#api"


class _Header(Struct, frozen=True, kw_only=True):
    alg: Literal["Ed25519", "EdDSA", "ES256"]
    kid: EventId
    typ: Literal["tl-access+jwt"]


class _Payload(Struct, frozen=True, kw_only=True):
    aud: Annotated[str, Meta(max_length=260)]
    auth: EventId
    exp: Count
    iat: Count
    iss: Annotated[str, Meta(pattern=r"^(ledger|party/[A-Za-z0-9-]{1,40})(?!\n)$")]
    jti: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,64}(?!\n)$")]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A parsed token; its signature and its times are not checked yet.

    `issuer` is `ledger` or a party, `authority` the event that authorised the key, `issued`
    and `expires` are in seconds since 1970.
    """

    origin: str
    issuer: str
    authority: str
    kid: str
    algorithm: str
    issued: int
    expires: int
    nonce: str
    signed: bytes
    signature: bytes


_headers = msgspec.json.Decoder(_Header)
_payloads = msgspec.json.Decoder(_Payload)


def sign_access(
    signer: Signer, *, origin: str, issuer: str, authority: str, now: int, nonce: bytes
) -> bytes:
    """Signs a token for the ledger `origin` that is valid from `now`, in seconds since 1970.

    `nonce` is at least 12 random bytes. Inverse of `parse_access`.
    """
    header = _Header(alg=_algorithm(signer.key), kid=signer.key.kid, typ="tl-access+jwt")
    payload = _Payload(
        aud=origin + _AUDIENCE,
        auth=authority,
        exp=now + LIFETIME,
        iat=now,
        iss=issuer,
        jti=encode_base64url(nonce),
    )
    signed = b".".join(
        encode_base64url(format_document(part)).encode() for part in (header, payload)
    )
    token = signed + b"." + encode_base64url(signer.sign(signed)).encode()
    parse_access(token)
    return token


def parse_access(token: bytes) -> AccessToken:
    """Parses a token without checking signature or times; raises MalformedError `access.form`."""
    parts = token.split(b".") if len(token) <= MAX_ACCESS else []
    if len(parts) != 3:
        raise MalformedError(_CODE, f"a token has 3 parts and at most {MAX_ACCESS} bytes")
    try:
        header_data, payload_data, signature = map(decode_base64url, parts)
    except MalformedError as error:
        raise MalformedError(_CODE, error.message) from error
    header = parse_document(header_data, _headers, _CODE, limit=MAX_ACCESS)
    payload = parse_document(payload_data, _payloads, _CODE, limit=MAX_ACCESS)
    if len(signature) != 64 or not payload.aud.endswith(_AUDIENCE):
        raise MalformedError(_CODE, f"aud must end in {_AUDIENCE}, a signature has 64 bytes")
    if not 1 <= payload.exp - payload.iat <= LIFETIME:
        raise MalformedError(_CODE, f"a token is valid for 1 to {LIFETIME} seconds")
    return AccessToken(
        origin=payload.aud.removesuffix(_AUDIENCE),
        issuer=payload.iss,
        authority=payload.auth,
        kid=header.kid,
        algorithm=header.alg,
        issued=payload.iat,
        expires=payload.exp,
        nonce=payload.jti,
        signed=token[: token.rindex(b".")],
        signature=signature,
    )


def check_access(token: AccessToken, key: PublicKey, *, origin: str, now: float) -> None:
    """Checks that this key signed the token for this ledger, and that it is valid at `now`.

    Raises VerificationError `access.refused` or `signature.false`.
    """
    if token.origin != origin:
        raise VerificationError("access.refused", f"issued for {token.origin}, this is {origin}")
    if not token.issued - LEEWAY <= now < token.expires:
        raise VerificationError(
            "access.refused", f"valid from {token.issued} to {token.expires}, now is {int(now)}"
        )
    if token.kid != key.kid or token.algorithm not in key.algorithms:
        raise VerificationError("signature.false", f"the token was not signed with key {key.kid}")
    key.verify(token.signed, token.signature)


def _algorithm(key: PublicKey) -> Literal["Ed25519", "ES256"]:
    return "Ed25519" if "Ed25519" in key.algorithms else "ES256"
