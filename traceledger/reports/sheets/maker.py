"""What every sheet needs: its columns with captions, and cells from the members of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from traceledger.events.captions import Section, find_label
from traceledger.reports.extent import Extent, describe_extent, is_later
from traceledger.reports.model import Cell, Column, Kind, Part, Sheet
from traceledger.reports.sheets.source import Json, Source, name_of, show_time
from traceledger.reports.words import Words

__all__ = ["SheetMaker", "in_pieces"]

# The sheets that have an opening, and those that no period limits (docs/spec/account.md).
_OF_PERIOD = frozenset({"D", "E", "F", "F2"})
_CUMULATIVE = frozenset({"B", "B2", "C", "F3", "F4", "F5", "G", "G2"})

# What identifies or measures the same thing shares a cell on paper.
_UNDER = {
    "entry_line": "entry_no",
    "list_line": "list_no",
    "hs10": "mode",
    "kg": "declared_kg",
    "value": "declared_value",
    "actual": "expected",
    "hint": "meaning",
    "kid": "signed_at",
    "target": "event",
    "part_no": "input",
    "net_kg": "quantity",
    "origin": "goods_name",
    "destination": "goods_name",
}


class SheetMaker:
    """Makes sheets of one account in one language."""

    def __init__(self, source: Source, words: Words) -> None:
        self.account = source.account
        self.details = source.details
        self.registry = source.registry
        self.samples = source.samples
        self.words = words
        self._zone = source.zone

    def sheet(self, letter: str, columns: Sequence[Column], rows: Iterable[Json]) -> Sheet:
        """Makes the sheet of a letter; a row has the members of its columns that it knows."""
        cells = tuple(tuple(self._cell(row.get(one.name, "")) for one in columns) for row in rows)
        title = self.words(f"sheet.{letter}")
        if not is_later(self.account):
            return Sheet(letter, title, tuple(columns), cells)
        extent = _extent_of(letter)
        if extent == "cumulative":
            title = self.words("cumulative", title=title)
        heading = describe_extent(self.account, extent, self.words)
        part = Part(extent, heading, self.words(f"tab.{extent}"))
        return Sheet(letter, title, tuple(columns), cells, part)

    def columns(self, *specs: tuple[str, Kind]) -> tuple[Column, ...]:
        """Makes columns with their captions from names and kinds."""
        names = {name for name, _ in specs}
        return tuple(
            Column(name, self.words(f"c.{name}"), kind, _UNDER[name])
            if _UNDER.get(name) in names
            else Column(name, self.words(f"c.{name}"), kind)
            for name, kind in specs
        )

    def kg(self, term: str) -> Column:
        """Makes the column of kilograms that belongs to a column of pieces."""
        caption = self.words("kg", name=self.words(f"c.{term}"))
        return Column(f"kg.{term}", caption, "kg", under=term)

    def parts(self) -> Iterator[tuple[str, Json]]:
        """Yields the books by number, and the part without a book."""
        for book in self.account["books"]:
            yield name_of(book), book
        if self.account["no_book"]:
            yield "", self.account["no_book"]

    def label(self, section: Section, name: str) -> str:
        """Returns the label of a name in the report's language."""
        label = find_label(section, name)
        return label.zh if self.words.language == "zh" else label.en

    def show_time(self, seconds: int) -> str:
        """Formats a time in the report's zone, with its offset from UTC."""
        return show_time(seconds, self._zone)

    def _cell(self, value: Any) -> Cell:
        match value:
            case None | str():
                return value
            case bool():
                return self.words("yes" if value else "no")
            case dict():  # amounts by currency
                return "; ".join(f"{amount} {currency}" for currency, amount in value.items())
            case _:
                return " ".join(map(str, value))


def _extent_of(letter: str) -> Extent:
    if letter in _OF_PERIOD:
        return "period"
    return "cumulative" if letter in _CUMULATIVE else "lists"


def in_pieces(names: Iterable[str]) -> Iterator[tuple[str, Kind]]:
    """Yields columns that count pieces."""
    return ((name, "pieces") for name in names)
