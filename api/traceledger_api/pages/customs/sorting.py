"""Sorting a table by a link in its heading; the address contains the order.

A second table of a page has a member of the query of its own, `by`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeVar

from traceledger_api.pages.customs.visit import Visit

__all__ = ["Heading", "Keys", "draw_headings", "number_of", "sort_rows"]

_LONGEST = 40  # characters of a column's name

T = TypeVar("T")
Keys = Mapping[str, Callable[[T], Any]]
"""What a table can be sorted by: the name of a column, and its value in a row; None is unknown."""


class Heading(NamedTuple):
    """The heading of a column: the address that sorts by it, and how the table is sorted now."""

    href: str
    order: Literal["ascending", "descending", "none"]


def sort_rows(visit: Visit, rows: Iterable[T], keys: Keys[T], by: str = "sort") -> list[T]:
    """Sorts rows as the address says; unknown values come last, other rows keep their order."""
    name, reverse = _wanted(visit, by)
    found = list(rows)
    if name not in keys:
        return found
    key = keys[name]
    known = [row for row in found if key(row) is not None]
    known.sort(key=key, reverse=reverse)
    return known + [row for row in found if key(row) is None]


def draw_headings(
    visit: Visit, path: str, keys: Keys[T], by: str = "sort", place: str = "", **query: object
) -> dict[str, Heading]:
    """Returns the headings of the columns by name; following one again turns the order around.

    `place` is the id of an element within the page, if the table is not at its top.
    """
    name, reverse = _wanted(visit, by)
    found = {}
    for column in keys:
        order: Literal["ascending", "descending", "none"] = "none"
        if column == name:
            order = "descending" if reverse else "ascending"
        turned = f"-{column}" if order == "ascending" else column
        href = visit.at(path, **query, **{by: turned}) + (f"#{place}" if place else "")
        found[column] = Heading(href, order)
    return found


def number_of(text: str | None) -> Decimal | None:
    """Returns a figure of the account to sort by, None for one that is unknown or that is not."""
    return Decimal(text) if text else None


def _wanted(visit: Visit, by: str) -> tuple[str, bool]:
    text = visit.query.get(by, "")[:_LONGEST]
    return text.removeprefix("-"), text.startswith("-")
