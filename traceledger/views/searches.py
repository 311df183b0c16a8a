"""Searches without a limit, page by page."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.views.ledger import LedgerView
from traceledger.views.rows import HeadRow, Search

__all__ = ["search_all"]

_PAGE = 1000


def search_all(ledger: LedgerView, wanted: Search) -> Iterator[HeadRow]:
    """Yields all items that match, in ascending order of id; ignores the limit of the search."""
    page = wanted._replace(limit=_PAGE)
    while rows := ledger.search(page):
        yield from rows
        page = page._replace(after=rows[-1].item)
