"""Which other ledger answers for an address: by GS1 prefix, from a file of the operator.

::

    [[ledger]]
    items = ["01/0952124", "8004/9521240"]
    url = "https://ledger-2.example"

A request is forwarded only to an address in the file, with the GS1 key and qualifiers that were
parsed from the request and its query, so it is never an open redirect. Source: GS1-Conformant
Resolver 1.2, redirection based on a company prefix.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta

from traceledger.errors import MalformedError
from traceledger.events.constraints import refuse_field
from traceledger.events.fields import Web
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.items import is_prefix
from traceledger_api.resolver import VOCABULARY, Address

__all__ = ["Forwarding", "annotate", "parse_forwarding"]

_CODE = "resolver.form"
_KEYS = ("01/", "8004/")


class _Ledger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: Annotated[tuple[str, ...], Meta(min_length=1)]
    url: Web


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ledger: Annotated[tuple[_Ledger, ...], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The addresses of other ledgers by the beginnings of the ids for which they answer."""

    urls: Mapping[str, str] = field(default_factory=dict)
    _lengths: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        # A country has thousands of prefixes, but they have few lengths.
        lengths = sorted({len(prefix) for prefix in self.urls}, reverse=True)
        object.__setattr__(self, "_lengths", tuple(lengths))

    def find(self, address: Address, own: tuple[str, ...]) -> str:
        """Returns where another ledger has this address, empty if this one answers.

        The longest beginning of the id decides; `own` are those of this ledger, which answers
        where both are of one length.
        """
        pairs = [(address.key, address.value), *address.qualifiers]
        text = "/".join(f"{key}/{value}" for key, value in pairs)
        least = max((len(prefix) for prefix in own if text.startswith(prefix)), default=0)
        beginnings = (text[:length] for length in self._lengths if least < length <= len(text))
        url = next((self.urls[one] for one in beginnings if one in self.urls), None)
        if url is None:
            return ""
        path = "/".join(f"{key}/{quote(value, safe='')}" for key, value in pairs)
        return f"{url}/{path}"


def annotate(place: str) -> str:
    """Returns the Link header of a redirect to another resolver."""
    return f'<{place}>; rel="{VOCABULARY}handledBy"'


def parse_forwarding(data: bytes) -> Forwarding:
    """Parses the operator's file; raises MalformedError `resolver.form`."""
    try:
        tables = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedError(_CODE, str(error)) from error
    try:
        file = msgspec.convert(tables, _File)
    except msgspec.ValidationError as error:
        found = refuse_field(_File, tables, str(error))
        raise MalformedError(_CODE, found.message, where=found.where) from error
    for one in file.ledger:
        if {"?", "#"} & set(one.url):
            raise MalformedError(_CODE, f"{excerpt(one.url)} has a query or a fragment")
    urls = [(prefix, one.url.rstrip("/")) for one in file.ledger for prefix in one.items]
    for prefix, _ in urls:
        if not prefix.startswith(_KEYS) or not is_prefix(prefix):
            raise MalformedError(
                _CODE, f"{excerpt(prefix)} does not begin an id of the keys 01 and 8004"
            )
    if len({prefix for prefix, _ in urls}) != len(urls):
        raise MalformedError(_CODE, "two ledgers have the same beginning of an id")
    return Forwarding(dict(urls))
