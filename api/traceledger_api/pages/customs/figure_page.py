"""What a figure sums: its rows with signs, and the entries that show each."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from traceledger.audit.behind import find_figure
from traceledger.audit.contributions.part import Part
from traceledger.audit.figures import show
from traceledger.audit.output import NAMES
from traceledger.errors import NotFoundError
from traceledger_api.pages.customs.cores import page_of
from traceledger_api.pages.customs.events import draw_places
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.sorting import Keys, draw_headings, sort_rows
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_figure", "draw_table", "sort_parts"]

_MOST = 6  # entries of a part that are shown in a row
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NAMES = frozenset({*NAMES, "part", "part_no", "new_part"})  # a part number may be all digits


_KEYS: Keys[Part] = MappingProxyType(
    {"item": lambda part: part.item, "contribution": lambda part: part.value}
)


def sort_parts(visit: Visit, parts: list[Part]) -> list[Part]:
    """Returns the parts of a figure in the order of the address; evidence has the same."""
    return sort_rows(visit, parts, _KEYS)


def draw_figure(visit: Visit, path: str, parts: list[Part]) -> dict[str, Any]:
    """Returns the values of the page of a figure."""
    value = find_figure(visit.described, path)
    page = page_of(visit, sort_parts(visit, parts), "/figure" + path)
    page["headings"] = draw_headings(visit, "/figure" + path, _KEYS)
    places = decimals(show(part.value) for part in page["rows"])
    page["rows"] = [
        {
            "item": part.item,
            "name": visit.short(part.item),
            "href": visit.item(part.item),
            "value": Cell.of(part.value, "", places),
            "entries": draw_places(visit, part.entries[:_MOST]),
            "more": max(0, len(part.entries) - _MOST),
        }
        for part in page["rows"]
    ]
    return {
        "path": path,
        "zip": visit.at(
            "/evidence",
            figure=path,
            after=visit.number("after") or "",
            sort=visit.query.get("sort", ""),
        ),
        "value": Cell(value) if _is_figure(path.rpartition("/")[2], value) else None,
        "stated": "" if value is None or isinstance(value, (dict, list)) else str(value),
        "crumbs": _crumbs(visit, path),
        "term": path.rpartition("/")[2],
        "sums": page,
        "terms": [] if parts else _siblings(visit, path),
    }


def draw_table(visit: Visit, path: str) -> dict[str, Any]:
    """Returns the members of a table of the account, each with its address.

    Raises NotFoundError `account.figure`.
    """
    value = find_figure(visit.described, path)
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, dict) for row in rows):
        raise NotFoundError("account.figure", f"the account has no table at {path}")
    base = path if not isinstance(value, list) else None
    tables = []
    for place, row in enumerate(rows):
        at = base or f"{path}/{place}"
        members = _figures(visit, row, at)
        name = row.get("book_line") or row.get("part") or row.get("lot") or ""
        tables.append({"name": name, "members": members})
    return {"path": path, "table": path.rpartition("/")[2], "tables": tables}


def _siblings(visit: Visit, path: str) -> list[tuple[str, Cell]]:
    """Returns the other members of the row to which a figure belongs."""
    row = find_figure(visit.described, path.rpartition("/")[0])
    if not isinstance(row, dict):
        return []
    at = path.rpartition("/")[0]
    return _figures(visit, row, at)


def _figures(visit: Visit, row: dict[str, Any], at: str) -> list[tuple[str, Cell]]:
    """Returns the figures of a row of the account; what identifies the row is none."""
    return [
        (name, visit.figure(value, f"{at}/{name}"))
        for name, value in row.items()
        if _is_figure(name, value)
    ]


def _is_figure(name: str, value: Any) -> bool:
    """Reports whether a member is a figure, known or not; other members are names and texts."""
    if name in _NAMES:
        return False
    return value is None or (isinstance(value, str) and _NUMBER.fullmatch(value) is not None)


def _crumbs(visit: Visit, path: str) -> list[tuple[str, str]]:
    """Returns where in the account a figure stands."""
    steps = path.split("/")[1:]
    if len(steps) >= 4 and steps[0] == "books" and steps[2] in {"lines_in", "lines_out"}:
        line = find_figure(visit.described, "/" + "/".join(steps[:4]))["declaration"]
        return [(visit.line_name(line), visit.item(line))]
    if len(steps) >= 3 and steps[0] == "books":
        return [
            (
                visit.words.get(f"table.{steps[2]}", steps[2]),
                visit.at("/table/" + "/".join(steps[:3])),
            )
        ]
    return []
