"""Finding the headings of a sheet and naming its columns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from traceledger.errors import MalformedError
from traceledger.identifiers import excerpt
from traceledger.manifests.conventions import STRICT, Conventions
from traceledger.manifests.faults import RowFault
from traceledger.manifests.headings import (
    STANDARD,
    TITLE_ROWS,
    Headings,
    heading_key,
    is_total,
)
from traceledger.manifests.reading import read_sheet
from traceledger.manifests.sheet import MAX_COLUMNS, Sheet, TableRow

__all__ = ["HeadCell", "Reading", "Table", "name_columns", "read_head", "read_table"]

_MAX_NAMES = 5
_LABEL = re.compile(r"([^:：]+)[:：]\s*(\S.*)")


class HeadCell(NamedTuple):
    """A value for every row; `row` is 0 if the value is not from the file."""

    row: int
    heading: str
    value: str


class Reading(NamedTuple):
    """How a file was read, for the user to check.

    `encoding` and `delimiter` are empty for a workbook. `names` are the first cells with non-ASCII
    characters. `titles` and `totals` are the numbers of the skipped title and total rows.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    titles: tuple[int, ...]
    totals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file with their headings.

    `headings` are those in row `heading_row`, in printable form. `fields` are the fields of the
    columns, None for a column that is not read; no field occurs twice. `head` contains the values
    for the whole file. `faults` are those of the headings. A row may have more or fewer cells than
    there are headings; `read_rows` refuses it.
    """

    heading_row: int
    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    head: Mapping[str, HeadCell]
    rows: tuple[TableRow, ...]
    faults: tuple[RowFault, ...]
    reading: Reading


def read_table(
    data: bytes,
    conventions: Conventions = STRICT,
    head: Mapping[str, str] = MappingProxyType({}),
) -> Table:
    """Reads a CSV file or workbook; `head` contains values for the whole file, by field.

    Raises MalformedError if the file as a whole cannot be read. Invalid headings are listed in
    `faults`.
    """
    return name_columns(read_sheet(data, conventions.encoding, unpacked=conventions.unpacked), head)


def read_head(
    data: bytes, conventions: Conventions = STRICT, known: Headings = STANDARD
) -> dict[str, str]:
    """Reads the values for a whole list: labels with their values beside or below them.

    Raises MalformedError `manifest.head` for a file without a known label.
    """
    sheet = read_sheet(data, conventions.encoding, known.knows, unpacked=conventions.unpacked)
    cells = _label_pairs(sheet.rows, known)
    if not cells and len(sheet.rows) == 2:
        below = zip(sheet.rows[0].cells, sheet.rows[1].cells, strict=False)
        cells = {
            known.fields[key]: HeadCell(sheet.rows[1].number, _shown(heading), value)
            for heading, value in below
            if value and (key := heading_key(heading)) in known.fields
        }
    if not cells:
        raise MalformedError(
            "manifest.head",
            "the file contains no known label with a value, such as 清单编号 or list_no",
        )
    return {field: cell.value for field, cell in cells.items()}


def name_columns(
    sheet: Sheet, head: Mapping[str, str] = MappingProxyType({}), known: Headings = STANDARD
) -> Table:
    """Finds the headings of a sheet and the field of each column."""
    above, at, cells = _find_headings(sheet.rows, known)
    heading_row = sheet.rows[at].number
    if len(cells) > MAX_COLUMNS:
        raise MalformedError(
            "manifest.form",
            f"row {heading_row} has {len(cells):,} columns; allowed: {MAX_COLUMNS}",
        )
    body = [_trim(row, len(cells)) for row in sheet.rows[at + 1 :]]
    totals = tuple(row.number for row in body if is_total(row.cells))
    rows = tuple(row for row in body if not is_total(row.cells))
    if not rows:
        raise MalformedError("manifest.form", "the file has no rows below its headings")
    headings = tuple(map(_shown, cells))
    blank = {
        column
        for column, heading in enumerate(headings)
        if not heading and not any(row.cells[column : column + 1] != ("",) for row in rows)
    }
    fields, faults = _name(cells, headings, heading_row, blank, known=known)
    given = {field: HeadCell(0, field, value) for field, value in head.items()}
    titles = sheet.rows[:above]
    return Table(
        heading_row,
        headings,
        fields,
        _label_pairs(titles, known) | given,
        rows,
        faults,
        Reading(
            sheet.encoding,
            sheet.delimiter,
            _first_names(rows),
            tuple(row.number for row in titles),
            totals,
        ),
    )


def _find_headings(rows: Sequence[TableRow], known: Headings) -> tuple[int, int, tuple[str, ...]]:
    """Finds the row with the most known headings; merged headings may begin in the row above.

    Returns the number of rows above the headings, the index of the last row of headings, and the
    headings.
    """
    candidates = [
        _merge(row.cells, rows[at - 1].cells if at else (), known)
        for at, row in enumerate(rows[:TITLE_ROWS])
    ]
    scores = [sum(map(known.knows, cells)) for cells in candidates]
    best = max(scores, default=0)
    if not best:
        first = excerpt(" ".join(rows[0].cells) if rows else "")
        raise MalformedError(
            "manifest.heading",
            f"none of the first {TITLE_ROWS} rows contains a known heading;"
            f" row {rows[0].number if rows else 1} is {first};"
            " allowed: the headings of a manifest or declaration",
        )
    at = scores.index(best)
    has_two_rows = best > sum(map(known.knows, rows[at].cells))
    return at - has_two_rows, at, candidates[at]


def _merge(cells: tuple[str, ...], above: tuple[str, ...], known: Headings) -> tuple[str, ...]:
    """Fills empty cells with the known heading above, and drops empty cells at the end."""
    padded = cells + ("",) * (len(above) - len(cells))
    upper = above + ("",) * (len(padded) - len(above))
    merged = [
        own or (heading if known.knows(heading) else "")
        for own, heading in zip(padded, upper, strict=True)
    ]
    while merged and not merged[-1]:
        merged.pop()
    return tuple(merged)


def _trim(row: TableRow, width: int) -> TableRow:
    """Drops the cells beyond the last heading if all of them are empty."""
    return row if any(row.cells[width:]) else TableRow(row.number, row.cells[:width])


def _label_pairs(rows: Sequence[TableRow], known: Headings) -> dict[str, HeadCell]:
    """Finds labels with a value in the next cell, or after a colon in the same cell."""
    found: dict[str, HeadCell] = {}
    for row in rows:
        for label, value in _pairs([cell for cell in row.cells if cell]):
            if (key := heading_key(label)) in known.fields and not known.knows(value):
                found.setdefault(known.fields[key], HeadCell(row.number, _shown(label), value))
    return found


def _pairs(cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    for cell in cells:
        if match := _LABEL.fullmatch(cell):
            yield match[1], match[2]
    yield from itertools.pairwise(cells)


def _first_names(rows: Sequence[TableRow]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for row in rows:
        names |= dict.fromkeys(_shown(cell) for cell in row.cells if not cell.isascii())
        if len(names) >= _MAX_NAMES:
            break
    return tuple(names)[:_MAX_NAMES]


def _shown(heading: str) -> str:
    """Formats a heading on one line of at most 48 printable characters."""
    printable = "".join(mark if mark.isprintable() else " " for mark in heading)
    return " ".join(printable.split())[:48]


def _name(
    cells: Sequence[str], headings: Sequence[str], row: int, blank: set[int], *, known: Headings
) -> tuple[tuple[str | None, ...], tuple[RowFault, ...]]:
    """Names the columns, and lists the headings that are unknown or repeated."""
    keys = [heading_key(cell) for cell in cells]
    named = {known.fields[key] for key in keys if key in known.fields}
    fields: list[str | None] = []
    faults: list[RowFault] = []

    def refuse(heading: str, allowed: str) -> None:
        faults.append(RowFault(row, heading, excerpt(heading), allowed, "manifest.heading"))

    for column, (heading, key) in enumerate(zip(headings, keys, strict=True)):
        field = known.fields.get(key)
        if key and key == known.counter:
            field = None if named & {"core", "list_line"} else "list_line"
        elif key in known.ambiguous:
            candidates = [name for name in known.ambiguous[key] if name not in named]
            field = candidates[0] if len(candidates) == 1 else None
            if field is None:
                refuse(heading, "the specific heading of entry_line or list_line")
        elif field is None and key not in known.ignored and column not in blank:
            refuse(heading, "a heading of docs/guide/manifests.md")
        if field is not None and field in fields:
            earlier = headings[fields.index(field)]
            refuse(heading, f"one column for each field; {excerpt(earlier)} is the same field")
            field = None
        fields.append(field)
    return tuple(fields), tuple(faults)
