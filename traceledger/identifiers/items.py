"""Item ids, which identify everything that has a chain of events.

Source: docs/spec/events.md, "Identities". An id is ASCII in path form and is compared byte by
byte. Nothing is percent-decoded, case-folded, trimmed or otherwise normalised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, cast

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.gs1 import check_digit

__all__ = [
    "AUTHORITY",
    "CHAIN_FORMS",
    "Chain",
    "ItemForm",
    "ItemId",
    "is_authority",
    "is_prefix",
    "item_of_key",
    "kid_of",
    "parse_item",
]

Chain = Literal[
    "unit",
    "core",
    "component",
    "lot",
    "declaration",
    "book",
    "party",
    "key",
    "ledger",
    "policy",
]
ItemForm = Chain | Literal["asset"]

CHAIN_FORMS: Mapping[Chain, frozenset[ItemForm]] = MappingProxyType(
    {
        "core": frozenset({"asset", "core"}),
        "component": frozenset({"asset", "component"}),
        "ledger": frozenset({"ledger"}),
        "policy": frozenset({"policy"}),
        "party": frozenset({"party"}),
        "key": frozenset({"key"}),
        "book": frozenset({"book"}),
        "declaration": frozenset({"declaration"}),
        "unit": frozenset({"unit"}),
        "lot": frozenset({"lot"}),
    }
)
"""The forms of id that each chain may have; a GIAI is an `asset` until its first event decides."""

AUTHORITY: tuple[Chain, ...] = ("ledger", "policy", "party", "key")
"""The chains about who may sign what, each before those that rest on it."""


class ItemId(NamedTuple):
    """A valid item id and its form."""

    text: str
    form: ItemForm

    def may_be(self, chain: Chain) -> bool:
        """Reports whether an id of this form can identify such a chain."""
        return self.form in CHAIN_FORMS[chain]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Part:
    """A variable segment of an id."""

    name: str
    characters: str
    minimum: int
    maximum: int
    ending: str = ""

    @property
    def whole(self) -> str:
        return f"{self.characters}{{{self.minimum},{self.maximum}}}{self.ending}"

    @property
    def beginning(self) -> str:
        """A pattern of the texts that one or more further characters complete."""
        return f"{self.characters}{{0,{self.maximum - 1}}}"

    @property
    def description(self) -> str:
        exact = self.minimum == self.maximum
        length = f"{self.maximum}" if exact else f"{self.minimum} to {self.maximum}"
        note = ", canonical base64url" if self.ending else ""
        return f"a {self.name} of {length} characters {self.characters}{note}"


_GTIN = _Part("GTIN", "[0-9]", 14, 14)
_SERIAL = _Part("serial", "[A-Z0-9-]", 1, 20)
_GIAI = _Part("GIAI", "[A-Z0-9-]", 1, 30)
_ID = _Part("name", "[A-Za-z0-9-]", 1, 40)
# Long enough to be random: the number behind a declaration or a book is for customs only.
_RANDOM_ID = _Part("random name", "[A-Za-z0-9-]", 16, 40)
# 43 characters encode 258 bits, a thumbprint has 256: the last character's two spare bits are zero.
_KID = _Part("key id", "[A-Za-z0-9_-]", 43, 43, ending="(?<=[AEIMQUYcgkosw048])")

_SHAPES: tuple[tuple[ItemForm, tuple[str | _Part, ...]], ...] = (
    ("unit", ("01", _GTIN, "21", _SERIAL)),
    ("unit", ("x", "unit", _ID)),
    ("asset", ("8004", _GIAI)),
    ("core", ("x", "core", _ID)),
    ("component", ("x", "component", _ID)),
    ("lot", ("lot", _ID)),
    ("declaration", ("decl", _RANDOM_ID)),
    ("book", ("book", _RANDOM_ID)),
    ("party", ("party", _ID)),
    ("key", ("key", _KID)),
    ("ledger", ("ledger",)),
    ("policy", ("policy",)),
)


def _grammar() -> re.Pattern[str]:
    """Joins the shapes into one expression whose last named group is the form."""
    forms: dict[str, list[str]] = {}
    for form, shape in _SHAPES:
        path = "/".join(part if isinstance(part, str) else part.whole for part in shape)
        forms.setdefault(form, []).append(path)
    return re.compile("|".join(f"(?P<{form}>{'|'.join(paths)})" for form, paths in forms.items()))


_GRAMMAR = _grammar()


def parse_item(text: str) -> ItemId:
    """Parses an item id; raises MalformedError that names the invalid part.

    The code is `item.check-digit` if only the check digit of a GTIN is wrong.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise _refusal(text)
    if _has_wrong_check_digit(text):
        raise MalformedError(
            "item.check-digit",
            f"the GTIN of {excerpt(text)} ends in {text[16]};"
            f" the check digit of {text[3:16]} is {check_digit(text[3:16])}",
        )
    return ItemId(text, cast("ItemForm", match.lastgroup))


def item_of_key(kid: str) -> str:
    """The id of the chain of a key; inverse of `kid_of`."""
    return f"key/{kid}"


def kid_of(item: str) -> str:
    """The key id in the id of a key's chain; inverse of `item_of_key`."""
    return item.removeprefix("key/")


def is_authority(item: str) -> bool:
    """Reports whether a valid id is one of the ledger, its policy, a party or a key."""
    return item.partition("/")[0] in AUTHORITY


def is_prefix(text: str) -> bool:
    """Reports whether a party can be admitted for all items whose id begins with this text.

    True for a proper, non-empty prefix of at least one valid id of a unit, core, component,
    lot, declaration line or account book, for example `01/0952123`, `8004/9521234` or `decl/`.
    """
    return (
        bool(text)
        and any(_can_continue(shape, text) for form, shape in _SHAPES if form not in AUTHORITY)
        and not _has_wrong_check_digit(text)
    )


def _has_wrong_check_digit(text: str) -> bool:
    """Reports a wrong check digit in a text that follows the grammar as far as it goes."""
    return text.startswith("01/") and len(text) > 16 and text[16] != check_digit(text[3:16])


def _can_continue(shape: tuple[str | _Part, ...], text: str) -> bool:
    segments = text.split("/", len(shape))
    at = len(segments) - 1
    if at >= len(shape) or _count_matching(shape, segments[:at]) < at:
        return False
    part, last = shape[at], segments[at]
    if isinstance(part, str):
        return part.startswith(last)
    complete = at + 1 < len(shape) and _matches(part, last)
    return complete or re.fullmatch(part.beginning, last) is not None


def _matches(part: str | _Part, segment: str) -> bool:
    if isinstance(part, str):
        return segment == part
    return re.fullmatch(part.whole, segment) is not None


def _count_matching(shape: tuple[str | _Part, ...], segments: list[str]) -> int:
    """Counts the leading segments that match the shape."""
    count = 0
    for part, segment in zip(shape, segments, strict=False):
        if not _matches(part, segment):
            break
        count += 1
    return count


def _refusal(text: str) -> MalformedError:
    """Reports where the text departs from the grammar, by the shapes that it matches longest."""
    segments = text.split("/", max(len(shape) for _, shape in _SHAPES))
    matches = [(_count_matching(shape, segments), shape) for _, shape in _SHAPES]
    longest = max(count for count, _ in matches)
    expected = [shape[longest] for count, shape in matches if count == longest < len(shape)]
    names = [part if isinstance(part, str) else part.description for part in expected]
    allowed = " or ".join(dict.fromkeys(names)) or "nothing more"
    actual = excerpt(segments[longest]) if longest < len(segments) else "nothing"
    place = f"after {excerpt('/'.join(segments[:longest]))}" if longest else "at the beginning"
    return MalformedError(
        "item.form",
        f"{excerpt(text)} is not an item id: found {actual} {place}; allowed: {allowed}",
    )
