"""From the text of a CSV file to cells under known headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from traceledger.errors import MalformedError
from traceledger.identifiers import excerpt
from traceledger.manifests.decoding import decode
from traceledger.manifests.faults import ManifestError, RowFault
from traceledger.manifests.headings import AMBIGUOUS, FIELDS, IGNORED, heading_key

__all__ = ["MOST_ROWS", "Table", "TableRow", "read_table"]

MOST_ROWS = 1_000_000

_MOST_COLUMNS = 200
_KNOWN = FIELDS.keys() | IGNORED | AMBIGUOUS.keys()
_DELIMITERS = ",;\t"
# What spreadsheets and customs software put round a value without meaning it: blanks, the
# ideographic space, and the tab that keeps a long number from being rounded.
_PADDING = " \t\u00a0\u3000"


class TableRow(NamedTuple):
    """The cells of a row; `number` counts as spreadsheets do, the headings are row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as cells.

    `headings` are as the file has them, made safe to print; `fields` names what each column is,
    None for a column that nothing needs. No field stands twice.
    A row may have more or fewer cells than there are headings: that is for the reader to judge.
    """

    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    delimiter: str


def read_table(data: bytes) -> Table:
    """Reads a CSV file in UTF-8 (with or without mark) or GBK, with commas, semicolons or tabs.

    At most 64 MiB and 1,000,000 rows; empty rows are passed over. Raises ManifestError when a
    heading is unknown or there twice, MalformedError when the file cannot be read as a whole.
    """
    text, encoding = decode(data)
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    first = next(records).cells
    if len(first) > _MOST_COLUMNS:
        raise MalformedError(
            "manifest.form", f"row 1 has {len(first):,} columns; allowed are {_MOST_COLUMNS}"
        )
    headings = tuple(map(_shown, first))
    fields = _fields(first, headings)
    rows = tuple(row for row in records if any(row.cells))
    if not rows:
        raise MalformedError("manifest.form", "the file has headings but no rows")
    return Table(headings, fields, rows, encoding, delimiter)


def _delimiter(text: str) -> str:
    """Finds the separator under which row 1 has the most known headings."""
    first = io.StringIO(text, newline="").readline(10_000).rstrip("\r\n")
    known = dict.fromkeys(_DELIMITERS, 0)
    for delimiter in known:
        cells = first.replace('"', "").split(delimiter)
        known[delimiter] = sum(heading_key(cell) in _KNOWN for cell in cells)
    best = max(known, key=lambda delimiter: known[delimiter])
    if not known[best]:
        raise MalformedError(
            "manifest.heading",
            f"row 1 is {excerpt(first)} and holds no known heading; allowed are the headings of"
            " a manifest or declaration, separated by commas, semicolons or tabs",
        )
    return best


def _records(text: str, delimiter: str) -> Iterator[TableRow]:
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number > MOST_ROWS + 1:
                raise MalformedError("manifest.form", f"allowed are {MOST_ROWS:,} rows")
            yield TableRow(number, tuple(cell.strip(_PADDING) for cell in cells))
    except csv.Error as error:
        # After a stray quote nobody can tell where the next row begins.
        raise MalformedError(
            "manifest.form",
            f"row {number + 1} cannot be read, nor what follows it: {error}; a quote inside a"
            " quoted value is written twice, and every quote that opens is closed",
        ) from error


def _shown(heading: str) -> str:
    """The heading on one line, at most 48 characters, without any that cannot be printed."""
    printable = "".join(mark if mark.isprintable() else " " for mark in heading)
    return " ".join(printable.split())[:48]


def _fields(cells: tuple[str, ...], headings: tuple[str, ...]) -> tuple[str | None, ...]:
    """Names the columns; lists every heading that is unknown or there twice."""
    keys = [heading_key(cell) for cell in cells]
    named = {FIELDS[key] for key in keys if key in FIELDS}
    fields: list[str | None] = []
    faults: list[RowFault] = []
    for heading, key in zip(headings, keys, strict=True):
        field = FIELDS.get(key)
        if key in AMBIGUOUS:
            candidates = [name for name in AMBIGUOUS[key] if name not in named]
            field = candidates[0] if len(candidates) == 1 else None
            if field is None:
                faults.append(_fault(heading, "entry_line or list_line by its own heading"))
        elif field is None and key not in IGNORED:
            faults.append(_fault(heading, "a heading of docs/guide/manifests.md"))
        if field is not None and field in fields:
            earlier = headings[fields.index(field)]
            faults.append(_fault(heading, f"one column for it; {excerpt(earlier)} says the same"))
        fields.append(field)
    if faults:
        names = ", ".join(fault.given for fault in faults[:5])
        raise ManifestError(
            "manifest.heading",
            f"headings of row 1 that are unknown or there twice: {names};"
            f" allowed instead of the first: {faults[0].allowed}",
            faults=faults,
        )
    return tuple(fields)


def _fault(heading: str, allowed: str) -> RowFault:
    return RowFault(1, heading, excerpt(heading), allowed, "manifest.heading")
