"""The lines of the books: the declared lines of one number added up, and how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from traceledger.audit.fates import FATES, OPEN
from traceledger.audit.values import Unknown
from traceledger_api.pages.customs.figures import Cell, decimals, plus
from traceledger_api.pages.customs.sorting import Keys, number_of
from traceledger_api.pages.customs.visit import Visit

__all__ = [
    "BookLine",
    "book_name",
    "draw_row",
    "draw_total",
    "find_undeclared",
    "line_keys",
    "list_book_lines",
    "weigh_line",
]

Json = dict[str, Any]
_SEVERITIES = "HML"
_NO_BOOK = -1


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


def list_book_lines(visit: Visit) -> list[BookLine]:
    """Returns the lines of the books in the order of their numbers, with findings."""
    found: dict[tuple[int, str], BookLine] = {}
    for number, book in enumerate(visit.described["books"]):
        for place, line in enumerate(book["lines_in"]):
            name = line.get("book_line") or ""
            row = found.setdefault((number, name), BookLine(number, name))
            row.lines.append((f"/books/{number}/lines_in/{place}", line))
    _count_findings(visit, found)
    return sorted(found.values(), key=_number_order)


def find_undeclared(visit: Visit) -> BookLine | None:
    """Returns the cores of the account that name no declaration line, None without any."""
    described = visit.described["no_book"]
    if "fate" not in described:
        return None
    imported = str(sum(map(int, described["fate"].values())))
    return BookLine(
        _NO_BOOK, "", [("/no_book", {**described, "imported": imported, "part_nos": []})]
    )


def line_keys(visit: Visit) -> Keys[BookLine]:
    """Returns what the lines of the books are sorted by: pieces, not kg."""

    def of(read: str, *more: str) -> Callable[[BookLine], Decimal | None]:
        return lambda line: number_of(line.sum(read, *more))

    return {
        "book-line": _number_order,
        "imported": of("imported"),
        **{f"fate.{fate}": of("fate", fate) for fate in FATES if fate not in OPEN},
        "fate.open": of("open"),
        "oldest": _oldest,
        "residual": lambda line: number_of(_residual(visit, line)[1]),
        "nav.findings": lambda line: tuple(line.findings[letter] for letter in _SEVERITIES),
    }


def book_name(book: Json) -> str:
    """Returns the number of a book for addresses, otherwise its id."""
    number = book.get("number") or ""
    return number if number and "/" not in number else book["book"].partition("/")[2]


def weigh_line(line: BookLine) -> str | None:
    """Returns the weight of all cores of a line, also of those that are missing."""
    return plus(value for _, one in line.lines for value in (one["fate_kg"].values() or ("0",)))


def draw_row(
    visit: Visit, line: BookLine, fates: list[Any], all_lines: list[BookLine]
) -> dict[str, Any]:
    """Returns a row of the table; the figures of a single declared line lead to what they sum."""
    single = line.lines[0][0] if len(line.lines) == 1 else ""
    address, limit = "/items", 0
    residual_path = ""
    residual: str | None = ""
    has_book = line.book != _NO_BOOK
    if has_book:
        book = visit.described["books"][line.book]
        address = f"/book/{book_name(book)}/line/{line.number or '-'}"
        limit = visit.account.picture.policy.max_days(book["book"])
        residual_path, residual = _residual(visit, line)
    places = _places(all_lines, fates)

    def cell(name: str, text: str | None, path: str, pad: int = 0) -> Cell:
        if single and path and (has_book or name != "imported"):
            return Cell(text, visit.at("/figure" + single + path), pad)
        more = {} if name == "imported" else {"fate": name}
        return Cell(text, visit.at(address, **more), pad)

    opened = plus(line.sum("fate_kg", fate) for fate in OPEN)
    return {
        "number": line.number or "–" if has_book else visit.words("lines.undeclared"),
        "href": visit.at(address),
        "parts": sorted({part for _, one in line.lines for part in one["part_nos"]}),
        "bar": _bar(line, fates),
        "imported": (
            cell("imported", line.sum("imported"), "/imported"),
            cell("imported", weigh_line(line), "/kg", places),
        ),
        "fates": [
            (
                cell(fate, line.sum("fate", fate), _path_of(line, "fate", fate)),
                cell(fate, line.sum("fate_kg", fate), _path_of(line, "fate_kg", fate), places),
            )
            for fate in fates
        ],
        "open": (cell("open", line.sum("open"), "/open"), cell("open", opened, "/open", places)),
        "oldest": _oldest(line),
        "limit": limit,
        "overdue": cell("overdue", line.sum("overdue"), "/overdue"),
        "residual": Cell(residual, residual_path, differs=True),
        "findings": [(severity, line.findings[severity]) for severity in _SEVERITIES],
    }


def draw_total(visit: Visit, lines: list[BookLine], fates: list[Any]) -> dict[str, Any]:
    """Returns the sums of all lines, below the table."""
    places = _places(lines, fates)
    return {
        "imported": (
            Cell(plus(x.sum("imported") for x in lines), visit.at("/items")),
            Cell(plus(weigh_line(x) for x in lines), visit.at("/items"), places),
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


def _number_order(line: BookLine) -> tuple[int, str, str]:
    return line.book, line.number.zfill(6), line.number


def _oldest(line: BookLine) -> int | None:
    """Returns the age of the oldest open core in days, None without one."""
    days = (int(one["oldest_open_days"]) for _, one in line.lines if "oldest_open_days" in one)
    return max(days, default=None)


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
    texts = [weigh_line(line) for line in lines]
    texts += [line.sum("fate_kg", fate) for line in lines for fate in (*fates, *OPEN)]
    return decimals(texts)


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
