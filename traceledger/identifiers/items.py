"""Item ids: the names of everything that has a chain of events.

Source: docs/spec/events.md, "Identities". An id is ASCII in path form and is compared byte by
byte. Nothing is percent-decoded, case-folded, trimmed or otherwise repaired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.gs1 import check_digit

__all__ = ["ItemForm", "ItemId", "Thing", "is_prefix", "parse_item"]

Thing = Literal[
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
ItemForm = Thing | Literal["asset"]


class ItemId(NamedTuple):
    """An item id that follows the grammar, and which form of it."""

    text: str
    form: ItemForm

    def may_be(self, thing: Thing) -> bool:
        """Reports whether an id of this form may name such a thing.

        A GIAI (the form `asset`) names a core or a component: only its chain tells which.
        """
        return self.form == thing or (self.form == "asset" and thing in {"core", "component"})

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment of an id that differs from item to item."""

    name: str
    characters: str
    least: int
    most: int
    ending: str = ""

    @property
    def whole(self) -> str:
        return f"{self.characters}{{{self.least},{self.most}}}{self.ending}"

    @property
    def beginning(self) -> str:
        """Strings that at least one more character makes into a part."""
        return f"{self.characters}{{0,{self.most - 1}}}"

    @property
    def wanted(self) -> str:
        length = f"{self.most}" if self.least == self.most else f"{self.least} to {self.most}"
        note = ", canonical base64url" if self.ending else ""
        return f"a {self.name} of {length} characters {self.characters}{note}"


_GTIN = _Part("GTIN", "[0-9]", 14, 14)
_SERIAL = _Part("serial", "[A-Z0-9-]", 1, 20)
_GIAI = _Part("GIAI", "[A-Z0-9-]", 1, 30)
_ID = _Part("name", "[A-Za-z0-9-]", 1, 40)
# Long enough to be random: the number behind a declaration or a book is for customs only.
_RANDOM_ID = _Part("random name", "[A-Za-z0-9-]", 16, 40)
# 43 characters hold 258 bits, a thumbprint has 256: the last character's two spare bits are zero.
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
_WITHOUT_PREFIX = {"party", "key", "ledger", "policy"}


def _grammar() -> re.Pattern[str]:
    """Joins the shapes into one expression whose last named group is the form."""
    forms: dict[str, list[str]] = {}
    for form, shape in _SHAPES:
        path = "/".join(part if isinstance(part, str) else part.whole for part in shape)
        forms.setdefault(form, []).append(path)
    return re.compile("|".join(f"(?P<{form}>{'|'.join(paths)})" for form, paths in forms.items()))


_GRAMMAR = _grammar()


def parse_item(text: str) -> ItemId:
    """Parses an item id; raises MalformedError that names the part that is wrong.

    The code is `item.check-digit` when only the check digit of a GTIN is false.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise _refusal(text)
    if _has_false_check_digit(text):
        raise MalformedError(
            "item.check-digit",
            f"the GTIN of {excerpt(text)} ends in {text[16]};"
            f" the check digit of {text[3:16]} is {check_digit(text[3:16])}",
        )
    return ItemId(text, cast("ItemForm", match.lastgroup))


def is_prefix(text: str) -> bool:
    """Reports whether a party can be admitted for all items whose id begins so.

    True for a proper, not empty beginning of at least one valid id of a unit, core, component,
    lot, declaration line or account book, for example `01/0952123`, `8004/9521234` or `decl/`.
    """
    return (
        bool(text)
        and any(_may_go_on(shape, text) for form, shape in _SHAPES if form not in _WITHOUT_PREFIX)
        and not _has_false_check_digit(text)
    )


def _has_false_check_digit(text: str) -> bool:
    """Reports it of a text of which is known that it follows the grammar as far as it goes."""
    return text.startswith("01/") and len(text) > 16 and text[16] != check_digit(text[3:16])


def _may_go_on(shape: tuple[str | _Part, ...], text: str) -> bool:
    given = text.split("/", len(shape))
    at = len(given) - 1
    if at >= len(shape) or _agreement(shape, given[:at]) < at:
        return False
    wanted, last = shape[at], given[at]
    if isinstance(wanted, str):
        return wanted.startswith(last)
    complete = at + 1 < len(shape) and _accepts(wanted, last)
    return complete or re.fullmatch(wanted.beginning, last) is not None


def _accepts(wanted: str | _Part, given: str) -> bool:
    if isinstance(wanted, str):
        return given == wanted
    return re.fullmatch(wanted.whole, given) is not None


def _agreement(shape: tuple[str | _Part, ...], given: list[str]) -> int:
    """Counts the leading segments that fit the shape."""
    count = 0
    for wanted, segment in zip(shape, given, strict=False):
        if not _accepts(wanted, segment):
            break
        count += 1
    return count


def _refusal(text: str) -> MalformedError:
    """Says where the text leaves the grammar, judged by the shapes that it follows longest."""
    given = text.split("/", max(len(shape) for _, shape in _SHAPES))
    agreements = [(_agreement(shape, given), shape) for _, shape in _SHAPES]
    agreed = max(count for count, _ in agreements)
    expected = [shape[agreed] for count, shape in agreements if count == agreed < len(shape)]
    names = [part if isinstance(part, str) else part.wanted for part in expected]
    allowed = " or ".join(dict.fromkeys(names)) or "nothing more"
    found = excerpt(given[agreed]) if agreed < len(given) else "nothing"
    place = f"after {excerpt('/'.join(given[:agreed]))}" if agreed else "at its beginning"
    return MalformedError(
        "item.form",
        f"{excerpt(text)} is not an item id: {place} stands {found}; allowed is {allowed}",
    )
