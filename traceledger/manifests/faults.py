"""What is wrong in a file, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from traceledger.errors import MalformedError

__all__ = ["ManifestError", "RowFault", "RowNotice"]


class RowFault(NamedTuple):
    """One refusal.

    `row` counts as spreadsheets do, from 1; it is 0 for a value given for the whole file. `column`
    is the heading as the file has it, empty if the whole row is meant. `given` is quoted,
    shortened and safe to print.
    """

    row: int
    column: str
    given: str
    allowed: str
    code: str

    def __str__(self) -> str:
        return f"{_place(self.row, self.column)}: given {self.given}, allowed {self.allowed}"


class RowNotice(NamedTuple):
    """Something unusual that is no refusal: what the row has, and what was expected."""

    row: int
    column: str
    given: str
    expected: str

    def __str__(self) -> str:
        return f"{_place(self.row, self.column)}: given {self.given}, expected {self.expected}"


def _place(row: int, column: str) -> str:
    place = f"row {row}" if row else "for the whole file"
    return f"{place}, {column}" if column else place


class ManifestError(MalformedError):
    """Headings or rows of a file are wrong; `faults` lists every one of them by row."""

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
        """The same error, with its faults, at a place that only the caller knows."""
        outer = super().at(where)
        return ManifestError(
            outer.code, outer.message, where=outer.where, hint=outer.hint, faults=self.faults
        )
