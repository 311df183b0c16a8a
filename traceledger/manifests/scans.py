"""What one cell may hold: the id of a core, as people write it or a scanner does.

Source: GS1 General Specifications 5.1.2 (symbology identifiers `]C1`, `]d2`, `]Q3` and others),
7.8 (FNC1 as separator). Scanners write the separator GS in several ways.
"""

from __future__ import annotations

import re

from traceledger.errors import MalformedError
from traceledger.identifiers import ItemId, parse_item

__all__ = ["core", "find_base"]

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")
_SEPARATOR = re.compile(r"\x1d|<GS>|\{GS\}|\\F|\^\]")
_GIAI = re.compile(r"(?:\(8004\)|8004)(?=[^/])")
# Full-width forms, which input methods write for ASCII.
_NARROW = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_LINK = re.compile(r"(https?://[^?#]+?)/((?:8004|x/core)/[^/?#]+)(?:[?#].*)?")


def core(cell: str) -> ItemId:
    """The item id of a core, alone, in a GS1 element string or in a link.

    An id is never changed: small letters are refused, not turned into capitals.
    """
    wanted = "the id of a core, such as 8004/9521234C000001 or x/core/C000001"
    try:
        item = parse_item(_read_scan(cell))
    except MalformedError as error:
        raise MalformedError(error.code, f"{wanted} ({error.message})") from error
    if not item.may_be("core"):
        raise MalformedError("manifest.value", f"{wanted}; this is the id of a {item.form}")
    return item


def find_base(cell: str) -> str:
    """The address that a scanned link begins with; empty for what is no link."""
    match = _LINK.fullmatch(_content(cell))
    return match[1] if match else ""


def _content(cell: str) -> str:
    """What the symbol holds, without what the scanner put before it."""
    plain = cell.translate(_NARROW)
    return plain[3:] if _SYMBOLOGY.match(plain) else plain


def _read_scan(cell: str) -> str:
    content = _content(cell)
    if match := _LINK.fullmatch(content):
        return match[2]
    # A separator stands before the first element or ends one; 8004 has no length of its own.
    elements = [element for element in _SEPARATOR.split(content) if element]
    first = elements[0] if elements else content
    return f"8004/{first[match.end() :]}" if (match := _GIAI.match(first)) else first
