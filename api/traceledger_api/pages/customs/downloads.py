"""Downloads: tables of the account as CSV, in which unknown is a word and no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from traceledger.audit.fates import FATES
from traceledger.audit.figures import show
from traceledger.reports.sides import show_side
from traceledger_api.pages.customs.visit import Visit

__all__ = ["TABLES", "format_csv", "format_rows"]

Rows = Iterator[Mapping[str, Any]]


class Table(Protocol):
    """Yields the rows of a table."""

    def __call__(self, visit: Visit, /) -> Rows:
        """Yields the rows of a table of an account."""


def format_csv(visit: Visit, name: str) -> bytes:
    """Formats a table of an account, by its name."""
    return format_rows(list(TABLES[name](visit)))


def format_rows(rows: list[Mapping[str, Any]]) -> bytes:
    """Formats rows below the names of their fields."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[key]) if key in row else "" for key in names])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> str:
    """Returns a cell as text; a spreadsheet would compute one that begins with an operator."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " ".join(value) if isinstance(value, (list, tuple)) else str(value)
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text[:1] in "=+-@\t\r" and text and not is_number else text


def _lines(side: str) -> Table:
    def read(visit: Visit, /) -> Rows:
        for book in visit.described["books"]:
            for line in book[side]:
                flat = {name: value for name, value in line.items() if not isinstance(value, dict)}
                counted = (name for name in ("fate", "fate_kg") if name in line)
                nested = (cell for name in counted for cell in _flatten(line[name], name))
                yield {"book": book["book"], **flat, **dict(nested)}

    return read


def _flatten(fates: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yields a cell for each fate; the account names only those that occur."""
    return ((f"{prefix}_{fate}", fates.get(fate, "0")) for fate in FATES)


def _findings(visit: Visit, /) -> Rows:
    for described, finding in zip(
        visit.described["findings"], visit.computed.findings, strict=True
    ):
        entries = [str(index) for index, _ in finding.evidence.places]
        sides = {
            side: show_side(finding.code, described[side], visit.words.of_reports)
            for side in ("expected", "actual")
            if side in described
        }
        yield {**described, **sides, "book": finding.book, "evidence": entries}


def _cores(visit: Visit, /) -> Rows:
    for row in visit.computed.cores:
        yield {
            **row._asdict(),
            "weight": show(row.weight),
            "imported": visit.clock.moment(row.imported),
            "line": visit.line_name(row.line),
            "left_on": visit.line_name(row.left_on),
        }


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "lines-in": _lines("lines_in"),
        "lines-out": _lines("lines_out"),
        "findings": _findings,
        "cores": _cores,
    }
)
"""The tables by the names of their files."""
