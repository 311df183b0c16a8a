"""The balance of mass of each book, in kg since its beginning (docs/spec/account.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, Figure, add, multiply, subtract, total
from traceledger.audit.picture import Picture, Weighed
from traceledger.audit.things import Thing
from traceledger.audit.values import number

__all__ = ["Join", "MassTally", "joins_of"]

_LEAST_DIFFERENCE = Decimal("0.005")
"""The kg below which a difference of mass is not judged."""

_TERMS = (
    *("cores_in", "out", "returned", "waste", "loose_waste", "short_settled", "close", "loss"),
    *("base", "transferred"),
)
_LOSING = ("out", "returned", "waste", "loose_waste", "short_settled", "close", "loss")


@dataclass(slots=True)
class Join:
    """What was weighed before and after an event of this kind, in kg."""

    kind: str
    before: Figure
    after: Figure
    loose: Figure = ZERO

    @property
    def lost(self) -> Figure:
        """The weight that is gone, without loose waste."""
        return subtract(subtract(self.before, self.after), self.loose)

    def allowed(self, tolerance: Decimal) -> Figure:
        """Returns the weight that may be lost or gained; `tolerance` is a fraction of it."""
        share = multiply(self.before, tolerance)
        return None if share is None else max(share, _LEAST_DIFFERENCE)

    def exceeds(self, tolerance: Decimal) -> bool:
        """Reports whether more is known to be lost or gained; an assembly may gain new parts."""
        lost, allowed = self.lost, self.allowed(tolerance)
        if lost is None or allowed is None:
            return False
        return (lost if self.kind == "assemble" else abs(lost)) > allowed


def joins_of(picture: Picture, thing: Thing) -> Iterator[Join]:
    """Yields the weights before and after each event that changed the weight of a thing."""
    if thing.chain == "unit":
        yield _assembly(picture, thing)
    if thing.life == "DISASSEMBLED":
        yield _disassembly(picture, thing)
    elif thing.life in {"SCRAPPED", "RETURNED"}:
        yield _end(picture, thing)


def _assembly(picture: Picture, unit: Thing) -> Join:
    before = total(picture.weight(picture.things[part]) for part in unit.parts)
    return Join("assemble", before, picture.weight(unit))


def _disassembly(picture: Picture, thing: Thing) -> Join:
    outputs = (picture.things.get(part) for part in thing.outputs)
    after = total(picture.weight(output) for output in outputs if output is not None)
    loose = number(thing, thing.last("disassemble"), "waste_kg", absent=ZERO)
    return Join("disassemble", picture.weight(thing), after, loose)


def _end(picture: Picture, thing: Thing) -> Join:
    """Returns the weight of a thing, and what it weighed when it was scrapped or returned."""
    kind = "scrap" if thing.life == "SCRAPPED" else "return"
    return Join(kind, picture.weight(thing), number(thing, thing.last(kind), "net_kg"))


@dataclass(slots=True)
class MassTally:
    """Adds up the balance of mass of each book; `joins` are the events behind its loss."""

    picture: Picture
    books: dict[str, dict[str, Figure]] = field(default_factory=dict)
    joins: dict[str, Evidence] = field(default_factory=dict)

    def take(self, weighed: Weighed) -> None:
        """Adds what one thing contributes."""
        _, thing, book, weight = weighed
        if thing.chain == "lot":
            return
        terms = self._terms(book)
        if thing.chain == "core":
            _add(terms, "cores_in", weight)
        if thing.chain == "unit":
            lost = _assembly(self.picture, thing).lost
            _add(terms, "loss", lost)
            self._transfer(thing, book)
            if lost:
                self._show(thing, "assemble")
        for term, kg in self._exit(thing, weight):
            _add(terms, term, kg)

    def settle(self, items: frozenset[str]) -> None:
        """Moves the weight of discharged cores from stock to settled."""
        for item in items:
            core = self.picture.things[item]
            terms, weight = self._terms(self.picture.book_of(core)), self.picture.weight(core)
            terms["close"] = subtract(terms["close"], weight)
            _add(terms, "short_settled", weight)

    def residual(self, book: str) -> Figure:
        """Returns what is left of a book's balance, 0 unless the program is wrong."""
        terms = self.books[book]
        result = add(terms["cores_in"], terms["transferred"])
        for term in _LOSING:
            result = subtract(result, terms[term])
        return result

    def _terms(self, book: str) -> dict[str, Figure]:
        terms = self.books.get(book)
        if terms is None:
            terms = self.books[book] = dict.fromkeys(_TERMS, ZERO)
        return terms

    def _exit(self, thing: Thing, weight: Figure) -> Iterator[tuple[str, Figure]]:
        """Yields where the weight of a thing went."""
        if thing.left or thing.life == "DIVERTED":
            yield "out", weight
            return
        match thing.life:
            case "CONSUMED":
                yield "base", weight
            case "DISASSEMBLED":
                join = _disassembly(self.picture, thing)
                yield "base", weight
                apart = thing.last("disassemble")
                in_lot = apart is not None and apart.linked
                yield "waste" if in_lot else "loose_waste", join.loose
                yield "loss", join.lost
                if join.lost:
                    self._show(thing, "disassemble")
            case "SCRAPPED" | "RETURNED":
                join = _end(self.picture, thing)
                yield "waste" if join.kind == "scrap" else "returned", join.after
                yield "loss", join.lost
                if join.lost:
                    self._show(thing, join.kind)
            case _:
                yield "close", weight

    def _show(self, thing: Thing, kind: str) -> None:
        """Remembers an event that changed the weight, as evidence of the loss."""
        step = thing.last(kind)
        if step is not None:
            evidence = self.joins.setdefault(self.picture.book_of(thing), Evidence())
            evidence.add(step.index, step.leaf)

    def _transfer(self, unit: Thing, book: str) -> None:
        """Moves the weight of inputs of another book to the book of the unit."""
        for part in unit.parts:
            thing = self.picture.things[part]
            other = self.picture.book_of(thing)
            if other != book:
                weight = self.picture.weight(thing)
                _add(self._terms(book), "transferred", weight)
                terms = self._terms(other)
                terms["transferred"] = subtract(terms["transferred"], weight)


def _add(terms: dict[str, Figure], term: str, kg: Figure) -> None:
    terms[term] = add(terms[term], kg)
