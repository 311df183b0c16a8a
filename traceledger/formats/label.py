"""The label statement: what a label proves by itself, without a network.

::

    https://id.example/01/09521234543213/21/7KQ2X4PM9ATRWC#v1.<payload>.<signature>

Payload and signature are in base64url. The payload is canonical JSON; the approver's key signs
`traceledger/label/v1`, a line break and the payload's bytes (docs/spec/label.md). By itself it
proves that this key signed it. Only the log can show whether the approval is still valid.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.events.fields import EventId, Struct
from traceledger.events.keys import Signer, load_jwk
from traceledger.formats.document import format_document, parse_document
from traceledger.formats.encoding import check_origin
from traceledger.formats.trust import LabelKey
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.items import parse_item

__all__ = ["LabelStatement", "OpenedLabel", "is_label_statement", "open_label", "sign_label"]

_CODE = "label.form"
_VERSION = "v1."
_CONTEXT = b"traceledger/label/v1\n"
_MAX_FRAGMENT = 1500
_MAX_PAYLOAD = 1000


class LabelStatement(NamedTuple):
    """States that a unit was approved: the ledger's origin, the unit, the `approve` event, the key.

    `kid` is the signing key, `month` that of the signature as `YYYY-MM`.
    """

    aud: str
    item: str
    event: str
    kid: str
    month: str


class OpenedLabel(NamedTuple):
    """A statement whose signature was checked, and the party that the key belongs to."""

    statement: LabelStatement
    party: str


class _Payload(Struct, frozen=True, kw_only=True):
    aud: str
    event: EventId
    item: str
    kid: EventId
    month: Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])(?!\n)$")]


_decoder = msgspec.json.Decoder(_Payload)


def is_label_statement(fragment: str) -> bool:
    """Reports whether the fragment of a link claims to be a statement of this version."""
    return fragment.startswith(_VERSION)


def sign_label(statement: LabelStatement, signer: Signer) -> str:
    """Signs a statement and returns the fragment of the link; inverse of `open_label`.

    Raises MalformedError `label.form` or `item.*` for values that no statement can have, and
    VerificationError `label.key` if the signer's key is not `kid`.
    """
    check_origin(statement.aud, _CODE)
    parse_item(statement.item)
    payload = format_document(_Payload(**statement._asdict()))
    signature = signer.sign(_CONTEXT + payload)
    fragment = f"{_VERSION}{encode_base64url(payload)}.{encode_base64url(signature)}"
    open_label(fragment, statement.item, statement.aud, [LabelKey(signer.key.jwk, "")])
    return fragment


def open_label(
    fragment: str, item: str, origin: str, keys: list[LabelKey] | tuple[LabelKey, ...]
) -> OpenedLabel:
    """Checks the statement in a link's fragment against the keys of a trust file.

    `item` is the one in the link's address, `origin` the trusted log. Raises MalformedError
    `label.form`, VerificationError `label.item`, `label.origin`, `label.key` or `signature.false`.
    """
    statement, payload, signature = _parse(fragment)
    _check_subject(statement, item, origin)
    for known in keys:
        key = load_jwk(known.jwk)
        if key.kid == statement.kid:
            key.verify(_CONTEXT + payload, signature)
            return OpenedLabel(statement, known.party)
    raise VerificationError("label.key", f"key {statement.kid} is not trusted for labels")


def read_statement(fragment: str, item: str, origin: str) -> LabelStatement:
    """Reads a statement about an item of a log without checking its signature.

    Raises MalformedError `label.form`, VerificationError `label.item` or `label.origin`.
    """
    statement, _, _ = _parse(fragment)
    _check_subject(statement, item, origin)
    return statement


def _check_subject(statement: LabelStatement, item: str, origin: str) -> None:
    if statement.item != item:
        raise VerificationError(
            "label.item", f"the statement is about {statement.item}, the address about {item}"
        )
    if statement.aud != origin:
        raise VerificationError(
            "label.origin",
            f"the statement is of {excerpt(statement.aud)}, the trusted log is {origin}",
        )


def _parse(fragment: str) -> tuple[LabelStatement, bytes, bytes]:
    parts = fragment.split(".")
    if len(fragment) > _MAX_FRAGMENT or not fragment.isascii() or len(parts) != 3:
        raise MalformedError(_CODE, f"{excerpt(fragment)} is not v1.<payload>.<signature>")
    if f"{parts[0]}." != _VERSION:
        raise MalformedError(_CODE, f"version {excerpt(parts[0])} given, v1 allowed")
    try:
        payload, signature = (decode_base64url(part.encode()) for part in parts[1:])
    except MalformedError as error:
        raise MalformedError(_CODE, error.message) from error
    if len(signature) != 64:
        raise MalformedError(_CODE, f"a signature has 64 bytes, {len(signature)} given")
    document = parse_document(payload, _decoder, _CODE, limit=_MAX_PAYLOAD)
    statement = LabelStatement(
        document.aud, document.item, document.event, document.kid, document.month
    )
    return statement, payload, signature
