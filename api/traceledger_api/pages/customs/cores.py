"""Tables of cores: of a declaration line, of a line of the book, or of the whole account."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from traceledger.audit.cores import CoreRow
from traceledger.audit.fates import FATES, OPEN
from traceledger.audit.figures import show
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.flow import stage_of
from traceledger_api.pages.customs.sorting import Keys, draw_headings, sort_rows
from traceledger_api.pages.customs.visit import Visit

__all__ = ["PAGE", "Chip", "draw_cores", "draw_items", "page_of"]

PAGE = 100
_SEVERITIES = "HML"


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter: its name, how many rows it leaves, its address, and whether it is chosen."""

    name: str
    count: int
    href: str
    chosen: bool


_KEYS: Keys[CoreRow] = MappingProxyType(
    {
        "core": lambda row: row.item,
        "net-kg": lambda row: row.weight,
        "fate": lambda row: FATES.index(row.fate),
        "imported": lambda row: row.imported,
        "age-days": lambda row: row.days,
    }
)


def page_of(visit: Visit, rows: list[Any], path: str, **query: object) -> dict[str, Any]:
    """Returns the rows of the page that the address names, and the address of the next one."""
    after = visit.number("after")
    following = after + PAGE if after + PAGE < len(rows) else 0
    query["sort"] = visit.query.get("sort", "")[:20]
    return {
        "rows": rows[after : after + PAGE],
        "count": len(rows),
        "first": after + 1 if rows else 0,
        "last": min(after + PAGE, len(rows)),
        "next": visit.at(path, **query, after=following) if following else "",
        "back": visit.at(path, **query) if after else "",
    }


def draw_items(visit: Visit) -> dict[str, Any]:
    """Returns the values of the list of all cores."""
    return draw_cores(visit, None, "/items")


def draw_cores(visit: Visit, lines: frozenset[str] | None, path: str) -> dict[str, Any]:
    """Returns a table of the cores of these lines, with filters by fate."""
    found = [row for row in visit.computed.cores if lines is None or row.line in lines]
    fate, stage = visit.query.get("fate", ""), visit.query.get("stage", "")
    counts = Counter[str](row.fate for row in found)
    opened = sum(counts[name] for name in OPEN)
    chips = [Chip("all", len(found), visit.at(path), not fate and not stage)]
    chips += [
        Chip(name, counts[name], visit.at(path, fate=name), fate == name)
        for name in FATES
        if counts[name] and name not in OPEN
    ]
    chips.append(Chip("open", opened, visit.at(path, fate="open"), fate == "open"))
    chosen = [row for row in found if _matches(visit, row, fate, stage)]
    chosen = sort_rows(visit, chosen, _KEYS)
    page = page_of(visit, chosen, path, fate=fate, stage=stage)
    page["headings"] = draw_headings(visit, path, _KEYS, fate=fate, stage=stage)
    places = decimals(show(row.weight) for row in page["rows"])
    page["rows"] = [_draw(visit, row, places) for row in page["rows"]]
    return {"chips": chips, "cores": page}


def _matches(visit: Visit, row: CoreRow, fate: str, stage: str) -> bool:
    if stage and stage_of(visit, row) != stage:
        return False
    return fate in {"", row.fate} or (fate == "open" and row.is_open)


def _draw(visit: Visit, row: CoreRow, places: int) -> dict[str, Any]:
    picture, findings = visit.account.picture, visit.computed.findings_by_subject
    own = Counter(
        finding.severity for item in (row.item, row.became) for finding in findings.get(item, ())
    )
    core = picture.things[row.item]
    return {
        "item": visit.short(row.item),
        "href": visit.item(row.item),
        "part_no": row.part_no,
        "kg": Cell.of(row.weight, visit.event(core.opened.index), places),
        "fate": row.fate,
        "is_open": row.is_open,
        "became": [
            (visit.short(item), visit.item(item)) for item in (row.became, *row.parts) if item
        ],
        "left_on": (visit.line_name(row.left_on), visit.item(row.left_on)) if row.left_on else None,
        "imported": visit.clock.day(row.imported),
        "days": row.days,
        "findings": [(severity, own[severity]) for severity in _SEVERITIES if own[severity]],
    }
