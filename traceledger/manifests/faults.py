"""Faults and notices about the rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from traceledger.errors import MalformedError

__all__ = ["ManifestError", "RowFault", "RowNotice"]


class RowFault(NamedTuple):
    """One fault of a file.

    `row` counts from 1, as in spreadsheets; 0 means a value for the whole file. `column` is the
    heading as written in the file, empty for a fault of the whole row. `given` is quoted, shortened
    and safe to print. `allowed` completes the phrase "allowed: ".
    """

    row: int
    column: str
    given: str
    allowed: str
    code: str

    def __str__(self) -> str:
        return f"{_place(self.row, self.column)}: given {self.given}; allowed: {self.allowed}"


class RowNotice(NamedTuple):
    """An unusual value that is not refused, and the expected value."""

    row: int
    column: str
    given: str
    expected: str

    def __str__(self) -> str:
        return f"{_place(self.row, self.column)}: given {self.given}; expected: {self.expected}"


def _place(row: int, column: str) -> str:
    place = f"row {row}" if row else "whole file"
    return f"{place}, {column}" if column else place


class ManifestError(MalformedError):
    """Headings or rows of a file are invalid; `faults` lists all faults by row."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        faults: Sequence[RowFault] = (),
    ) -> None:
        super().__init__(code, message, where=where, hint=hint)
        self.faults = tuple(faults)

    def at(self, where: str) -> ManifestError:
        """Returns the error, with its faults, at a location that only the caller knows."""
        outer = super().at(where)
        return ManifestError(
            outer.code, outer.message, where=outer.where, hint=outer.hint, faults=self.faults
        )
