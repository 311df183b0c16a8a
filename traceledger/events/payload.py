"""The claims of events: the payload's types, one for each kind, with every limit and pattern."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.fields import Count, EventId, Struct, Time
from traceledger.events.kind import Kind

__all__ = [
    "LATEST",
    "PAYLOAD_KINDS",
    "Issuer",
    "Origin",
    "Payload",
    "Ref",
    "Site",
    "UnknownPayload",
    "any_of",
]

_END = r"(?!\n)$"
Origin = Annotated[
    str,
    msgspec.Meta(
        max_length=255,
        pattern=r"^[\x21-\x2a\x2c-\x7e]+" + _END,
        description="a log origin: ASCII without spaces and +, at most 255 characters",
    ),
]
Issuer = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(ledger|party/[A-Za-z0-9-]{1,40})" + _END,
        description="ledger or party/<slug>",
    ),
]
Site = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9-]{1,40}" + _END, description="a GLN or site code: [A-Za-z0-9-]{1,40}"
    ),
]
_As = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-z_]{1,20}" + _END, description="the name of a link: [a-z_]{1,20}"),
]
_Refs = Annotated[tuple["Ref", ...], msgspec.Meta(min_length=1, max_length=129)]


class Ref(Struct, frozen=True, kw_only=True, rename={"as_": "as"}):
    """A link to another chain; `event` is absent when that item has no event yet."""

    as_: _As
    item: Annotated[str, msgspec.Meta(max_length=80)]
    event: EventId | msgspec.UnsetType = msgspec.UNSET


LATEST = 32_503_679_999
"""The end of the year 2999, in seconds since 1970: the latest moment that a time can state."""


class Payload(Struct, frozen=True, kw_only=True):
    """The claims that every event has; see docs/spec/events.md.

    The payload of a known kind is a subclass whose `data` is that kind's Struct.
    """

    aud: Origin
    iss: Issuer
    iat: Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
    sub: Annotated[str, msgspec.Meta(max_length=80)]
    seq: Count
    auth: EventId | msgspec.UnsetType = msgspec.UNSET
    prev: EventId | msgspec.UnsetType = msgspec.UNSET
    occurred: Time
    site: Site | msgspec.UnsetType = msgspec.UNSET
    refs: _Refs | msgspec.UnsetType = msgspec.UNSET
    data: Any


class UnknownPayload(Payload, frozen=True, kw_only=True):
    """The claims of a kind that this version does not know; `data` is a dict."""

    kind: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[a-z_]{1,40}" + _END, description="the name of a kind: [a-z_]{1,40}"
        ),
    ]
    data: dict[str, Any]


def any_of(types: Iterable[Any]) -> Any:
    """Returns the union of these types."""
    return functools.reduce(operator.or_, types)


def _payload_type(kind: Kind) -> Any:
    return msgspec.defstruct(
        f"{kind.name}_payload",
        [("data", kind.data)],
        bases=(Payload,),
        tag_field="kind",
        tag=kind.name,
        kw_only=True,
        frozen=True,
    )


PAYLOAD_KINDS = {_payload_type(kind): kind for kind in CATALOGUE.values()}
