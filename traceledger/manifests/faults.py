"""What is wrong in a file, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from traceledger.errors import MalformedError

__all__ = ["ManifestError", "RowFault"]


class RowFault(NamedTuple):
    """One refusal.

    `row` counts as spreadsheets do, the headings are row 1. `column` is the heading as the file
    has it, empty if the whole row is meant. `given` is quoted, shortened and safe to print.
    """

    row: int
    column: str
    given: str
    allowed: str
    code: str

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: given {self.given}, allowed {self.allowed}"


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
