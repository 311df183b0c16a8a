"""From rows of cells to cells under known headings."""

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
    AMBIGUOUS,
    COUNTER,
    FIELDS,
    IGNORED,
    TITLE_ROWS,
    TOTALS,
    heading_key,
    is_known,
)
from traceledger.manifests.reading import read_sheet
from traceledger.manifests.sheet import MAX_COLUMNS, Sheet, TableRow

__all__ = ["HeadCell", "Reading", "Table", "name_columns", "read_head", "read_table"]

_MAX_NAMES = 5
_LABEL = re.compile(r"([^:：]+)[:：]\s*(\S.*)")


class HeadCell(NamedTuple):
    """A value that holds for every row; `row` is 0 for one that stands outside the file."""

    row: int
    heading: str
    value: str


class Reading(NamedTuple):
    """How a file was read, for people to check.

    `encoding` and `delimiter` are empty for a workbook, `names` are the first cells that are not
    plain ASCII, `titles` and `totals` the numbers of the rows that were passed over as such.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    titles: tuple[int, ...]
    totals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as cells.

    `headings` are as the file has them, made safe to print, and stand in row `heading_row`;
    `fields` names what each column is, None for a column that nothing needs. No field stands
    twice. `head` gives the values that hold for every row. `faults` are those of the headings.
    A row may have more or fewer cells than there are headings: that is for the reader to judge.
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
    """Reads a CSV file or workbook; `head` holds what the file does not say, by field.

    Raises MalformedError when the file cannot be read as a whole; what is wrong with its headings
    is in `faults`.
    """
    return name_columns(read_sheet(data, conventions.encoding), head)


def read_head(data: bytes, conventions: Conventions = STRICT) -> dict[str, str]:
    """Reads what holds for a whole list: labels with their values beside or below them.

    Raises MalformedError `manifest.head` for a file without any known label.
    """
    sheet = read_sheet(data, conventions.encoding)
    cells = _label_pairs(sheet.rows)
    if not cells and len(sheet.rows) == 2:
        below = zip(sheet.rows[0].cells, sheet.rows[1].cells, strict=False)
        cells = {
            FIELDS[key]: HeadCell(sheet.rows[1].number, _shown(heading), value)
            for heading, value in below
            if value and (key := heading_key(heading)) in FIELDS
        }
    if not cells:
        raise MalformedError(
            "manifest.head",
            "the file holds no known label with a value, such as 清单编号 or list_no",
        )
    return {field: cell.value for field, cell in cells.items()}


def name_columns(sheet: Sheet, head: Mapping[str, str] = MappingProxyType({})) -> Table:
    """Finds the headings of a sheet, and what each column is."""
    above, at, cells = _find_headings(sheet.rows)
    heading_row = sheet.rows[at].number
    if len(cells) > MAX_COLUMNS:
        raise MalformedError(
            "manifest.form",
            f"row {heading_row} has {len(cells):,} columns; allowed: {MAX_COLUMNS}",
        )
    body = [_trim(row, len(cells)) for row in sheet.rows[at + 1 :]]
    totals = tuple(row.number for row in body if _is_total(row))
    rows = tuple(row for row in body if not _is_total(row))
    if not rows:
        raise MalformedError("manifest.form", "the file has headings but no rows")
    headings = tuple(map(_shown, cells))
    blank = {
        column
        for column, heading in enumerate(headings)
        if not heading and not any(row.cells[column : column + 1] != ("",) for row in rows)
    }
    fields, faults = _name(cells, headings, heading_row, blank)
    outside = {field: HeadCell(0, field, value) for field, value in head.items()}
    titles = sheet.rows[:above]
    return Table(
        heading_row,
        headings,
        fields,
        _label_pairs(titles) | outside,
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


def _find_headings(rows: Sequence[TableRow]) -> tuple[int, int, tuple[str, ...]]:
    """Finds the row with the most known headings; merged ones may begin in the row above.

    Returns the number of rows above the headings, the place of the (second) row of headings, and
    the headings.
    """
    candidates = [
        _merge(row.cells, rows[at - 1].cells if at else ())
        for at, row in enumerate(rows[:TITLE_ROWS])
    ]
    scores = [sum(map(is_known, cells)) for cells in candidates]
    best = max(scores, default=0)
    if not best:
        first = excerpt(" ".join(rows[0].cells) if rows else "")
        raise MalformedError(
            "manifest.heading",
            f"row {rows[0].number if rows else 1} is {first} and holds no known heading, nor do the"
            " rows after it; allowed: the headings of a manifest or declaration",
        )
    at = scores.index(best)
    has_two_rows = best > sum(map(is_known, rows[at].cells))
    return at - has_two_rows, at, candidates[at]


def _merge(cells: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, ...]:
    """The cells without empty ones at the end, known headings above empty ones put into them."""
    padded = cells + ("",) * (len(above) - len(cells))
    upper = above + ("",) * (len(padded) - len(above))
    merged = [
        own or (heading if is_known(heading) else "")
        for own, heading in zip(padded, upper, strict=True)
    ]
    while merged and not merged[-1]:
        merged.pop()
    return tuple(merged)


def _trim(row: TableRow, width: int) -> TableRow:
    """The row without the cells that have no heading, if nothing stands in them."""
    return row if any(row.cells[width:]) else TableRow(row.number, row.cells[:width])


def _is_total(row: TableRow) -> bool:
    first = next((cell for cell in row.cells if cell), "")
    return heading_key(first) in TOTALS


def _label_pairs(rows: Sequence[TableRow]) -> dict[str, HeadCell]:
    """Finds labels with a value in the cell to the right or after a colon in their own."""
    found: dict[str, HeadCell] = {}
    for row in rows:
        for label, value in _pairs([cell for cell in row.cells if cell]):
            if (key := heading_key(label)) in FIELDS and not is_known(value):
                found.setdefault(FIELDS[key], HeadCell(row.number, _shown(label), value))
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
    """The heading on one line, at most 48 characters, without any that cannot be printed."""
    printable = "".join(mark if mark.isprintable() else " " for mark in heading)
    return " ".join(printable.split())[:48]


def _name(
    cells: Sequence[str], headings: Sequence[str], row: int, blank: set[int]
) -> tuple[tuple[str | None, ...], tuple[RowFault, ...]]:
    """Names the columns; lists every heading that is unknown or there twice."""
    keys = [heading_key(cell) for cell in cells]
    named = {FIELDS[key] for key in keys if key in FIELDS}
    fields: list[str | None] = []
    faults: list[RowFault] = []

    def refuse(heading: str, allowed: str) -> None:
        faults.append(RowFault(row, heading, excerpt(heading), allowed, "manifest.heading"))

    for column, (heading, key) in enumerate(zip(headings, keys, strict=True)):
        field = FIELDS.get(key)
        if key == COUNTER:
            field = None if named & {"core", "list_line"} else "list_line"
        elif key in AMBIGUOUS:
            candidates = [name for name in AMBIGUOUS[key] if name not in named]
            field = candidates[0] if len(candidates) == 1 else None
            if field is None:
                refuse(heading, "entry_line or list_line by its own heading")
        elif field is None and key not in IGNORED and column not in blank:
            refuse(heading, "a heading of docs/guide/manifests.md")
        if field is not None and field in fields:
            earlier = headings[fields.index(field)]
            refuse(heading, f"one column for it; {excerpt(earlier)} says the same")
            field = None
        fields.append(field)
    return tuple(fields), tuple(faults)
