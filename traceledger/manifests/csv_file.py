"""CSV files, separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator

from traceledger.errors import MalformedError
from traceledger.identifiers import excerpt
from traceledger.manifests.conventions import Encoding
from traceledger.manifests.decoding import decode
from traceledger.manifests.headings import TITLE_ROWS, is_known
from traceledger.manifests.sheet import Sheet, make_sheet

__all__ = ["read_csv"]

_DELIMITERS = ",;\t"
# Excel applies such a first line and does not count it as a row.
_SEP = re.compile(r'"?sep=([^\r\n"])"?[,;\t]*(?:\r\n|\n|\r)', re.IGNORECASE)


def read_csv(
    data: bytes, encoding: Encoding | None = None, known: Callable[[str], bool] = is_known
) -> Sheet:
    """Reads a CSV file; raises MalformedError if the file as a whole cannot be read.

    `known` reports whether a cell is a heading that the file may have.
    """
    text, found = decode(data, encoding)
    if match := _SEP.match(text):
        delimiter, text = match[1], text[match.end() :]
        if delimiter not in _DELIMITERS:
            raise MalformedError(
                "manifest.form",
                f"the first line specifies the separator {excerpt(delimiter)};"
                " allowed: comma, semicolon and tab",
            )
    else:
        delimiter = _find_delimiter(text, known)
    return make_sheet(_read_records(text, delimiter), encoding=found, delimiter=delimiter)


def _find_delimiter(text: str, known: Callable[[str], bool]) -> str:
    """Finds the separator with which one of the first lines has the most known headings."""
    source = io.StringIO(text, newline="")
    lines = [line.rstrip("\r\n") for line in itertools.islice(_lines(source), TITLE_ROWS)]
    counts = {
        delimiter: max(
            sum(known(cell) for cell in line.replace('"', "").split(delimiter)) for line in lines
        )
        for delimiter in _DELIMITERS
    }
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if not counts[best]:
        raise MalformedError(
            "manifest.heading",
            f"none of the first {TITLE_ROWS} rows contains a known heading; row 1 is"
            f" {excerpt(lines[0])}; allowed: known headings, separated by commas, semicolons or"
            " tabs",
        )
    return best


def _lines(source: io.StringIO) -> Iterator[str]:
    while line := source.readline(10_000):
        yield line


def _read_records(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            yield cells
    except csv.Error as error:
        # After a stray quote, the beginning of the next row cannot be determined.
        raise MalformedError(
            "manifest.form",
            f"row {number + 1} and the rows after it cannot be read: {error}; close every quote,"
            " and double the quotes inside a quoted value",
        ) from error
