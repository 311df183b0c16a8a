"""The event token: a JWS (RFC 7515) whose header and payload are canonical JSON.

::

    base64url(header) "." base64url(payload) "." base64url(signature)        ASCII, at most 32 KiB

The exact bytes are what is hashed, signed, stored and verified. The event id is the RFC 6962 leaf
hash of those bytes.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any, Literal, TypeVar

import msgspec

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.constraints import refuse_field
from traceledger.events.encoding import (
    decode_base64url,
    encode_base64url,
    format_canonical,
    parse_canonical,
)
from traceledger.events.fast_read import read_quickly
from traceledger.events.fields import EventId, Struct
from traceledger.events.keys import PublicKey, Signer
from traceledger.events.kind import Digests, Kind
from traceledger.events.payload import PAYLOAD_KINDS, Payload, Ref, UnknownPayload, any_of
from traceledger.identifiers.excerpt import printable
from traceledger.identifiers.items import parse_item

__all__ = [
    "MAX_TOKEN",
    "TYPE",
    "Event",
    "check_signature",
    "parse_token",
    "read_kid",
    "sign_token",
]

MAX_TOKEN = 32 * 1024
TYPE = "tl-event+jwt"
Fields = TypeVar("Fields")


class Event(msgspec.Struct, frozen=True, gc=False):
    """A parsed token. Its signature and everything outside the token are not checked yet.

    `leaf` is the 32-byte leaf hash, `id` the same as base64url. `kind` is None for a kind that this
    version does not know; then `data` is a plain dict. `claims` is the payload's canonical JSON.
    """

    token: bytes
    leaf: bytes
    id: str
    kid: str
    algorithm: str
    kind_name: str
    kind: Kind | None
    payload: Payload
    claims: bytes
    signature: bytes

    @property
    def data(self) -> Any:
        """The fields in the token, as the Struct of the kind."""
        return self.payload.data

    def fields(self) -> dict[str, Any]:
        """Returns the fields in the token as plain JSON values, with the digests as `_sd`."""
        fields: dict[str, Any] = msgspec.to_builtins(self.data)
        return fields

    def read(self, reader: msgspec.json.Decoder[Fields]) -> Fields:
        """Returns those fields in the token that the type of a reader has, as plain JSON values."""
        return msgspec.convert(self.fields(), reader.type)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Links to other chains."""
        return self.payload.refs or ()

    @property
    def digests(self) -> dict[str, str]:
        """The digests of restricted fields by name, in ascending order of names."""
        digests = (
            self.data.get("_sd") if isinstance(self.data, dict) else getattr(self.data, "sd", None)
        )
        return digests or {}

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers (RFC 7515 section 5.1)."""
        return self.token[: self.token.rindex(b".")]


def parse_token(token: bytes, *, leaf: bytes | None = None) -> Event:
    """Parses a token and checks its form, not its signature.

    `leaf` is the token's leaf hash if the caller has computed it. Raises MalformedError with a code
    `token.*` for the envelope or `event.field` for a field, naming the field, its value and what is
    allowed.
    """
    if len(token) > MAX_TOKEN:
        raise MalformedError("token.size", f"{len(token)} bytes given, {MAX_TOKEN} allowed")
    parts = token.split(b".")
    if len(parts) != 3:
        raise MalformedError("token.form", f"a token has 3 parts, {len(parts)} given")
    try:
        algorithm, kid = _parse_header(parts[0])
        claims = decode_base64url(parts[1])
        signature = decode_base64url(parts[2])
    except MalformedError as error:
        raise MalformedError("token.form", error.message) from error
    if len(signature) != 64:
        raise MalformedError("token.form", f"a signature has 64 bytes, {len(signature)} given")
    quick = read_quickly(claims)
    if quick is None:
        kind_name, kind, body = _parse_payload(claims)
    else:
        kind_name, kind, body = quick.kind.name, quick.kind, quick.body
    parse_item(body.sub)
    for ref in body.refs or ():
        parse_item(ref.item)
    if leaf is None:
        leaf = hashlib.sha256(b"\x00" + token).digest()
    name = encode_base64url(leaf)
    event = Event(token, leaf, name, kid, algorithm, kind_name, kind, body, claims, signature)
    if quick is None and kind is not None:
        _check_digests(kind, event.digests)
    return event


def read_kid(token: bytes) -> str | None:
    """Reads the kid in a token's header, or None if the header is malformed; checks nothing else.

    What follows the token, such as disclosures, does not matter.
    """
    try:
        return _parse_header(token[: token.find(b".")])[1]
    except MalformedError:
        return None


def check_signature(event: Event, key: PublicKey) -> None:
    """Checks that exactly this key signed the event; raises VerificationError `signature.false`.

    The key, not the header, determines the allowed algorithms (RFC 8725 section 3.1).
    """
    if event.kid != key.kid:
        raise VerificationError("signature.false", f"signed by {event.kid}, this is key {key.kid}")
    if event.algorithm not in key.algorithms:
        raise VerificationError(
            "signature.false",
            f"{event.algorithm} given; allowed for key {key.kid}: {', '.join(key.algorithms)}",
        )
    key.verify(event.signed, event.signature)


def sign_token(claims: dict[str, Any], signer: Signer) -> bytes:
    """Signs claims as a token with the signer's key; raises MalformedError if they do not fit."""
    header = {"alg": signer.key.algorithms[0], "kid": signer.key.kid, "typ": TYPE}
    signed = b".".join(
        encode_base64url(format_canonical(part)).encode() for part in (header, claims)
    )
    token = signed + b"." + encode_base64url(signer.sign(signed)).encode()
    parse_token(token)
    return token


class _Header(Struct, frozen=True, kw_only=True):
    alg: Literal["Ed25519", "EdDSA", "ES256"]
    kid: EventId
    typ: Literal["tl-event+jwt"]


_HEADER = f'alg "Ed25519", "EdDSA" or "ES256", kid of 43 characters, typ "{TYPE}"'


@functools.lru_cache(maxsize=4096)
def _parse_header(segment: bytes) -> tuple[str, str]:
    # A plant has few keys: their headers repeat byte for byte.
    data = decode_base64url(segment)
    try:
        header = msgspec.json.decode(data, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(
            "token.form", f"header: {printable(str(error), 120)}; allowed: {_HEADER}"
        ) from error
    if msgspec.json.encode(header, order="sorted") != data:
        raise MalformedError("token.form", "header: not in canonical form")
    return header.alg, header.kid


_BY_NAME = {kind.name: payload for payload, kind in PAYLOAD_KINDS.items()}
_known: msgspec.json.Decoder[Any] = msgspec.json.Decoder(any_of(PAYLOAD_KINDS))
_unknown = msgspec.json.Decoder(UnknownPayload)
_encode = msgspec.json.Encoder(order="sorted").encode


def _parse_payload(data: bytes) -> tuple[str, Kind | None, Payload]:
    try:
        body: Payload = _known.decode(data)
    except (msgspec.ValidationError, RecursionError) as error:
        return _parse_unknown(data, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError("encoding.json", f"payload: {error}") from error
    kind = PAYLOAD_KINDS[type(body)]
    # Declared types enforce the rest of the profile.
    if kind.open or b"\\u0000" in data:
        parse_canonical(data, limit=MAX_TOKEN)
    if _encode(body) != data:
        raise MalformedError("encoding.canonical", "payload: not in canonical form")
    return kind.name, kind, body


def _parse_unknown(data: bytes, reason: str) -> tuple[str, None, Payload]:
    """Parses an event of a kind that this version does not know, or reports what is wrong."""
    claims = parse_canonical(data, limit=MAX_TOKEN)
    name = claims.get("kind") if isinstance(claims, dict) else None
    if isinstance(name, str) and name in CATALOGUE:
        raise refuse_field(_BY_NAME[name], claims, reason)
    try:
        body = _unknown.decode(data)
    except msgspec.ValidationError as error:
        raise refuse_field(UnknownPayload, claims, str(error)) from error
    if "_sd" in body.data:
        try:
            msgspec.convert(body.data["_sd"], Digests)
        except msgspec.ValidationError as error:
            digests = body.data["_sd"]
            raise refuse_field(Digests, digests, str(error), where="data._sd") from error
    return body.kind, None, body


def _check_digests(kind: Kind, digests: dict[str, str]) -> None:
    if kind.required_restricted <= digests.keys() <= kind.restricted:
        return
    missing = sorted(kind.required_restricted - digests.keys())
    if missing:
        what = f"no digest of {', '.join(missing)}"
    else:
        what = f"{', '.join(sorted(digests.keys() - kind.restricted))} given"
    allowed = ", ".join(sorted(kind.restricted)) or "none"
    raise MalformedError(
        "event.field", f"{what}; restricted fields of {kind.name}: {allowed}", where="data._sd"
    )
