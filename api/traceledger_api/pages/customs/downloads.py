"""Downloads: tables of the account as CSV, with the headings and words of reports.

Unknown is a word, and no cell is a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from traceledger.audit.fates import FATES
from traceledger.audit.figures import show
from traceledger.reports.sides import show_side
from traceledger.reports.words import Words
from traceledger_api.pages.customs.visit import Visit

__all__ = ["TABLES", "format_csv", "format_rows"]

Rows = Iterator[Mapping[str, Any]]


class Table(Protocol):
    """Yields the rows of a table."""

    def __call__(self, visit: Visit, /) -> Rows:
        """Yields the rows of a table of an account."""


def format_csv(visit: Visit, name: str) -> bytes:
    """Formats a table of an account, by its name."""
    return format_rows(list(TABLES[name](visit)), visit.words.of_reports)


def format_rows(rows: list[Mapping[str, Any]], words: Words) -> bytes:
    """Formats rows below the captions of their fields."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_caption(name, words) for name in names])
    for row in rows:
        writer.writerow([_cell(row[key], words) if key in row else "" for key in names])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _caption(name: str, words: Words) -> str:
    """Returns the caption of a field: `kg.NAME` is a weight, `SIDE.NAME` of one side."""
    group, _, own = name.rpartition(".")
    caption = words(f"c.{own}")
    if group == "kg":
        return words("kg", name=caption)
    return words("of-side", side=words(f"v.{group}"), name=caption) if group else caption


def _cell(value: Any, words: Words) -> str:
    """Returns a cell as text; a spreadsheet would compute one that begins with an operator."""
    if value is None:
        return words("unknown")
    if isinstance(value, bool):
        return words("yes" if value else "no")
    text = " ".join(value) if isinstance(value, (list, tuple)) else str(value)
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text[:1] in "=+-@\t\r" and text and not is_number else text


def _lines(side: str) -> Table:
    def read(visit: Visit, /) -> Rows:
        for book in visit.described["books"]:
            for line in book[side]:
                flat = {name: value for name, value in line.items() if not isinstance(value, dict)}
                values = line.get("value")
                value = {} if values is None else {"value": _amounts(values)}
                yield {"book": book["book"], **flat, **value}

    return read


def _fates(visit: Visit, /) -> Rows:
    parts = [(book["book"], line) for book in visit.described["books"] for line in book["lines_in"]]
    if "fate" in visit.described["no_book"]:
        parts.append(("", visit.described["no_book"]))
    for book, part in parts:
        yield {
            "book": book,
            "declaration": part.get("declaration", ""),
            "book_line": part.get("book_line", ""),
            "imported": str(sum(map(int, part["fate"].values()))),
            **{fate: part["fate"].get(fate, "0") for fate in FATES},
            **{f"kg.{fate}": part["fate_kg"].get(fate, "0") for fate in FATES},
            "open": part["open"],
            "overdue": part["overdue"],
            "oldest_open_days": part.get("oldest_open_days", ""),
        }


def _amounts(values: Mapping[str, str | None]) -> str | None:
    """Returns amounts by currency as text, None if one is unknown."""
    if None in values.values():
        return None
    return "; ".join(f"{amount} {currency}" for currency, amount in values.items())


def _findings(visit: Visit, /) -> Rows:
    for described, finding in zip(
        visit.described["findings"], visit.computed.findings, strict=True
    ):
        entries = [str(index) for index, _ in finding.evidence.places]
        known = {name: value for name, value in described.items() if name != "evidence"}
        sides = {
            side: show_side(finding.code, described[side], visit.words.of_reports)
            for side in ("expected", "actual")
            if side in described
        }
        yield {**known, **sides, "book": finding.book, "entry": entries}


def _cores(visit: Visit, /) -> Rows:
    for row in visit.computed.cores:
        yield {
            "item": row.item,
            "declaration": visit.line_name(row.line),
            "part_no": row.part_no,
            "net_kg": show(row.weight),
            "fate": visit.words.of_reports(f"c.{row.fate}"),
            "became": row.became,
            "parts": row.parts,
            "left_on": visit.line_name(row.left_on),
            "imported_at": visit.clock.moment(row.imported),
            "days": str(row.days),
        }


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "lines-in": _lines("lines_in"),
        "fates": _fates,
        "lines-out": _lines("lines_out"),
        "findings": _findings,
        "cores": _cores,
    }
)
"""The tables by the names of their files."""
