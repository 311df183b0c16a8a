"""Lots of new parts and of waste (docs/spec/account.md, "Identities")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, Figure, add, subtract, total
from traceledger.audit.picture import Weighed
from traceledger.audit.things import Step, Thing
from traceledger.audit.trail import Place
from traceledger.audit.values import Unknown, history, number, quantity, read, text

__all__ = ["FLOWS", "LotTally", "Move", "NewParts", "Used", "Waste", "used_parts"]

FLOWS = ("filled", "consumed", "scrapped", "returned", "short")
"""The terms of a lot of new parts: what came in, and the ways out."""
_WEIGHTS = MappingProxyType(
    {"scrap": "net_kg", "draw_lot": "net_kg", "disassemble": "waste_kg", "clean": "residue_kg"}
)
"""The field with the kg that go into a waste lot, by kind."""
_USING = frozenset({"repair", "assemble"})


class Move(NamedTuple):
    """A change of a lot's level at a log index; `sets` the level instead of adding to it."""

    position: int
    leaf: bytes
    change: Figure
    sets: bool = False


class Used(NamedTuple):
    """New parts that a step took from a lot: their part number and how many, None if unclear."""

    lot: str
    part_no: str
    amount: Figure


@dataclass(slots=True)
class NewParts:
    """A lot of new parts: what was filled in, used and drawn, in the lot's own unit.

    `drawn` is by reason, `mixed` shows the uses in things of another book than that of the lot, by
    book.
    """

    lot: str
    thing: Thing
    filled: Figure = ZERO
    consumed: Figure = ZERO
    drawn: dict[str, Figure] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    mixed: dict[str, Evidence] = field(default_factory=dict)

    @property
    def rest(self) -> Figure:
        """What was filled in and neither used nor drawn."""
        return subtract(subtract(self.filled, self.consumed), total(self.drawn.values()))

    @property
    def book(self) -> str:
        """The book that the lot names; empty if it names none."""
        return self.thing.book

    def terms(self) -> dict[str, Figure]:
        """Returns the flows and `close`; the rest is returned with the lot, or here."""
        scrapped, returned, short = (
            self.drawn.get(reason, ZERO) for reason in ("scrapped", "returned", "short")
        )
        gone = self.thing.life == "RETURNED"
        returned = add(returned, self.rest) if gone else returned
        flows = (self.filled, self.consumed, scrapped, returned, short)
        return dict(zip(FLOWS, flows, strict=True)) | {"close": ZERO if gone else self.rest}


class Scrap(NamedTuple):
    """What goes into a waste lot: the entry, when (in seconds since 1970), the kg and the code.

    `book` is that of the thing from which it came; empty if it has none.
    """

    lot: str
    place: Place
    at: int
    kg: Figure
    code: str | None
    book: str


@dataclass(slots=True)
class Waste:
    """A waste lot: what was put into it in kg, and what came first.

    `misplaced` is waste of another hazard code, `mixed` waste of other books, by book.
    """

    lot: str
    thing: Thing
    scrapped: Figure = ZERO
    first: Scrap | None = None
    evidence: Evidence = field(default_factory=Evidence)
    misplaced: Evidence = field(default_factory=Evidence)
    misplaced_code: str = ""
    mixed: dict[str, Evidence] = field(default_factory=dict)

    @property
    def book(self) -> str:
        """The book that the lot names; empty if it names none."""
        return self.thing.book

    @property
    def state(self) -> str:
        """Where all of it is: `destroyed`, `returned` or `here`."""
        return {"DESTROYED": "destroyed", "RETURNED": "returned"}.get(self.thing.life, "here")

    @property
    def destruction(self) -> Step | None:
        """The latest destruction that was not refused."""
        found = None
        for step in self.thing.all("destroy"):
            if all(answer.confirmed for answer in self.thing.answers_to(step)[:1]):
                found = step
        return found

    @property
    def weighed(self) -> Figure:
        """The weight when the lot was closed; None if it is absent or unknown."""
        return number(self.thing, self.thing.last("close_lot"), "net_kg")

    @property
    def destroyed_weighed(self) -> Figure:
        """The weight that was destroyed; None if it is absent or unknown."""
        return number(self.thing, self.destruction, "net_kg")


class _Use(NamedTuple):
    """New parts that a step of a thing took from a lot; None stands for any lot or amount.

    `book` is that of the thing; empty if it has none.
    """

    lot: str | None
    amount: Figure
    book: str
    step: Step


class LotTally:
    """Adds up what goes into lots and comes out of them.

    `strange` are the uses of new parts from what is no lot of new parts, by what is named.
    """

    def __init__(self) -> None:
        self.new_parts: dict[str, NewParts] = {}
        self.waste: dict[str, Waste] = {}
        self.strange: dict[str, Evidence] = {}
        self._moves: list[tuple[str | None, Move]] = []
        self._uses: list[_Use] = []
        self._scraps: list[Scrap] = []

    def take(self, weighed: Weighed) -> None:
        """Counts what one thing contributes."""
        item, thing, book, _ = weighed
        if thing.chain == "lot":
            self._take_lot(item, thing)
        for step in thing.steps:
            if step.kind in _USING:
                self._use(thing, step, book)
            elif step.linked and step.kind in _WEIGHTS:
                self._throw(item, thing, step, book)

    def finish(self) -> None:
        """Adds up what the lots cannot know: a lot may be named before it is opened."""
        for use in self._uses:
            for used in self._named(use.lot):
                used.consumed = add(used.consumed, use.amount)
                _note_book(used, use.book, use.step.index, use.step.leaf)
        for lot, move in sorted(self._moves, key=lambda use: use[1].position):
            for used in self._named(lot):
                used.moves.append(move)
            if lot is not None and lot not in self.new_parts:
                self.strange.setdefault(lot, Evidence()).add(move.position, move.leaf)
        for scrap in self._scraps:
            into = self.waste.get(scrap.lot)
            if into is not None:  # otherwise it is a declaration line, or another lot counts alone
                self._scrap(into, scrap)
        self._moves, self._uses, self._scraps = [], [], []

    def _named(self, lot: str | None) -> list[NewParts]:
        """Returns the lot of new parts, or all of them where the lot is unknown."""
        if lot is None:
            return [*self.new_parts.values()]
        return [self.new_parts[lot]] if lot in self.new_parts else []

    def _use(self, thing: Thing, step: Step, book: str) -> None:
        used = used_parts(thing, step)
        if used is None:
            self._uses.append(_Use(None, None, "", step))
        else:
            self._uses += [_Use(one.lot, one.amount, book, step) for one in used]
        if used != [] or thing.corrections:  # otherwise it never took any
            self._moves += _moves(thing, step)

    def _throw(self, item: str, thing: Thing, step: Step, book: str) -> None:
        kg, code = number(thing, step, _WEIGHTS[step.kind]), text(thing, step, "hazard_code")
        place = Place(step.index, step.leaf, item, step.kind)
        self._scraps.append(Scrap(step.linked, place, step.at, kg, code, book))

    def _scrap(self, lot: Waste, scrap: Scrap) -> None:
        lot.scrapped = add(lot.scrapped, scrap.kg)
        if lot.first is None or scrap.at < lot.first.at:
            lot.first = scrap
        lot.evidence.add(scrap.place.at, scrap.place.leaf)
        _note_book(lot, scrap.book, scrap.place.at, scrap.place.leaf)
        code, own = scrap.code, text(lot.thing, lot.thing.opened, "hazard_code")
        if code is not None and own is not None and not code.startswith(own):
            lot.misplaced.add(scrap.place.at, scrap.place.leaf)
            lot.misplaced_code = code

    def _take_lot(self, item: str, thing: Thing) -> None:
        if thing.lot_class == "waste":
            self.waste[item] = Waste(item, thing)
            return
        lot = self.new_parts[item] = NewParts(item, thing)
        for step in thing.all("fill_lot"):
            lot.filled = add(lot.filled, number(thing, step, "quantity"))
            lot.moves += _changes(thing, step)
        for step in thing.all("draw_lot"):
            reason, before = step.value("reason"), lot.drawn.get(step.value("reason"), ZERO)
            lot.drawn[reason] = add(before, number(thing, step, "quantity"))
            lot.moves += (
                move._replace(change=subtract(ZERO, move.change)) for move in _changes(thing, step)
            )
        for step in thing.all("return"):
            lot.moves.append(Move(step.index, step.leaf, ZERO, sets=True))


def _note_book(lot: NewParts | Waste, book: str, position: int, leaf: bytes) -> None:
    if lot.book and book and book != lot.book:
        lot.mixed.setdefault(book, Evidence()).add(position, leaf)


def _changes(thing: Thing, step: Step) -> Iterator[Move]:
    """Yields the quantity of a step and what later corrections add to it."""
    before: Figure = ZERO
    for index, leaf, value in history(thing, step, "quantity"):
        amount = quantity(value)
        yield Move(index, leaf, subtract(amount, before))
        before = amount


def _moves(thing: Thing, step: Step) -> Iterator[tuple[str | None, Move]]:
    """Yields what a step took from lots, with later corrections; None stands for any lot."""
    before: dict[str, Figure] = {}
    for index, leaf, value in history(thing, step, "new_parts"):
        found = _read_used(value)
        if found is None:
            yield None, Move(index, leaf, None)
            return
        now: dict[str, Figure] = {}
        for used in found:
            now[used.lot] = add(now.get(used.lot, ZERO), used.amount)
        for lot in {**before, **now}:
            change = subtract(before.get(lot, ZERO), now.get(lot, ZERO))
            yield lot, Move(index, leaf, change)
        before = now


def used_parts(thing: Thing, step: Step) -> list[Used] | None:
    """Returns the new parts that went into a thing in a step, None if that cannot be told."""
    return _read_used(read(thing, step, "new_parts"))


def _read_used(value: Any) -> list[Used] | None:
    if isinstance(value, Unknown):
        return None
    return [
        Used(entry["lot"], entry["part_no"], quantity(entry["quantity"])) for entry in value or ()
    ]
