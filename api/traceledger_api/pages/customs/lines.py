"""Declaration lines and lines of the book: what was declared, what arrived or left, its cores."""

from __future__ import annotations

from typing import Any

from traceledger.audit.behind import find_parts
from traceledger.audit.fates import FATES, OPEN
from traceledger.audit.figures import multiply, show
from traceledger.audit.values import Unknown, read
from traceledger.errors import NotFoundError
from traceledger.events.token import parse_token
from traceledger.identifiers import parse_decimal
from traceledger_api.pages.customs.book_lines import book_name
from traceledger_api.pages.customs.cores import draw_cores
from traceledger_api.pages.customs.figure_page import draw_figure
from traceledger_api.pages.customs.figures import Cell, decimals, plus
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_book_line", "draw_line", "find_line"]

Json = dict[str, Any]


def find_line(visit: Visit, first: str, second: str) -> str:
    """Returns the line that an address names by list and number, or by its id.

    Raises NotFoundError `item.unknown`.
    """
    lines = visit.account.picture.lines
    if f"{first}/{second}" in lines:
        return f"{first}/{second}"
    for item, line in lines.items():
        for names in (("list_no", "list_line"), ("entry_no", "entry_line")):
            values = tuple(str(read(line, line.opened, name)) for name in names)
            if values == (first, second):
                return item
    raise NotFoundError("item.unknown", f"no declaration line has the number {first} / {second}")


def draw_line(visit: Visit, item: str) -> dict[str, Any]:
    """Returns the values of the page of a declaration line."""
    for number, book in enumerate(visit.described["books"]):
        for side in ("lines_in", "lines_out"):
            for place, line in enumerate(book[side]):
                if line["declaration"] == item:
                    return _draw(visit, f"/books/{number}/{side}/{place}", line, book)
    raise NotFoundError("item.unknown", f"{item} is in no book of this account")


def draw_book_line(visit: Visit, book_no: str, number: str) -> dict[str, Any]:
    """Returns the values of the page of a line of a book, by number."""
    for place, book in enumerate(visit.described["books"]):
        if book_no in {book.get("number"), book["book"].partition("/")[2]}:
            wanted = "" if number == "-" else number
            lines = [
                (f"/books/{place}/lines_in/{at}", line)
                for at, line in enumerate(book["lines_in"])
                if (line.get("book_line") or "") == wanted
            ]
            if lines:
                path = f"/book/{book_no}/line/{number}"
                items = frozenset(line["declaration"] for _, line in lines)
                return {
                    "book": book,
                    "number": number,
                    "lines": [_inbound(visit, at, line) for at, line in lines],
                    "findings": _findings(visit, items),
                    **draw_cores(visit, items, path),
                }
    raise NotFoundError("item.unknown", f"no book {book_no} has a line {number}")


def _draw(visit: Visit, path: str, line: Json, book: Json) -> dict[str, Any]:
    item = line["declaration"]
    thing = visit.account.picture.lines[item]
    opened = thing.opened
    inbound = "imported" in line
    page = visit.line_path(item)
    values = {
        "line": line,
        "name": visit.line_name(item),
        "inbound": inbound,
        "book": book,
        "book_href": visit.at(f"/book/{book_name(book)}/line/{line.get('book_line') or '-'}"),
        "goods": _text(read(thing, opened, "goods_name")),
        "event": visit.event(opened.index),
        "declared_on": visit.clock.day(opened.at),
        "by": visit.party(_signer(visit, opened.index)),
        "settled": line["due"]
        and line.get("open") == "0"
        and visit.account.closes(visit.account.sums.lines.lines[item]),
        "rows": _inbound(visit, path, line)["rows"] if inbound else _outbound(visit, path, line),
        "fates": _fates(visit, path, line) if inbound else [],
        "findings": _findings(visit, frozenset({item})),
    }
    if inbound:
        values |= draw_cores(visit, frozenset({item}), page)
    else:
        parts = find_parts(visit.account, visit.described, f"{path}/left")
        values["sums"] = draw_figure(visit, f"{path}/left", parts)["sums"]
    return values


def _signer(visit: Visit, index: int) -> str:
    (entry,) = visit.ledger.read_entries(index, index + 1)
    return parse_token(entry.body).payload.iss


def _inbound(visit: Visit, path: str, line: Json) -> dict[str, Any]:
    places = decimals((line["declared_kg"], line["kg"]))
    currency = line["currency"]
    values = line["value"] or {}
    actual = values.get(currency) if currency else None
    policy = visit.account.picture.policy
    return {
        "name": visit.line_name(line["declaration"]),
        "href": visit.item(line["declaration"]),
        "due": line["due"],
        "rows": [
            {
                "name": "pieces",
                "cells": [
                    visit.figure(line.get("declared", ""), f"{path}/declared"),
                    visit.figure(line["imported"], f"{path}/imported"),
                    visit.figure(line["missing"], f"{path}/missing"),
                    visit.figure(line["arrived"], f"{path}/arrived"),
                    visit.figure(line.get("difference", ""), f"{path}/difference", differs=True),
                ],
                "allowed": "0",
            },
            {
                "name": "kg",
                "cells": [
                    visit.figure(line["declared_kg"], f"{path}/declared_kg", places),
                    Cell(""),
                    Cell(""),
                    visit.figure(line["kg"], f"{path}/kg", places),
                    Cell(_minus(line["declared_kg"], line["kg"]), "", places, differs=True),
                ],
                "allowed": _allowed(line["declared_kg"], policy.tolerance("weight")),
            },
            {
                "name": "value",
                "unit": currency,
                "cells": [
                    visit.figure(line["declared_value"], f"{path}/declared_value", 2),
                    Cell(""),
                    Cell(""),
                    visit.figure(actual, f"{path}/value/{currency}", 2)
                    if currency in values
                    else Cell(actual),
                    Cell(_minus(line["declared_value"], actual), "", 2, differs=True),
                ],
                "allowed": _allowed(line["declared_value"], policy.tolerance("value")),
            },
        ],
    }


def _outbound(visit: Visit, path: str, line: Json) -> list[dict[str, Any]]:
    places = decimals((line["declared_kg"], line["kg"]))
    names = ("declared", "exported", "returned", "diverted", "left", "pending", "difference")
    return [
        {
            "name": "pieces",
            "cells": [
                visit.figure(line.get(name, ""), f"{path}/{name}", differs=name == "difference")
                for name in names
            ],
        },
        {
            "name": "kg",
            "cells": [
                visit.figure(line["declared_kg"], f"{path}/declared_kg", places),
                *(Cell(""),) * 3,
                visit.figure(line["kg"], f"{path}/kg", places),
                Cell(""),
                Cell(_minus(line["declared_kg"], line["kg"]), "", places, differs=True),
            ],
        },
    ]


def _fates(visit: Visit, path: str, line: Json) -> list[dict[str, Any]]:
    places = decimals(line["fate_kg"].values())
    return [
        {
            "name": fate,
            "is_open": fate in OPEN,
            "pieces": visit.figure(line["fate"][fate], f"{path}/fate/{fate}"),
            "kg": visit.figure(line["fate_kg"][fate], f"{path}/fate_kg/{fate}", places),
        }
        for fate in FATES
        if fate in line["fate"]
    ]


def _findings(visit: Visit, lines: frozenset[str]) -> list[dict[str, Any]]:
    """Returns the findings on lines, on their cores and on what these became, by code."""
    picture = visit.account.picture
    found: dict[tuple[str, str], int] = {}
    for finding in visit.computed.findings:
        thing = picture.things.get(finding.subject)
        if thing is None or not thing.steps:
            continue
        root = thing
        if thing.chain in {"component", "unit"} and thing.root:
            root = picture.things[thing.root]
        if finding.subject in lines or (root.chain == "core" and root.line in lines):
            key = finding.severity, finding.code
            found[key] = found.get(key, 0) + 1
    return [
        {"severity": severity, "code": code, "count": n, "href": visit.at("/findings", code=code)}
        for (severity, code), n in sorted(found.items())
    ]


def _minus(left: str | None, right: str | None) -> str | None:
    if left is None or right is None:
        return None
    negated = right[1:] if right.startswith("-") else f"-{right}"
    return plus((left, negated))


def _allowed(declared: str | None, tolerance: Any) -> str | None:
    if declared is None:
        return None
    allowed = show(multiply(parse_decimal(declared), tolerance))
    return f"±{allowed}" if allowed != "0" else "0"


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, Unknown) else str(value)
