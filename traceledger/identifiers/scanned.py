"""Item ids as barcode scanners output them: alone, in a GS1 element string or in a link.

Source: GS1 General Specifications 5.1.2 (symbology identifiers `]C1`, `]d2`, `]Q3` and others),
7.8 (FNC1 as separator). Scanners output the separator GS in several forms.
"""

from __future__ import annotations

import contextlib
import re

from traceledger.errors import MalformedError
from traceledger.identifiers.digital_link import parse_link
from traceledger.identifiers.items import ItemId, parse_item

__all__ = ["find_base", "read_part", "read_scanned"]

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")
_SEPARATOR = re.compile(r"\x1d|<GS>|\{GS\}|\\F|\^\]")
# Values may contain brackets (GS1 General Specifications 7.11), which begin an element only where
# the keys are in brackets. AI 01 has a fixed length, so a separator after it is optional.
_END = r"(?=\x1d|\Z|\([0-9]{2,4}\)[^\x1d(])"
_ASSETS = (
    re.compile(rf"\(8004\)([^\x1d(]*){_END}"),
    re.compile(r"8004(?=[^/])([^\x1d]*)"),
)
_UNITS = (
    re.compile(rf"\(01\)([0-9]{{14}})\x1d?\(21\)([^\x1d(]*){_END}"),
    re.compile(r"01([0-9]{14})\x1d?21([^\x1d]*)"),
)
_SCAN = re.compile(rf"[](]|https?://|01[0-9]{{14}}21.|.*?(?:{_SEPARATOR.pattern})", re.DOTALL)
# Full-width forms of ASCII characters, which input methods produce.
_NARROW = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_LINK = re.compile(
    r"(https?://[^?#]+?)/((?:8004|x/(?:unit|core|component)|01/[^/?#]+/21)/[^/?#]+)(?:[?#].*)?"
)


def read_scanned(text: str) -> ItemId:
    """Reads the item id in a scan of a label; an id that was typed is read too.

    An id is never changed: lower-case letters are refused, not capitalized. Elements after the id
    are ignored, and so are the query and fragment of a link. Raises MalformedError `item.*`, or
    `link.form` for a link that leads to no item.
    """
    content = _content(text)
    if match := _LINK.fullmatch(content):
        return parse_item(match[2])
    if content.startswith(("https://", "http://")):
        return parse_link(content).item
    elements = _SEPARATOR.sub("\x1d", content).strip("\x1d")
    for unit in _UNITS:
        if match := unit.match(elements):
            return parse_item(f"01/{match[1]}/21/{match[2]}")
    for asset in _ASSETS:
        if match := asset.match(elements):
            return parse_item(f"8004/{match[1]}")
    return parse_item(elements.partition("\x1d")[0])


def read_part(text: str) -> str:
    """Returns the item id in a scan; any other text itself, which may be a part of an id."""
    if _SCAN.match(text.strip().translate(_NARROW)):
        with contextlib.suppress(MalformedError):
            return read_scanned(text).text
    return text


def find_base(text: str) -> str:
    """Returns the base address of a scanned link; "" if the text is not a link."""
    match = _LINK.fullmatch(_content(text))
    return match[1] if match else ""


def _content(text: str) -> str:
    """Returns the content of the symbol, without the prefix that the scanner adds."""
    plain = text.strip().translate(_NARROW)
    return plain[3:] if _SYMBOLOGY.match(plain) else plain
