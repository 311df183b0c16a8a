"""The model of a report: its front page, and sheets of rows.

A cell is text: a figure exactly as in the account's JSON, or words. It is empty where there is no
such figure, and None where the figure is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from traceledger.reports.extent import Extent
from traceledger.reports.words import Language

__all__ = ["Cell", "Column", "Front", "Kind", "Part", "Report", "Section", "Sheet"]

Cell = str | None
"""Text or a figure; None is an unknown figure."""

Kind = Literal["text", "code", "pieces", "kg", "amount", "count"]
"""What a column contains: words, an identifier, or a number of this unit."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `name` is the member of the account's JSON, `caption` its heading.

    Where space is short, its cells are shown in those of the column `under`, below the others.
    """

    name: str
    caption: str
    kind: Kind = "text"
    under: str = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells are figures."""
        return self.kind not in {"text", "code"}


class Part(NamedTuple):
    """Tables about the same entries: the heading above them, and a short name."""

    extent: Extent
    heading: str
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with an id such as `B` that is the same in all languages and formats.

    Tables of one `part` stand together, apart from others; an account without parts has None.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Names and values under a heading of the front page."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Front:
    """The front page: scope, verdict, what was checked, and with what.

    `verdict` is in the language of the report, `verdict_too` in the other one. `overview` are the
    pieces by book line. `digest` is the SHA-256 of the account, in hex.
    """

    title: str
    subtitle: str
    verdict: str
    verdict_too: str
    summary: str
    scope: Section
    overview: Sheet
    checked: tuple[str, ...]
    not_checked: tuple[str, ...]
    made_with: Section
    digest: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language."""

    language: Language
    front: Front
    sheets: tuple[Sheet, ...] = field(default=())
