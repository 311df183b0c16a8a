"""The overview: verdict, equation, flow, book lines, findings by code, balances, lines out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from traceledger.audit.fates import FATES, OPEN
from traceledger.audit.lots import FLOWS
from traceledger.audit.sentence import choose_sentence
from traceledger.reports.extent import Extent, describe_extent, is_later
from traceledger_api.pages.customs.book_lines import (
    BookLine,
    draw_row,
    draw_total,
    find_undeclared,
    line_keys,
    list_book_lines,
    weigh_line,
)
from traceledger_api.pages.customs.figures import Cell, decimals, group, plus
from traceledger_api.pages.customs.flow import draw_flow
from traceledger_api.pages.customs.sorting import Keys, draw_headings, number_of, sort_rows
from traceledger_api.pages.customs.visit import Visit

__all__ = ["SETTLED", "draw_overview", "findings_by_code", "state_verdict"]

SETTLED = FATES[:6]
Json = dict[str, Any]
_SEVERITIES = "HML"


def draw_overview(visit: Visit) -> dict[str, Any]:
    """Returns the values of the overview's template."""
    lines = list_book_lines(visit)
    keys = line_keys(visit)
    ordered = sort_rows(visit, lines, keys)
    if undeclared := find_undeclared(visit):
        lines, ordered = [*lines, undeclared], [*ordered, undeclared]
    lines_out = sort_rows(visit, _lines_out(visit), _KEYS_OUT, "out")
    orders = {by: visit.query.get(by, "")[:40] for by in ("sort", "out")}
    fates = [fate for fate in FATES if fate not in OPEN]
    used = [
        fate
        for fate in fates
        if fate != "short_settled" or any(line.sum("fate", fate) != "0" for line in lines)
    ]
    return {
        "verdict": state_verdict(visit),
        "equation": _equation(visit, lines, used),
        "flow": draw_flow(visit),
        "fates": used,
        "rows": [draw_row(visit, line, used, lines) for line in ordered],
        "headings": draw_headings(visit, "", keys, place="lines-title", out=orders["out"]),
        "headings_out": draw_headings(
            visit, "", _KEYS_OUT, "out", place="out-title", sort=orders["sort"]
        ),
        "total": draw_total(visit, lines, used),
        "codes": findings_by_code(visit),
        "severities": Counter(one["severity"] for one in visit.described["findings"]),
        "groups": list(_group(visit)),
        "later": is_later(visit.described),
        "lines_out": lines_out,
        "due": _due(visit),
    }


_KEYS_OUT: Keys[dict[str, Any]] = MappingProxyType(
    {
        "list-line": lambda row: row["name"],
        "declared": lambda row: number_of(row["declared"][0].text),
        "left": lambda row: number_of(row["left"][0].text),
        "attested-by-customs": lambda row: number_of(row["attested"].text),
        "pending": lambda row: number_of(row["pending"].text),
        "difference": lambda row: number_of(row["difference"].text),
    }
)


def state_verdict(visit: Visit) -> Mapping[str, str]:
    """Returns the verdict in a sentence, with its tone and sign."""
    found = choose_sentence(visit.described, visit.account.differences())
    key = "findings-high" if found.name == "findings" else found.name
    text = visit.words(
        f"verdict.{key}",
        open=group(str(found.open)),
        n=group(str(found.cores)),
        k=found.lines,
        d=group(format(found.pieces, "f")),
        h=found.high,
        u=found.unknown,
        j=found.unjudged,
    )
    tones = {"closes": "good", "balances": "good", "not_evaluated": "plain", "unjudged": "plain"}
    signs = {"closes": "closed", "balances": "open", "not_evaluated": "none", "unjudged": "none"}
    return {
        "text": text,
        "tone": tones.get(found.name, "stop"),
        "sign": signs.get(found.name, "warn"),
    }


def findings_by_code(visit: Visit) -> list[dict[str, Any]]:
    """Returns one row for each code, the most severe first."""
    groups: dict[tuple[int, str], list[Json]] = {}
    for finding in visit.described["findings"]:
        key = _SEVERITIES.index(finding["severity"]), finding["code"]
        groups.setdefault(key, []).append(finding)
    return [
        {
            "severity": _SEVERITIES[severity],
            "code": code,
            "count": len(found),
            "first": found[0],
            "href": visit.at(f"/findings/{code}/{found[0]['subject']}")
            if len(found) == 1
            else visit.at("/findings", code=code),
        }
        for (severity, code), found in sorted(groups.items())
    ]


def _equation(visit: Visit, lines: list[BookLine], fates: list[Any]) -> list[dict[str, Any]]:
    imported, kg = plus(x.sum("imported") for x in lines), plus(weigh_line(x) for x in lines)
    opened = plus(x.sum("open") for x in lines)
    kilos = [plus(value for x in lines for value in [x.sum("fate_kg", fate)]) for fate in fates]
    open_kg = plus(value for x in lines for fate in OPEN for value in [x.sum("fate_kg", fate)])
    places = decimals([kg, *kilos, open_kg])
    terms = [("imported", imported, kg, visit.at("/items"))]
    for fate, weight in zip(fates, kilos, strict=True):
        count = plus(x.sum("fate", fate) for x in lines)
        terms.append((fate, count, weight, visit.at("/items", fate=fate)))
    terms.append(("open", opened, open_kg, visit.at("/figure/open_cores")))
    return [
        {"name": name, "pieces": Cell(count, href), "kg": Cell(weight, href, places)}
        for name, count, weight, href in terms
    ]


def _group(visit: Visit) -> Iterator[dict[str, Any]]:
    """Yields the balances; those of a later period apart from those that no period limits."""
    period, cumulative = list(_of_period(visit)), list(_cumulative(visit))
    if not is_later(visit.described):
        yield {"name": "balances", "extent": "", "balances": [*period, *cumulative]}
        return
    words = visit.words.of_reports
    extents: tuple[tuple[Extent, list[Json]], ...] = (
        ("period", period),
        ("cumulative", cumulative),
    )
    for extent, balances in extents:
        heading = describe_extent(visit.described, extent, words)
        yield {"name": f"{extent}-balances", "extent": heading, "balances": balances}


_INFLOWS = MappingProxyType({"cores": "imported", "units": "assembled", "components": "harvested"})


def _of_period(visit: Visit) -> Iterator[dict[str, Any]]:
    later = is_later(visit.described)
    for number, book in enumerate(visit.described["books"]):
        base = f"/books/{number}"
        for table, inflow in _INFLOWS.items():
            # In the first account, the lines of the book have the residual of its cores.
            if book[table] and (later or table != "cores"):
                yield _balance(visit, f"{base}/{table}", table, book[table], inflow)
    for place, lot in enumerate(visit.described["new_parts"]):
        path = f"/new_parts/{place}"
        yield {
            "name": "new_parts",
            "detail": lot["lot"],
            "opening": visit.figure(lot["opening"], f"{path}/opening"),
            "in": [visit.figure(lot["filled"], f"{path}/filled")],
            "out": [Cell(plus(lot[term] for term in FLOWS[1:]), visit.at("/table/new_parts"))],
            "here": visit.figure(lot["close"], f"{path}/close"),
            "residual": visit.figure(lot["residual"], f"{path}/residual", differs=True),
        }


def _cumulative(visit: Visit) -> Iterator[dict[str, Any]]:
    for number, book in enumerate(visit.described["books"]):
        if book["mass"]:
            yield _mass(visit, f"/books/{number}/mass", book["mass"])
    for place, lot in enumerate(visit.described["waste"]):
        path = f"/waste/{place}"
        places = decimals((lot["in"], lot["here"]))
        out = "destroyed" if lot["destroyed"] not in {"0", None} else "returned"
        yield {
            "name": "waste",
            "detail": lot["lot"],
            "in": [visit.figure(lot["in"], f"{path}/in", places)],
            "out": [visit.figure(lot[out], f"{path}/{out}", places)],
            "here": visit.figure(lot["here"], f"{path}/here", places),
            "residual": visit.figure(lot["residual"], f"{path}/residual", places, differs=True),
        }


def _balance(visit: Visit, path: str, table: str, rows: list[Json], inflow: str) -> dict[str, Any]:
    outflows = [
        term
        for term in (
            *("consumed", "exported", "returned", "diverted", "scrapped", "disassembled"),
            "short_settled",
        )
        if term in rows[0]
    ]
    first = path + "/0"
    return {
        "name": table,
        "detail": "",
        "opening": Cell(plus(row["opening"] for row in rows), visit.at(f"/table{path}")),
        "in": [Cell(plus(row[inflow] for row in rows), visit.at(f"/table{path}"))],
        "out": [
            Cell(plus(row[term] for row in rows for term in outflows), visit.at(f"/table{path}"))
        ],
        "here": Cell(plus(row["close"] for row in rows), visit.at(f"/table{path}")),
        "residual": Cell(
            plus(row["residual"] for row in rows),
            visit.at(f"/table{path}") if len(rows) > 1 else visit.at(f"/figure{first}/residual"),
            differs=True,
        ),
    }


def _mass(visit: Visit, path: str, mass: Json) -> dict[str, Any]:
    gone = ("out", "returned", "waste", "loose_waste", "short_settled", "loss")
    places = decimals(mass.values())
    return {
        "name": "mass",
        "detail": "",
        "in": [visit.figure(mass["cores_in"], f"{path}/cores_in", places)],
        "out": [Cell(plus(mass[term] for term in gone), visit.at(f"/table{path}"), places)],
        "here": visit.figure(mass["close"], f"{path}/close", places),
        "residual": visit.figure(mass["residual"], f"{path}/residual", places, differs=True),
    }


def _lines_out(visit: Visit) -> Iterator[dict[str, Any]]:
    lines = visit.account.sums.lines.lines
    for number, book in enumerate(visit.described["books"]):
        weights = [line[name] for line in book["lines_out"] for name in ("kg", "declared_kg")]
        places = decimals(weights)
        for place, line in enumerate(book["lines_out"]):
            path = f"/books/{number}/lines_out/{place}"
            yield {
                "name": visit.line_name(line["declaration"]),
                "href": visit.item(line["declaration"]),
                "book_line": line.get("book_line", "–"),
                "as": [name for name in ("exported", "returned", "diverted") if line[name] != "0"],
                "declared": (
                    visit.figure(line.get("declared", ""), f"{path}/declared"),
                    visit.figure(line["declared_kg"], f"{path}/declared_kg", places),
                ),
                "left": (
                    visit.figure(line["left"], f"{path}/left"),
                    visit.figure(line["kg"], f"{path}/kg", places),
                ),
                "attested": Cell(str(lines[line["declaration"]].attested)),
                "pending": visit.figure(line["pending"], f"{path}/pending"),
                "difference": visit.figure(
                    line.get("difference", ""), f"{path}/difference", differs=True
                ),
                "due": line["due"],
            }


def _due(visit: Visit) -> dict[str, Any]:
    lines_in = [line for book in visit.described["books"] for line in book["lines_in"]]
    lines_out = [line for book in visit.described["books"] for line in book["lines_out"]]
    return {
        "in": len(lines_in),
        "in_due": sum(line["due"] is True for line in lines_in),
        "out": len(lines_out),
        "out_due": sum(line["due"] is True for line in lines_out),
        "overdue": sum(int(line["overdue"]) for line in lines_in),
    }
