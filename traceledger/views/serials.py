"""Units by their serial alone, as people read it from a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from traceledger.errors import MalformedError
from traceledger.identifiers.items import parse_item
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search

__all__ = ["find_serial", "list_products"]

_MAX_PRODUCTS = 100


def list_products(ledger: LedgerView) -> tuple[str, ...]:
    """Lists the product numbers of the ledger's units, at most 100, with one look-up each."""
    return tuple(islice(_list_products(ledger), _MAX_PRODUCTS))


def find_serial(ledger: LedgerView, serial: str, products: Sequence[str]) -> str:
    """Returns the unit with a serial if exactly one of the products has it; else ""."""
    candidates = [f"01/{gtin}/21/{serial}" for gtin in products]
    candidates.append(f"x/unit/{serial}")
    known = [item for item in candidates if _is_item(item)]
    found = tuple(ledger.read_heads(known))
    return found[0] if len(found) == 1 else ""


def _list_products(ledger: LedgerView) -> Iterator[str]:
    after = "01/"
    while rows := ledger.search(Search(after=after, limit=1)):
        if not rows[0].item.startswith("01/"):
            return
        gtin = rows[0].item.split("/")[1]
        yield gtin
        after = f"01/{gtin}/21/~"


def _is_item(text: str) -> bool:
    try:
        parse_item(text)
    except MalformedError:
        return False
    return True
