"""Which figures of an account are about its period, and which about the whole ledger so far.

In the first account of a ledger both are the same. Later they differ, and are shown apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from traceledger.reports.words import Words

__all__ = ["EXTENTS", "Extent", "describe_extent", "is_later"]

Extent = Literal["period", "cumulative", "lists"]
"""Figures of the period, figures since the beginning of the ledger, or no figures of either."""

EXTENTS: tuple[Extent, ...] = ("period", "cumulative", "lists")
"""All extents, in the order in which they are shown."""

Json = Mapping[str, Any]


def is_later(account: Json) -> bool:
    """Reports whether the period of an account, or of one of its books, is not its first."""
    return account["from_size"] > 1 or any(book["from_size"] > 1 for book in account["books"])


def describe_extent(account: Json, extent: Extent, words: Words) -> str:
    """Returns the heading of the tables of one extent, with the entries that they are about."""
    last = f"{account['to_size'] - 1:,}"
    heading = words(f"extent.{extent}", first=f"{account['from_size']:,}", last=last)
    later = [book for book in account["books"] if book["from_size"] > account["from_size"]]
    if extent != "period" or not later:
        return heading
    starts = (
        words(
            "extent.book",
            number=book.get("number") or book["book"],
            first=f"{book['from_size']:,}",
        )
        for book in later
    )
    return words("clauses").join((heading, *starts))
