"""GS1 Digital Link URIs of requests, and the links of an item.

Source: GS1 Digital Link URI Syntax 1.6 and GS1-Conformant Resolver 1.2. Supports the two primary
keys that identify items of this ledger, with all their qualifiers. A valid address of something
that the ledger never records is an unknown item, not an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from traceledger.errors import MalformedError, NotFoundError
from traceledger.identifiers.excerpt import printable
from traceledger.identifiers.gs1 import check_digit
from traceledger.views.rows import HeadRow

__all__ = [
    "CONTEXT",
    "LINKS",
    "VOCABULARY",
    "Address",
    "describe_item",
    "describe_resolver",
    "find_link",
    "linkset",
    "pass_query",
    "read_address",
]

VOCABULARY = "https://ref.gs1.org/voc/"
_OLD_VOCABULARY = "https://gs1.org/voc/"

# CSET 82 of the GS1 General Specifications, figure 7.11-1; serial and lot use it.
_X = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
_KEYS: Mapping[str, re.Pattern[str]] = {
    "01": re.compile(r"[0-9]{14}"),
    "8004": re.compile(rf"{_X}{{1,30}}"),
}
_VALUES: Mapping[str, re.Pattern[str]] = {
    "22": re.compile(rf"{_X}{{1,20}}"),
    "10": re.compile(rf"{_X}{{1,20}}"),
    "21": re.compile(rf"{_X}{{1,20}}"),
    "235": re.compile(rf"{_X}{{1,28}}"),
    "7040": re.compile(rf"[0-9]{_X}{{3}}"),
}
# By key: the sequences of qualifiers that may follow it; each qualifier is optional.
_ROWS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "01": (("22", "10", "21"), ("235",)),
    "8004": (("7040",),),
}
# Prefixes of application identifiers (GS1 syntax dictionary).
_AI = re.compile(
    r"0[0-3]|1[0-35-7]|2[0-2]|235|24[0-3]|25[013-5]|30|3[1-6][0-9]{2}|37|39[0-5][0-9]|40[0-3]"
    r"|41[0-7]|42[0-7]|43[0-9]{2}|70[0-9]{2}|71[0-9]|72[0-9]{2}|8[0-2][0-9]{2}|9[0-9]"
)

LINKS: Mapping[str, tuple[str, str, str]] = {
    "pip": ("", "Page of the part", "text/html"),
    "dpp": (
        "/api/v1/items/{item}/passport",
        "Passport: the complete history with its proofs",
        "application/vnd.traceledger.passport+json",
    ),
    "traceability": ("/api/v1/items/{item}/history", "Events of the part", "application/json"),
    "recallStatus": ("/api/v1/items/{item}", "State, holds and recalls", "application/json"),
    "verificationService": (
        "/api/v1/items/{item}/proof",
        "Proof of the latest event",
        "application/json",
    ),
}
"""Link types of the GS1 Web vocabulary, each with target, title and media type."""

CONTEXT: Mapping[str, Any] = {
    "@context": {
        "@version": 1.1,
        "linkset": {"@id": "@graph", "@container": "@set"},
        "anchor": "@id",
        "href": "@id",
        "itemDescription": {"@id": f"{VOCABULARY}description"},
        "title": {"@id": "http://purl.org/dc/terms/title"},
        "type": {"@id": "http://purl.org/dc/terms/format"},
        "hreflang": {"@id": "http://purl.org/dc/terms/language", "@container": "@set"},
    }
}
"""The JSON-LD context of a linkset."""


class Address(NamedTuple):
    """A primary key with its value and qualifiers."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...]

    @property
    def item(self) -> str | None:
        """The item id: a GTIN with serial, or an asset number; None for other addresses."""
        if self.key == "01":
            if [name for name, _ in self.qualifiers] == ["21"]:
                return f"01/{self.value}/21/{self.qualifiers[0][1]}"
            return None
        return None if self.qualifiers else f"{self.key}/{self.value}"


def read_address(raw_path: bytes, query: bytes) -> Address:
    """Reads the path and query of a request for an item.

    The path is split before it is decoded; one trailing slash is tolerated. Raises MalformedError
    `link.syntax`, or `item.check-digit`.
    """
    segments = raw_path.removeprefix(b"/").removesuffix(b"/").split(b"/")
    if len(segments) % 2 and segments[0] != b"x":
        raise _syntax("a key or qualifier has no value")
    parts = [_decode(segment) for segment in segments]
    if parts[0] == "x":
        return Address("x", "/".join(parts[1:]), ())
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    (key, value), qualifiers = pairs[0], pairs[1:]
    if key not in _KEYS:
        raise _syntax(f"({printable(key, 10)}) is not a key that this resolver supports")
    _check_key(key, value)
    _check_qualifiers(key, qualifiers)
    _check_query(key, qualifiers, query)
    return Address(key, value, tuple(qualifiers))


def find_link(link_type: str, item: str) -> str:
    """Returns the path to which a link type leads; raises NotFoundError `link.type`."""
    name = link_type
    for prefix in ("gs1:", VOCABULARY, _OLD_VOCABULARY):
        name = name.removeprefix(prefix)
    if name == link_type or name not in {*LINKS, "defaultLink"}:
        raise NotFoundError("link.type", f"the item has no link of type {printable(link_type, 80)}")
    path = LINKS["pip" if name == "defaultLink" else name][0]
    return path.format(item=item) or f"/{item}"


def pass_query(query: bytes) -> str:
    """Returns the query for a redirect: everything but the link type."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in {"linkType", "linktype"}]
    return f"?{urlencode(kept)}" if kept else ""


def describe_item(row: HeadRow) -> str:
    """Describes an item in its linkset by what everybody may read."""
    return " ".join(word for word in (row.chain, row.part_no) if word)


def linkset(url: str, item: str, description: str, names: Iterable[str] = LINKS) -> dict[str, Any]:
    """Returns the links of an item (RFC 9264) in the form of GS1's schema for linksets.

    `names` are the types of its links, of `LINKS`.
    """
    own = f"{url}/{item}"
    links: dict[str, Any] = {"anchor": own, "itemDescription": description}
    links[f"{VOCABULARY}defaultLink"] = [{"href": own, "title": LINKS["pip"][1]}]
    for name in names:
        path, title, media = LINKS[name]
        href = url + path.format(item=item) if path else own
        links[f"{VOCABULARY}{name}"] = [
            {"href": href, "title": title, "type": media, "hreflang": ["en"]}
        ]
    return {"linkset": [links]}


def describe_resolver(url: str, origin: str) -> dict[str, Any]:
    """Returns the resolver description file, `/.well-known/gs1resolver`."""
    return {
        "name": origin,
        "resolverRoot": url,
        "supportedPrimaryKeys": sorted(_KEYS),
        "linkTypeDefaultCanBeLinkset": False,
        "supportedContextValuesEnumerated": [],
        "jsonldContext": f"{url}/.well-known/linkset-context.jsonld",
    }


def _decode(segment: bytes) -> str:
    try:
        text = unquote_to_bytes(segment).decode("ascii")
    except UnicodeDecodeError as error:
        raise _syntax("it contains characters beyond ASCII") from error
    if not text or "\x00" in text:
        raise _syntax("a value is empty")
    return text


def _check_key(key: str, value: str) -> None:
    if not _KEYS[key].fullmatch(value):
        raise _syntax(f"{printable(value, 40)} is not a value of ({key})")
    if key == "01" and value[-1] != check_digit(value[:-1]):
        raise MalformedError(
            "item.check-digit",
            f"{value} ends in {value[-1]}; the check digit is {check_digit(value[:-1])}",
        )


def _check_qualifiers(key: str, given: list[tuple[str, str]]) -> None:
    names = [name for name, _ in given]
    if not any(names == [name for name in row if name in names] for row in _ROWS[key]):
        rows = " or ".join(", ".join(row) for row in _ROWS[key])
        raise _syntax(f"({key}) may be followed, in this order, by {rows}")
    for name, value in given:
        if not _VALUES[name].fullmatch(value):
            raise _syntax(f"{printable(value, 40)} is not a value of ({name})")


def _check_query(key: str, qualifiers: list[tuple[str, str]], query: bytes) -> None:
    """Checks the attributes; other parameters are passed on unread."""
    in_path = {key, *(name for name, _ in qualifiers)}
    for row in _ROWS[key]:
        if in_path - {key} <= set(row):
            in_path |= set(row)
            break
    seen: set[str] = set()
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if not name.isdigit():
            continue
        if name in in_path or name in seen:
            raise _syntax(f"({name}) belongs in the path or occurs twice")
        if not _AI.fullmatch(name) or not re.fullmatch(rf"{_X}{{1,90}}", value):
            raise _syntax(f"({printable(name, 10)}) has the value '{printable(value, 40)}'")
        if name == "01":
            _check_key(name, value)
        seen.add(name)


def _syntax(what: str) -> MalformedError:
    return MalformedError("link.syntax", f"not a GS1 Digital Link URI: {what}")
