"""Parser of a cell with the id of a core, typed or scanned.

Source: GS1 General Specifications 5.1.2 (symbology identifiers `]C1`, `]d2`, `]Q3` and others),
7.8 (FNC1 as separator). Scanners output the separator GS in several forms.
"""

from __future__ import annotations

import re

from traceledger.errors import MalformedError
from traceledger.identifiers import ItemId, parse_item

__all__ = ["core", "find_base"]

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")
_SEPARATOR = re.compile(r"\x1d|<GS>|\{GS\}|\\F|\^\]")
_GIAI = re.compile(r"(?:\(8004\)|8004)(?=[^/])")
# Full-width forms of ASCII characters, which input methods produce.
_NARROW = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_LINK = re.compile(r"(https?://[^?#]+?)/((?:8004|x/core)/[^/?#]+)(?:[?#].*)?")


def core(cell: str) -> ItemId:
    """Parses the item id of a core, alone, in a GS1 element string or in a link.

    An id is never changed: lower-case letters are refused, not capitalized.
    """
    allowed = "the id of a core, such as 8004/9521234C000001 or x/core/C000001"
    try:
        item = parse_item(_read_scan(cell))
    except MalformedError as error:
        raise MalformedError(error.code, f"{allowed} ({error.message})") from error
    if not item.may_be("core"):
        raise MalformedError("manifest.value", f"{allowed}; this is the id of a {item.form}")
    return item


def find_base(cell: str) -> str:
    """Returns the base address of a scanned link; "" if the cell is not a link."""
    match = _LINK.fullmatch(_content(cell))
    return match[1] if match else ""


def _content(cell: str) -> str:
    """Returns the content of the symbol, without the prefix that the scanner adds."""
    plain = cell.translate(_NARROW)
    return plain[3:] if _SYMBOLOGY.match(plain) else plain


def _read_scan(cell: str) -> str:
    content = _content(cell)
    if match := _LINK.fullmatch(content):
        return match[2]
    # Separators precede the first element or end an element; AI 8004 has a variable length.
    elements = [element for element in _SEPARATOR.split(content) if element]
    first = elements[0] if elements else content
    return f"8004/{first[match.end() :]}" if (match := _GIAI.match(first)) else first
