"""New ids of items that a plant numbers itself, random so that nobody guesses them."""

from __future__ import annotations

import re
from collections.abc import Callable

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.gs1 import new_id, new_serial
from traceledger.identifiers.items import ItemId, parse_item

__all__ = ["new_item"]

_PRODUCT = re.compile(r"01/[0-9]{14}")
_OTHERS = ("x/unit", "decl", "book")


def new_item(beginning: str, randbytes: Callable[[int], bytes]) -> ItemId:
    """Draws the id of a unit (`01/GTIN`, `x/unit`), a declaration line or an account book.

    Raises MalformedError `item.form` for another beginning, `item.check-digit` for a wrong GTIN.
    """
    if _PRODUCT.fullmatch(beginning):
        return parse_item(f"{beginning}/21/{new_serial(randbytes)}")
    if beginning in _OTHERS:
        return parse_item(f"{beginning}/{new_id(randbytes)}")
    raise MalformedError(
        "item.form",
        f"{excerpt(beginning)} is not the beginning of an id that is drawn; allowed: 01/ and a GTIN"
        f" of 14 digits, {', '.join(_OTHERS)}",
    )
