"""The overview: verdict, equation, flow, book lines, findings by code, balances, lines out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from traceledger.audit.fates import FATES, OPEN
from traceledger.audit.lots import FLOWS
from traceledger.audit.values import Unknown
from traceledger_api.pages.customs.figures import Cell, decimals, group, plus
from traceledger_api.pages.customs.flow import draw_flow
from traceledger_api.pages.customs.visit import Visit

__all__ = ["SETTLED", "book_name", "draw_overview", "findings_by_code", "state_verdict"]

SETTLED = FATES[:6]
Json = dict[str, Any]
_SEVERITIES = "HML"


@dataclass(slots=True)
class BookLine:
    """The declared lines of one number in a book, added up; texts are figures of the account."""

    book: int
    number: str
    lines: list[tuple[str, Json]] = field(default_factory=list)
    findings: Counter[str] = field(default_factory=Counter)

    def sum(self, read: str, *more: str) -> str | None:
        """Adds a member of all lines; a fate that a line does not have is 0."""
        values = []
        for _, line in self.lines:
            value = line[read]
            for name in more:
                value = value.get(name, "0")
            values.append(value)
        return plus(values)


def draw_overview(visit: Visit) -> dict[str, Any]:
    """Returns the values of the overview's template."""
    lines = _book_lines(visit)
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
        "rows": [_row(visit, line, used, lines) for line in lines],
        "total": _total(visit, lines, used),
        "codes": findings_by_code(visit),
        "severities": Counter(one["severity"] for one in visit.described["findings"]),
        "balances": list(_balances(visit)),
        "lines_out": list(_lines_out(visit)),
        "due": _due(visit),
    }


def state_verdict(visit: Visit) -> Mapping[str, str]:
    """Returns the verdict in a sentence, with its tone and sign."""
    described, t = visit.described, visit.words
    high = sum(one["severity"] == "H" for one in described["findings"])
    verdict = described["verdict"]
    values: dict[str, object] = {
        "open": group(described["open_cores"]),
        "n": group(str(sum(1 for _ in _cores(visit)))),
    }
    if verdict == "differs":
        differing = [line for line in _all_lines(described) if _differs(line)]
        pieces = plus(line["difference"].lstrip("-") for line in differing)
        key = "verdict.differs" if differing else "verdict.high"
        values |= {"k": len(differing), "d": group(pieces or "0"), "h": high}
    elif verdict == "not_evaluated":
        key, values["k"] = "verdict.not_evaluated", len(described["not_evaluated"])
    else:
        key = f"verdict.{verdict}"
    tones = {"closes": "good", "balances": "good", "differs": "stop", "not_evaluated": "plain"}
    signs = {"closes": "closed", "balances": "open", "differs": "warn", "not_evaluated": "none"}
    return {"text": t(key, **values), "tone": tones[verdict], "sign": signs[verdict]}


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


def _cores(visit: Visit) -> Iterator[Any]:
    for book in visit.described["books"]:
        for line in book["lines_in"]:
            yield from range(int(line["imported"]))


def _all_lines(described: Json) -> Iterator[Json]:
    for book in described["books"]:
        yield from book["lines_in"]
        yield from book["lines_out"]


def _differs(line: Json) -> bool:
    return bool(line["due"]) and line.get("difference") not in {None, "0"}


def _book_lines(visit: Visit) -> list[BookLine]:
    found: dict[tuple[int, str], BookLine] = {}
    for number, book in enumerate(visit.described["books"]):
        for place, line in enumerate(book["lines_in"]):
            name = line.get("book_line") or ""
            row = found.setdefault((number, name), BookLine(number, name))
            row.lines.append((f"/books/{number}/lines_in/{place}", line))
    _count_findings(visit, found)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1].zfill(6), key[1]))]


def _count_findings(visit: Visit, rows: Mapping[tuple[int, str], BookLine]) -> None:
    picture = visit.account.picture
    books = {book["book"]: number for number, book in enumerate(visit.described["books"])}
    for finding in visit.computed.findings:
        thing = picture.things.get(finding.subject)
        if thing is None or not thing.steps:
            continue
        if thing.chain == "declaration" and thing.opened.kind == "declare_in":
            number, book = picture.book_line(thing), thing.book
        elif thing.chain in {"core", "component", "unit"}:
            number, book = picture.book_line_of(thing), picture.book_of(thing)
        else:
            continue
        name = "" if number is None or isinstance(number, Unknown) else str(number)
        row = rows.get((books.get(book, -1), name))
        if row is not None:
            row.findings[finding.severity] += 1


def _equation(visit: Visit, lines: list[BookLine], fates: list[Any]) -> list[dict[str, Any]]:
    imported, kg = plus(x.sum("imported") for x in lines), plus(_kg(x) for x in lines)
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


def _kg(line: BookLine) -> str | None:
    """Returns the weight of all cores of a line, also of those that are missing."""
    return plus(value for _, one in line.lines for value in (one["fate_kg"].values() or ("0",)))


def _row(
    visit: Visit, line: BookLine, fates: list[Any], all_lines: list[BookLine]
) -> dict[str, Any]:
    """Returns a row of the table; the figures of a single declared line lead to what they sum."""
    single = line.lines[0][0] if len(line.lines) == 1 else ""
    books = visit.described["books"]
    page = visit.at(f"/book/{book_name(books[line.book])}/line/{line.number or '-'}")
    places = _places(all_lines, fates)

    def cell(name: str, text: str | None, path: str, pad: int = 0) -> Cell:
        if single and path:
            return Cell(text, visit.at("/figure" + single + path), pad)
        return Cell(text, page if name == "imported" else f"{page}&fate={name}", pad)

    residual_path, residual = _residual(visit, line)
    oldest = [int(one["oldest_open_days"]) for _, one in line.lines if "oldest_open_days" in one]
    opened = plus(line.sum("fate_kg", fate) for fate in OPEN)
    return {
        "number": line.number or "–",
        "href": page,
        "parts": sorted({part for _, one in line.lines for part in one["part_nos"]}),
        "bar": _bar(line, fates),
        "imported": (
            cell("imported", line.sum("imported"), "/imported"),
            cell("imported", _kg(line), "/kg", places),
        ),
        "fates": [
            (
                cell(fate, line.sum("fate", fate), _path_of(line, "fate", fate)),
                cell(fate, line.sum("fate_kg", fate), _path_of(line, "fate_kg", fate), places),
            )
            for fate in fates
        ],
        "open": (cell("open", line.sum("open"), "/open"), cell("open", opened, "/open", places)),
        "oldest": max(oldest, default=None),
        "limit": visit.account.picture.policy.max_days(books[line.book]["book"]),
        "overdue": cell("overdue", line.sum("overdue"), "/overdue"),
        "residual": Cell(residual, residual_path, differs=True),
        "findings": [(severity, line.findings[severity]) for severity in _SEVERITIES],
    }


def _path_of(line: BookLine, member: str, fate: str) -> str:
    """Returns the path of a fate of a single line; empty for a fate of no core."""
    (_, one), *_ = line.lines
    return f"/{member}/{fate}" if fate in one[member] else ""


def _residual(visit: Visit, line: BookLine) -> tuple[str, str | None]:
    cores = visit.described["books"][line.book]["cores"]
    for place, row in enumerate(cores):
        if (row.get("book_line") or "") == line.number:
            path = f"/figure/books/{line.book}/cores/{place}/residual"
            return visit.at(path), row["residual"]
    return "", "0"


def _places(lines: Iterable[BookLine], fates: list[Any]) -> int:
    texts = [_kg(line) for line in lines]
    texts += [line.sum("fate_kg", fate) for line in lines for fate in (*fates, *OPEN)]
    return decimals(texts)


def _total(visit: Visit, lines: list[BookLine], fates: list[Any]) -> dict[str, Any]:
    places = _places(lines, fates)
    return {
        "imported": (
            Cell(plus(x.sum("imported") for x in lines), visit.at("/items")),
            Cell(plus(_kg(x) for x in lines), visit.at("/items"), places),
        ),
        "fates": [
            (
                Cell(plus(x.sum("fate", fate) for x in lines), visit.at("/items", fate=fate)),
                Cell(
                    plus(x.sum("fate_kg", fate) for x in lines),
                    visit.at("/items", fate=fate),
                    places,
                ),
            )
            for fate in fates
        ],
        "open": (
            Cell(plus(x.sum("open") for x in lines), visit.at("/figure/open_cores")),
            Cell(
                plus(value for x in lines for fate in OPEN for value in [x.sum("fate_kg", fate)]),
                visit.at("/figure/open_cores"),
                places,
            ),
        ),
        "overdue": plus(x.sum("overdue") for x in lines),
        "findings": sum(sum(x.findings.values()) for x in lines),
    }


def _bar(line: BookLine, fates: list[Any]) -> list[dict[str, Any]]:
    """Returns the shares of fates as rectangles of a bar 1,000 wide; an open piece is visible."""
    whole = Decimal(line.sum("imported") or "0")
    rectangles: list[dict[str, Any]] = []
    x = Decimal(0)
    for name, count in (
        *((fate, line.sum("fate", fate)) for fate in fates),
        ("open", line.sum("open")),
    ):
        share = Decimal(count or "0")
        if not whole or not share:
            continue
        width = max(Decimal(12), (share * 1000 / whole).quantize(Decimal(1)))
        rectangles.append({"fate": name, "x": x, "width": width})
        x += width
    return rectangles


def _balances(visit: Visit) -> Iterator[dict[str, Any]]:
    for number, book in enumerate(visit.described["books"]):
        base = f"/books/{number}"
        for table, inflow in (("units", "assembled"), ("components", "harvested")):
            if book[table]:
                yield _balance(visit, f"{base}/{table}", table, book[table], inflow)
        if book["mass"]:
            yield _mass(visit, f"{base}/mass", book["mass"])
    for place, lot in enumerate(visit.described["new_parts"]):
        path = f"/new_parts/{place}"
        yield {
            "name": "new_parts",
            "detail": lot["lot"],
            "in": [visit.figure(lot["filled"], f"{path}/filled")],
            "out": [Cell(plus(lot[term] for term in FLOWS[1:]), visit.at("/table/new_parts"))],
            "here": visit.figure(lot["close"], f"{path}/close"),
            "residual": visit.figure(lot["residual"], f"{path}/residual", differs=True),
        }
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
        for term in ("consumed", "exported", "returned", "diverted", "scrapped", "disassembled")
        if term in rows[0]
    ]
    first = path + "/0"
    return {
        "name": table,
        "detail": "",
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
                "attested": visit.figure(line["attested"], f"{path}/attested"),
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


def book_name(book: Json) -> str:
    """Returns the number of a book for addresses, otherwise its id."""
    number = book.get("number") or ""
    return number if number and "/" not in number else book["book"].partition("/")[2]
