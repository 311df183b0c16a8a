"""Drafts: what people and programs write before signing, and how a draft becomes an event.

::

    {"kind": "inspect", "item": "8004/9521234C000001", "occurred"?, "site"?, "refs"?, "data": {...}}

Restricted fields are in the clear; the signer moves them into disclosures and adds the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.acceptance import check_acceptance
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.constraints import refuse_field
from traceledger.events.disclosure import digest_disclosure, format_wire, make_disclosure
from traceledger.events.keys import Signer
from traceledger.events.kind import Kind
from traceledger.events.payload import Site
from traceledger.events.token import MAX_TOKEN, sign_token
from traceledger.identifiers.excerpt import printable, quote
from traceledger.identifiers.items import parse_item
from traceledger.identifiers.suggestion import suggest
from traceledger.identifiers.values import format_time

__all__ = ["Draft", "DraftRef", "Place", "check_draft", "parse_draft", "sign_draft"]


class DraftRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"as_": "as"}):
    """A link as people write it; the signer fills in `event` if it is omitted."""

    as_: str
    item: str
    event: str | msgspec.UnsetType = msgspec.UNSET


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event before it is signed, with restricted fields in the clear."""

    kind: str
    item: str
    data: dict[str, Any]
    occurred: str | msgspec.UnsetType = msgspec.UNSET
    site: str | msgspec.UnsetType = msgspec.UNSET
    refs: tuple[DraftRef, ...] = ()


class Place(NamedTuple):
    """What a signer must know of the ledger: the event's position and what authorises the key.

    `iss` is `party/<slug>` or `ledger`; `auth` is empty only for `found`; `iat` is in seconds.
    """

    aud: str
    iss: str
    auth: str
    seq: int
    prev: str
    iat: int


def parse_draft(data: bytes) -> Draft:
    """Parses one draft; raises MalformedError `draft.form` or `event.kind`."""
    if len(data) > MAX_TOKEN:
        raise MalformedError("draft.form", f"{len(data)} bytes given, {MAX_TOKEN} allowed")
    try:
        draft = msgspec.json.decode(data, type=Draft)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError("draft.form", f"not a draft: {printable(str(error), 120)}") from error
    _find_kind(draft)
    return draft


def check_draft(draft: Draft) -> None:
    """Checks kind, item id, fields, time and place; raises MalformedError that names the field.

    What depends on the time of signing is not checked.
    """
    kind = _find_kind(draft)
    parse_item(draft.item)
    values = _check_fields(draft, kind)
    occurred = format_time(0) if draft.occurred is msgspec.UNSET else draft.occurred
    check_acceptance(kind, values, iat=0, occurred=occurred, now=0)
    if draft.site is not msgspec.UNSET:
        try:
            msgspec.convert(draft.site, Site)
        except msgspec.ValidationError as error:
            raise refuse_field(Site, draft.site, str(error), where="site") from error


def sign_draft(
    draft: Draft, place: Place, signer: Signer, randbytes: Callable[[int], bytes]
) -> bytes:
    """Checks every field, signs the draft and returns the wire form with all disclosures.

    Raises MalformedError that names the field, its value and what is allowed. Every ref of the
    draft must be complete.
    """
    kind = _find_kind(draft)
    parse_item(draft.item)
    values = _check_fields(draft, kind)
    occurred = draft.occurred
    if occurred is msgspec.UNSET:
        occurred = format_time(place.iat)
    check_acceptance(kind, values, iat=place.iat, occurred=occurred, now=place.iat)
    disclosures = {
        name: make_disclosure(name, draft.data[name], randbytes)
        for name in sorted(kind.restricted & draft.data.keys())
    }
    data = {name: value for name, value in draft.data.items() if name not in disclosures}
    if disclosures:
        data["_sd"] = {name: digest_disclosure(text) for name, text in disclosures.items()}
    claims: dict[str, Any] = {
        "aud": place.aud,
        "iss": place.iss,
        "iat": place.iat,
        "sub": draft.item,
        "seq": place.seq,
        "kind": draft.kind,
        "occurred": occurred,
        "data": data,
    }
    if place.auth:
        claims["auth"] = place.auth
    if place.prev:
        claims["prev"] = place.prev
    if draft.site is not msgspec.UNSET:
        claims["site"] = draft.site
    if draft.refs:
        claims["refs"] = [msgspec.to_builtins(ref) for ref in draft.refs]
    return format_wire(sign_token(claims, signer), tuple(disclosures.values()))


def _find_kind(draft: Draft) -> Kind:
    kind = CATALOGUE.get(draft.kind)
    if kind is None:
        raise MalformedError(
            "event.kind",
            f"{quote(draft.kind)} given{suggest(draft.kind, CATALOGUE)}; allowed:"
            f" {', '.join(sorted(CATALOGUE))}",
        )
    return kind


def _check_fields(draft: Draft, kind: Kind) -> Mapping[str, Any]:
    try:
        full = msgspec.convert(draft.data, kind.full)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        refusal = refuse_field(kind.full, draft.data, str(error))
        raise refusal.at(draft.item) from error
    return {
        name: value
        for name, attribute in kind.attributes.items()
        if (value := getattr(full, attribute)) is not msgspec.UNSET
    }
