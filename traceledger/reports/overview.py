"""The table of the front page: the cores of each book line by fate, in pieces, with totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from traceledger.audit.fates import FATES, OPEN, Fate
from traceledger.audit.figures import ZERO, Figure, add, show, total
from traceledger.reports.extent import is_later
from traceledger.reports.model import Cell, Column, Sheet
from traceledger.reports.words import Words

__all__ = ["MOST_LINES", "make_overview"]

MOST_LINES = 12
"""The book lines that fit on the front page; of more, only the totals are shown."""

Json = dict[str, Any]

_SETTLED: tuple[Fate, ...] = (
    "exported",
    "returned",
    "destroyed",
    "diverted",
    "parts_settled",
    "short_settled",
)


def make_overview(account: Json, words: Words) -> Sheet:
    """Adds up the fates of the cores by book line, and of all cores in pieces and kg."""
    groups = _group(account)
    everything = [part for parts in groups.values() for part in parts]
    shown = [fate for fate in _SETTLED if fate != "short_settled" or _counts(everything, fate)]
    columns = (
        Column("book_line", words("c.book_line"), "code"),
        Column("part_no", words("c.part_no"), "code"),
        Column("imported", words("c.imported"), "pieces"),
        *(Column(fate, words(f"c.{fate}"), "pieces") for fate in shown),
        Column("open", words("c.open"), "pieces"),
    )
    later = is_later(account)
    if not later:  # the residual is a figure of the period
        columns = (*columns, Column("residual", words("c.residual"), "pieces"))
    rows: list[tuple[Cell, ...]] = []
    if len(groups) <= MOST_LINES:
        for key, parts in groups.items():
            names = sorted({name for part in parts for name in part.get("part_nos", ())})
            residual = show(total(_residuals(account, key)))
            rows.append((key[1], " ".join(names), *_cells(parts, "fate", shown), residual))
    residual = show(total(_residuals(account, None)))
    rows.append((words("overview.total"), "", *_cells(everything, "fate", shown), residual))
    rows.append((words("overview.total_kg"), "", *_cells(everything, "fate_kg", shown), ""))
    title = words("cumulative", title=words("overview")) if later else words("overview")
    cells = tuple(row[: len(columns)] for row in rows)
    return Sheet("A1", title, columns, cells)


def _group(account: Json) -> dict[tuple[str, str | None], list[Json]]:
    """Groups the inbound lines, and what has no line, by book and book line."""
    groups: dict[tuple[str, str | None], list[Json]] = {}
    for book in account["books"]:
        for line in book["lines_in"]:
            groups.setdefault((book["book"], line.get("book_line", "")), []).append(line)
    if "fate" in account["no_book"]:
        groups["", ""] = [account["no_book"]]
    return groups


def _cells(parts: list[Json], member: str, settled: list[Fate]) -> Iterator[Cell]:
    """Yields what came, what became of it, and what is open."""
    sums = {fate: _sum(parts, member, fate) for fate in FATES}
    yield show(total(sums.values()))
    for fate in settled:
        yield show(sums[fate])
    yield show(total(sums[fate] for fate in FATES if fate in OPEN))


def _sum(parts: list[Json], member: str, fate: str) -> Figure:
    result: Figure = ZERO
    for part in parts:
        result = add(result, _figure(part[member].get(fate, "0")))
    return result


def _counts(parts: list[Json], fate: str) -> bool:
    return _sum(parts, "fate", fate) != 0


def _residuals(account: Json, key: tuple[str, str | None] | None) -> Iterator[Figure]:
    """Yields the residuals of the cores of a book line, or of all with None."""
    for book in (*account["books"], account["no_book"]):
        for row in book.get("cores", ()):
            if key in {None, (book.get("book", ""), row.get("book_line", ""))}:
                yield _figure(row["residual"])


def _figure(text: str | None) -> Figure:
    return None if text is None else Decimal(text)
