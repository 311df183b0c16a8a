"""The comparison of the ledger's declaration lines with customs' own list.

Both sides are grouped by the key that the list has: its own number and line, otherwise the number
and line of the declaration, under which several lines of a list can be merged (归并). A statement
of stock has neither; its key is the number and line of the account book.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, Figure, add, within
from traceledger.audit.lines import Line
from traceledger.audit.picture import Picture
from traceledger.audit.units import is_weight, kilograms, pieces
from traceledger.audit.values import Unknown, number, read, text

__all__ = ["Key", "ListRow", "Match", "Side", "compare", "keys_of"]

Direction = Literal["in", "out"]
OpenPieces = Callable[[str], int]
Key = tuple[str, str, str]
"""`list`, `entry` or `book`, the number and the line, normalised."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of customs' list, in codes of ISO and the customs tables; None is what it lacks.

    `file` and `row` are where it stands. `quantity` is in `unit`, `net_kg` in kilograms, `value` in
    `currency`. `country` is the origin of inbound and the destination of outbound goods. `open`
    are the pieces that are still in the account.
    """

    file: str
    row: int
    list_no: str | None
    list_line: int | None
    entry_no: str | None
    entry_line: int | None
    direction: Direction | None
    book_no: str | None
    book_line: int | None
    part_no: str | None
    mode: str | None
    hs10: str | None
    quantity: Decimal | None
    unit: str | None
    net_kg: Decimal | None
    value: Decimal | None
    currency: str | None
    country: str | None
    open: Decimal | None = None

    @property
    def key(self) -> Key | None:
        """What the row is compared by; None if it lacks the numbers or their lines."""
        if self.list_no is not None and self.list_line is not None:
            return "list", _normal(self.list_no), str(self.list_line)
        if self.entry_no is not None and self.entry_line is not None:
            return "entry", _normal(self.entry_no), str(self.entry_line)
        if self.open is not None and self.book_no is not None and self.book_line is not None:
            return "book", _normal(self.book_no), str(self.book_line)
        return None

    @property
    def content(self) -> tuple[object, ...]:
        """All columns, without the place."""
        names = (name for name in self.__slots__ if name not in {"file", "row"})
        return tuple(getattr(self, name) for name in names)


@dataclass(slots=True)
class Side:
    """The sums of one side under a key; `texts` are the values of the other columns by name.

    A sum is None if a summand is unknown; `absent` names the columns that this side lacks. The
    quantity is in pieces or in kilograms, as `measure` says in UCUM, and None if it is of both.
    """

    quantity: Figure = ZERO
    net_kg: Figure = ZERO
    value: Figure = ZERO
    open: Figure = None
    texts: dict[str, set[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    count: int = 0

    def add(self, name: Literal["quantity", "net_kg", "value"], figure: Figure) -> None:
        """Adds a figure to a sum."""
        setattr(self, name, add(getattr(self, name), figure))

    def measure(self, quantity: Figure, unit: str | None) -> None:
        """Adds a quantity in a unit of customs, and remembers whether it is a weight."""
        weight = is_weight(unit)
        counted = kilograms(quantity, unit) if weight else pieces(quantity, unit)
        self.note("measure", None if counted is None else "kg" if weight else "{piece}")
        self.add("quantity", counted if len(self.texts.get("measure", ())) < 2 else None)

    def note(self, name: str, value: object) -> None:
        """Remembers the value of a column."""
        if value is None:
            self.absent.add(name)
        else:
            self.texts.setdefault(name, set()).add(str(value))


@dataclass(slots=True)
class Match:
    """What both sides say under one key.

    `status` is `equal`, `differs`, `only_customs`, `only_ledger` or `ambiguous`; `fields` are the
    columns that differ. `counted` is what arrived or left, in pieces.
    """

    key: Key
    status: str
    customs: Side | None
    declared: Side | None
    counted: int | None
    fields: tuple[str, ...]
    lines: tuple[Line, ...]
    places: tuple[str, ...]

    @property
    def evidence(self) -> Evidence:
        """The declarations in the ledger."""
        return Evidence.of(*(line.thing.opened for line in self.lines))


def compare(
    picture: Picture, lines: Sequence[Line], rows: Sequence[ListRow], open_pieces: OpenPieces
) -> list[Match]:
    """Compares lines of the ledger with rows of customs' list, by key.

    A line whose direction the list does not cover is not missing in it. `open_pieces` returns what
    is still in the account of an inbound line. Statements of stock are compared apart, so that a
    line is found in a list and in such a statement.
    """
    found: dict[Key, list[ListRow]] = {}
    for row in rows:
        if (key := row.key) is None:
            raise AssertionError("a list with a row without a key is refused when it is read")
        found.setdefault(key, []).append(row)
    stock = {key: found[key] for key in found if key[0] == "book"}
    listed = {key: found[key] for key in found if key[0] != "book"}
    matches = [
        *_compare(picture, lines, listed, open_pieces),
        *_compare_stock(picture, lines, stock, open_pieces),
    ]
    return sorted(matches, key=lambda match: match.key)


def _compare(
    picture: Picture,
    lines: Sequence[Line],
    found: Mapping[Key, list[ListRow]],
    open_pieces: OpenPieces,
) -> Iterator[Match]:
    kinds = {key[0] for key in found}
    declared: dict[Key, list[Line]] = {}
    for line in lines:
        keys = list(_numbered(line))
        of_a_kind = next((key for key in keys if key[0] in kinds), None)
        own = next((key for key in keys if key in found), of_a_kind)
        if own is not None:
            declared.setdefault(own, []).append(line)
    covered = {row.direction for rows in found.values() for row in rows} - {None}
    covered |= {_direction(line) for key in found for line in declared.get(key, ())}
    for key, rows in found.items():
        yield _match(picture, key, rows, declared.get(key, []), open_pieces)
    for key, alone in declared.items():
        if key not in found and _direction(alone[0]) in covered:
            yield _match(picture, key, [], alone, open_pieces)


def _compare_stock(
    picture: Picture,
    lines: Sequence[Line],
    found: Mapping[Key, list[ListRow]],
    open_pieces: OpenPieces,
) -> Iterator[Match]:
    """Compares the open pieces of book lines; one without any may be missing in the statement."""
    declared: dict[Key, list[Line]] = {}
    for line in lines if found else ():
        for key in _in_book(picture, line):
            declared.setdefault(key, []).append(line)
    for key in {**found, **declared}:
        own = declared.get(key, [])
        if key in found or any(open_pieces(line.item) for line in own):
            yield _match(picture, key, found.get(key, []), own, open_pieces)


def _direction(line: Line) -> Direction:
    return "in" if line.inbound else "out"


def keys_of(picture: Picture, line: Line) -> Iterator[Key]:
    """Yields all keys under which a list can have a line of the ledger."""
    yield from _numbered(line)
    yield from _in_book(picture, line)


def _in_book(picture: Picture, line: Line) -> Iterator[Key]:
    book = picture.books[line.thing.book]
    number, place = text(book, book.opened, "number"), picture.book_line(line.thing)
    if line.inbound and number is not None and isinstance(place, int):
        yield "book", _normal(number), str(place)


def _numbered(line: Line) -> Iterator[Key]:
    for kind in ("list", "entry"):
        number = text(line.thing, line.thing.opened, f"{kind}_no")
        place = text(line.thing, line.thing.opened, f"{kind}_line")
        if number is not None and place is not None:
            yield kind, _normal(number), place


def _normal(number: str) -> str:
    return unicodedata.normalize("NFKC", number).strip().upper()


def _match(
    picture: Picture,
    key: Key,
    rows: list[ListRow],
    lines: list[Line],
    open_pieces: OpenPieces,
) -> Match:
    distinct = list({row.content: row for row in rows}.values())
    customs = _customs_side(distinct) if rows else None
    declared = _ledger_side(picture, lines) if lines else None
    if declared is not None and (key[0] == "book" or (customs and customs.open is not None)):
        declared.open = Decimal(sum(open_pieces(line.item) for line in lines))
    fields: tuple[str, ...] = ()
    if key[0] == "list" and len(distinct) > 1:
        status = "ambiguous"
    elif declared is None:
        status = "only_customs"
    elif customs is None:
        status = "only_ledger"
    else:
        fields = tuple(_differing(picture, customs, declared))
        status = "differs" if fields else "equal"
    counted = sum(line.counted for line in lines) if lines else None
    places = tuple(f"{row.file}, row {row.row}" for row in rows)
    return Match(key, status, customs, declared, counted, fields, tuple(lines), places)


def _customs_side(rows: Iterable[ListRow]) -> Side:
    side = Side()
    for row in rows:
        side.count += 1
        side.measure(row.quantity, row.unit)
        side.add("net_kg", row.net_kg)
        side.add("value", row.value)
        if row.open is not None:
            side.open = add(side.open or ZERO, row.open)
        for name in _NOTED:
            side.note(name, getattr(row, name))
    return side


def _ledger_side(picture: Picture, lines: Iterable[Line]) -> Side:
    side = Side()
    for line in lines:
        side.count += 1
        thing, opened = line.thing, line.thing.opened
        side.measure(number(thing, opened, "quantity"), text(thing, opened, "unit"))
        side.add("net_kg", line.declared_kg)
        side.add("value", line.declared_value)
        book = picture.books[thing.book]
        country = "origin" if line.inbound else "destination"
        given: dict[str, Any] = {
            "currency": line.currency,
            "country": text(thing, opened, country),
            "book_no": text(book, book.opened, "number"),
        }
        for name in _NOTED:
            value = given[name] if name in given else read(thing, opened, name)
            side.note(name, None if isinstance(value, Unknown) else value)
    return side


_NOTED = ("currency", "hs10", "mode", "book_no", "book_line", "country")
_TEXTS = ("measure", *_NOTED)
_INTERNATIONAL = 8  # digits of a commodity code that a list gives at least


def _differing(picture: Picture, customs: Side, declared: Side) -> Iterator[str]:
    """Yields the columns in which both sides have values that differ."""
    tolerance_of = picture.policy.tolerance
    limits = {"quantity": ZERO, "net_kg": tolerance_of("weight"), "value": tolerance_of("value")}
    limits["open"] = ZERO
    for name, tolerance in limits.items():
        own, theirs = getattr(declared, name), getattr(customs, name)
        measure = {"quantity": "measure", "value": "currency"}.get(name, "")
        if len(customs.texts.get(measure, set()) | declared.texts.get(measure, set())) > 1:
            continue
        if own is not None and theirs is not None and not within(own, theirs, tolerance):
            yield name
    for name in _TEXTS:
        if name in customs.absent or name in declared.absent:
            continue
        theirs_text, own_text = (side.texts.get(name, set()) for side in (customs, declared))
        if name == "hs10":
            theirs_text, own_text = _shortened(theirs_text, own_text)
        if theirs_text != own_text:
            yield name


def _shortened(*sides: set[str]) -> list[set[str]]:
    """Cuts commodity codes to the digits that all have: a list may lack the national ones."""
    length = max(_INTERNATIONAL, min((len(code) for side in sides for code in side), default=0))
    return [{code[:length] for code in side} for side in sides]
