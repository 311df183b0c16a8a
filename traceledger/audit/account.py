"""The account of a scope: the sums at its end, the fates of cores, and where each period began."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from traceledger.audit.ahead import Recomputed
from traceledger.audit.comparison import Key, ListRow, Match, compare, keys_of
from traceledger.audit.figures import Figure, within
from traceledger.audit.lines import Line
from traceledger.audit.lots import NewParts, Waste
from traceledger.audit.picture import Picture
from traceledger.audit.pieces import Pieces
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Snapshot, Sums
from traceledger.audit.things import Thing
from traceledger.audit.values import text

__all__ = ["Account"]


class Account:
    """Everything from which figures and findings are read.

    `snapshots` are the sums at the sizes where periods begin, `rows` those of customs' own list,
    `reports` the reported periods as recomputed, by name.
    """

    def __init__(
        self,
        picture: Picture,
        scope: Scope,
        snapshots: Mapping[int, Snapshot],
        rows: tuple[ListRow, ...] = (),
        reports: Mapping[str, list[Recomputed]] = MappingProxyType({}),
    ) -> None:
        self.picture = picture
        self.scope = scope
        self.sums = Sums(picture)
        self.fates = self.sums.fates
        self.rows = rows
        self.reports = reports
        self._snapshots = snapshots
        self._openings: dict[str, int] = {}
        self.matches = self._compare(rows)

    def of_book(self, book: str) -> Account:
        """Returns the same account with the scope of one book, without adding anything up again."""
        account = copy.copy(self)
        account.scope = replace(self.scope, book=book)
        return account

    def compared_with(self, rows: tuple[ListRow, ...]) -> Account:
        """Returns the same account with another list, without adding anything up again."""
        account = copy.copy(self)
        account.rows, account.matches = rows, self._compare(rows)
        return account

    def as_drawn(self) -> Account:
        """Returns the same account without an auditor's list and documents, as a server has it."""
        account = self.compared_with(())
        account.scope = replace(self.scope, documents=None)
        return account

    @property
    def books(self) -> tuple[str, ...]:
        """The books of the scope, in log order."""
        books = tuple(self.picture.books)
        return tuple(book for book in books if self.scope.book in {"", book})

    def has_line(self, line: Line) -> bool:
        """Reports whether a line belongs to a book of the scope."""
        book = line.thing.book
        return self.scope.book in {"", book} and book in self.picture.books

    def opening(self, book: str) -> int:
        """Returns the index of the count with which a book starts in the middle, otherwise 1.

        A count after goods of the book have left begins nothing: it would excuse what is missing.
        """
        found = self._openings.get(book)
        if found is None:  # each line of a book asks
            found = self._openings[book] = self._find_opening(book)
        return found

    def start_of(self, book: str) -> int:
        """Returns the log size at which the period of a book begins."""
        return max(self.scope.start, self.opening(book))

    def snapshot_of(self, book: str) -> Snapshot:
        """Returns the sums at the start of a book's period."""
        return self._snapshots.get(self.start_of(book), Snapshot())

    @property
    def period_start(self) -> Snapshot:
        """The sums where the period of the whole scope begins."""
        return self._snapshots.get(self.scope.start, Snapshot())

    @property
    def new_parts(self) -> tuple[NewParts, ...]:
        """The lots of new parts of the scope: those of its books and those that name no book."""
        lots = self.sums.lots.new_parts.values()
        return tuple(lot for lot in lots if self._covers(lot.book))

    @property
    def waste(self) -> tuple[Waste, ...]:
        """The waste lots of the scope."""
        return tuple(lot for lot in self.sums.lots.waste.values() if self._covers(lot.book))

    @property
    def other_numbers(self) -> set[str]:
        """The numbers that only books have which the scope leaves out."""
        others = self._numbers(set(self.picture.books) - set(self.books))
        return others - self._numbers(self.books)

    @property
    def unattested(self) -> int:
        """The answers under a customs role by parties that the trust file does not name."""
        return sum(
            answer.customs and not answer.attested
            for item, thing in self.picture.things.each()
            if thing.answers and self._covers(self._book_of(item, thing))
            for answer in thing.answers
        )

    def days_of_lot(self, lot: Waste) -> int:
        """Returns the number of days that waste may stay; of any book if the lot names none."""
        policy = self.picture.policy
        return policy.max_days(lot.book) if lot.book else policy.longest_days

    def lot_before(self, lot: str) -> Mapping[str, Figure]:
        """Returns the terms of a lot of new parts when the period began; none for a later lot."""
        return self.period_start.lots.get(lot, {})

    def is_expected(self, line: Line) -> bool:
        """Reports whether a line declares more than arrived because its book starts later.

        The cores of such a line that had left before are not in the ledger.
        """
        difference = line.difference_kg if line.by_weight else line.difference
        early = line.thing.first < self.opening(line.thing.book)
        return early and line.inbound and difference is not None and difference > 0

    def closes(self, line: Line) -> bool | None:
        """Reports whether a line's difference is 0, or its weight agrees, as far as it is due.

        None if it is unknown.
        """
        if line.due is False or self.is_expected(line):
            return True
        if line.by_weight:
            agrees = self.weight_agrees(line)
        else:
            agrees = None if line.difference is None else line.difference == 0
        return None if agrees is False and line.due is None else agrees

    def differences(self) -> dict[str, Figure]:
        """Returns those of the due lines that do not close; None where the weight decides."""
        return {
            item: None if line.by_weight else line.difference
            for item, line in self.sums.lines.lines.items()
            if self.has_line(line) and self.closes(line) is False
        }

    def weight_agrees(self, line: Line) -> bool | None:
        """Reports whether the weight is what was declared, within the policy; None if unknown."""
        if self.differing_weight(line) is not None:
            return False
        return None if None in {line.kg, *line.weights} else True

    def differing_weight(self, line: Line) -> Figure:
        """Returns a declared weight from which that of a line differs; None if none is known to."""
        actual, tolerance = line.kg, self.picture.policy.tolerance("weight")
        if actual is None:
            return None
        known = (kg for kg in line.weights if kg is not None)
        return next((kg for kg in known if not within(actual, kg, tolerance)), None)

    def pieces_of(self, line: str) -> Pieces:
        """Returns the fates of the cores of an inbound line; of an empty id, of all without one."""
        return self.sums.pieces.lines.get(line, Pieces())

    def _find_opening(self, book: str) -> int:
        index = self.picture.opening(book)
        rows = self._snapshots.get(index, Snapshot()).rows
        left = any(key[1] == book and row.has_left for key, row in rows)
        return 1 if left else index

    def _numbers(self, books: Iterable[str]) -> set[str]:
        things = (self.picture.books[book] for book in books)
        numbers = (text(book, book.opened, "number") for book in things)
        return {number for number in numbers if number is not None}

    def _book_of(self, item: str, thing: Thing) -> str:
        match thing.chain:
            case "book":
                return item
            case "declaration":
                return thing.book
            case _:
                return self.picture.book_of(thing)

    def _covers(self, book: str) -> bool:
        return not self.scope.book or book in {"", self.scope.book}

    def _compare(self, rows: tuple[ListRow, ...]) -> list[Match]:
        if not rows:
            return []
        own: list[Line] = []
        foreign: set[Key] = set()
        for line in self.sums.lines.lines.values():
            if self.has_line(line):
                own.append(line)
            else:
                foreign.update(keys_of(self.picture, line))
        matches = compare(self.picture, own, rows, lambda line: self.pieces_of(line).open)
        others = self.other_numbers
        return [match for match in matches if match.lines or _is_missing(match, foreign, others)]


def _is_missing(match: Match, foreign: set[Key], others: set[str]) -> bool:
    """Reports whether lines of customs belong to no book that the scope leaves out.

    `foreign` and `others` are the keys of the lines of such books, and their numbers.
    """
    named = match.customs.texts.get("book_no", set()) if match.customs else set()
    return match.key not in foreign and (not named or not named <= others)
