"""Declaration lines: what was declared, and what arrived or left (docs/spec/account.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, Figure, add, subtract
from traceledger.audit.picture import Picture, Weighed
from traceledger.audit.things import Step, Thing
from traceledger.audit.units import is_weight, kilograms, pieces
from traceledger.audit.values import corrected_by, money, number, text, when

__all__ = ["Line", "LineTally"]

_RETURNS = frozenset({"return", "draw_lot"})
_LEAVING = frozenset({"export", "divert", *_RETURNS})


@dataclass(slots=True)
class Line:
    """The figures of a declaration line; counts are pieces.

    `declared` is None in a unit that is unknown, and in kilograms, where `by_weight` is set and
    `quantity_kg` is the quantity.
    `missing` are the missing cores, each with the log index of the record that it was short. `kg`
    is what arrived or left, `value` the value of what arrived, by currency. `due` is None if it
    cannot be told. `evidence` is what was counted, and the declaration.
    """

    item: str
    thing: Thing
    inbound: bool
    declared: Figure
    by_weight: bool
    declared_kg: Figure
    quantity_kg: Figure
    declared_value: Figure
    currency: str | None
    due: bool | None
    imported: int = 0
    in_transit: int = 0
    missing: list[tuple[int, str]] = field(default_factory=list)
    exported: int = 0
    returned: int = 0
    diverted: int = 0
    pending: int = 0
    attested: int = 0
    kg: Figure = ZERO
    value: dict[str, Figure] = field(default_factory=dict)
    value_known: bool = True
    settled: tuple[str, ...] = ()
    parts: set[str] = field(default_factory=set)
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def arrived(self) -> int:
        """The cores of an inbound line that are not missing."""
        return self.imported - len(self.missing)

    @property
    def received(self) -> int:
        """The cores of an inbound line that the plant has received."""
        return self.arrived - self.in_transit

    @property
    def left(self) -> int:
        """The pieces that left on an outbound line."""
        return self.exported + self.returned + self.diverted

    @property
    def counted(self) -> int:
        """The pieces that the declared quantity is compared with."""
        return self.arrived if self.inbound else self.left + self.pending

    @property
    def difference(self) -> Figure:
        """Declared minus counted pieces."""
        return subtract(self.declared, Decimal(self.counted))

    @property
    def weights(self) -> tuple[Figure, ...]:
        """What is declared in kg: the net weight, and a quantity that is a weight."""
        return (self.declared_kg, self.quantity_kg) if self.by_weight else (self.declared_kg,)

    @property
    def difference_kg(self) -> Figure:
        """The declared weight minus that of what arrived or left."""
        return subtract(self.declared_kg, self.kg)


class LineTally:
    """Adds up what cores, components and units say about declaration lines."""

    def __init__(self, picture: Picture, lines: Mapping[str, Thing] | None = None) -> None:
        """Begins with these lines, by default all."""
        self._picture = picture
        opened = picture.lines if lines is None else lines
        self.lines = {item: _open(picture, item, line) for item, line in opened.items()}

    def take(self, weighed: Weighed) -> None:
        """Counts what one thing contributes."""
        item, thing, _, weight = weighed
        if thing.chain == "core" and thing.line in self.lines:
            self._arrive(item, thing, weight)
        for step in thing.steps:
            if step.kind in _LEAVING:
                self._leave(thing, step, weight)

    def settle(self) -> frozenset[str]:
        """Returns the missing cores that a confirmed amendment of their line discharges."""
        for line in self.lines.values():
            if line.inbound:
                line.settled = _settled(line)
        return frozenset(item for line in self.lines.values() for item in line.settled)

    def _arrive(self, item: str, core: Thing, weight: Figure) -> None:
        line, imported = self.lines[core.line], core.opened
        line.imported += 1
        if imported is not None:
            line.evidence.add(imported.index, imported.leaf)
        if part := text(core, imported, "part_no"):
            line.parts.add(part)
        if core.life == "MISSING":
            short = core.last("receive")
            line.missing.append((short.index if short else core.first, item))
            return
        line.in_transit += core.life == "DECLARED"
        line.kg = add(line.kg, weight)
        amount, currency = money(core, imported, "unit_value")
        if currency is None:
            line.value_known = False
        else:
            line.value[currency] = add(line.value.get(currency, ZERO), amount)

    def _leave(self, thing: Thing, step: Step, weight: Figure) -> None:
        line = self.lines.get(step.linked)
        if line is None:
            return
        answers = thing.answers_to(step)
        if step.kind == "export":
            line.exported += 1
        elif step.kind in _RETURNS:
            line.returned += thing.chain != "lot"
        elif thing.pending == step.leaf:
            line.pending += 1
        elif any(answer.confirmed for answer in answers):
            line.diverted += 1
        else:
            return
        returned = step.kind in _RETURNS
        kg = number(thing, step, "net_kg") if returned else weight
        line.kg = add(line.kg, kg)
        line.evidence.add(step.index, step.leaf)
        line.attested += any(answer.attested and answer.confirmed for answer in answers)


def _open(picture: Picture, item: str, thing: Thing) -> Line:
    step = thing.opened
    unit = text(thing, step, "unit")
    amount, currency = money(thing, step, "total")
    declared_at = when(thing, step, "declared_at")
    # A line that claims to be declared later than it was signed would never be due.
    late = None if declared_at is None else picture.is_old(min(declared_at, step.iat))
    return Line(
        item=item,
        thing=thing,
        inbound=step.kind == "declare_in",
        declared=pieces(number(thing, step, "quantity"), unit),
        by_weight=is_weight(unit),
        declared_kg=number(thing, step, "net_kg"),
        quantity_kg=kilograms(number(thing, step, "quantity"), unit),
        declared_value=amount,
        currency=currency,
        due=True if thing.life == "CLOSED" else late,
        evidence=Evidence.of(step),
    )


def _settled(line: Line) -> tuple[str, ...]:
    step = line.thing.opened
    correction = corrected_by(line.thing, step, "quantity")
    confirmed = correction is not None and line.thing.decided(correction) is not None
    if not confirmed or line.declared is None:
        return ()
    surplus = max(0, math.floor(line.imported - line.declared))  # pieces are never split
    return tuple(item for _, item in sorted(line.missing)[:surplus])
