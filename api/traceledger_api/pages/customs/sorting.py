"""Sorting a table by a link in its heading; the address contains the order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

from traceledger_api.pages.customs.visit import Visit

__all__ = ["Heading", "Keys", "draw_headings", "sort_rows"]

T = TypeVar("T")
Keys = Mapping[str, Callable[[T], Any]]
"""What a table can be sorted by: the name of a column, and its value in a row; None is unknown."""


class Heading(NamedTuple):
    """The heading of a column: the address that sorts by it, and how the table is sorted now."""

    href: str
    order: Literal["ascending", "descending", "none"]


def sort_rows(visit: Visit, rows: Iterable[T], keys: Keys[T]) -> list[T]:
    """Sorts rows as the address says; unknown values come last, other rows keep their order."""
    name, reverse = _wanted(visit)
    found = list(rows)
    if name not in keys:
        return found
    key = keys[name]
    known = [row for row in found if key(row) is not None]
    known.sort(key=key, reverse=reverse)
    return known + [row for row in found if key(row) is None]


def draw_headings(visit: Visit, path: str, keys: Keys[T], **query: object) -> dict[str, Heading]:
    """Returns the headings of the columns by name; following one again turns the order around."""
    name, reverse = _wanted(visit)
    found = {}
    for column in keys:
        order: Literal["ascending", "descending", "none"] = "none"
        if column == name:
            order = "descending" if reverse else "ascending"
        turned = f"-{column}" if order == "ascending" else column
        found[column] = Heading(visit.at(path, **query, sort=turned), order)
    return found


def _wanted(visit: Visit) -> tuple[str, bool]:
    text = visit.query.get("sort", "")
    return text.removeprefix("-"), text.startswith("-")
