"""The declared consumption (单耗) of new parts by units, compared with what was used.

Net consumption (净耗) is what a unit contains, by the unit's part number; the loss of processing
(工艺损耗) is what was drawn from lots as scrapped, by the part number of the lots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, Figure, add, multiply
from traceledger.audit.lots import NewParts, used_parts
from traceledger.audit.picture import Picture, Weighed
from traceledger.audit.stock import part_of
from traceledger.audit.things import Step, Thing
from traceledger.audit.values import text

__all__ = ["ConsumptionTally", "Loss", "Use", "uses_of"]


@dataclass(slots=True)
class Use:
    """What the units of a part number contain of a new part, and what was declared for them."""

    part_no: str
    new_part: str
    net: Decimal
    units: int = 0
    consumed: Figure = ZERO
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def declared(self) -> Figure:
        """The declared net consumption of these units."""
        return multiply(self.net, Decimal(self.units))


@dataclass(slots=True)
class Loss:
    """What of a new part was used and what was scrapped unused, and the highest declared rate."""

    new_part: str
    rate: Decimal
    consumed: Figure = ZERO
    scrapped: Figure = ZERO
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def allowed(self) -> Figure:
        """The loss that the rate allows of all that left the lots for processing."""
        return multiply(self.rate, add(self.consumed, self.scrapped))


class ConsumptionTally:
    """Adds up uses by unit part number and new part, for all that the policy declares."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        policy = picture.policy
        self.uses = {
            (one.part_no, one.new_part): Use(one.part_no, one.new_part, one.net)
            for one in policy.consumption
        }
        self.losses = {part: Loss(part, rate) for part, rate in policy.losses.items()}
        self._parts = frozenset(one.part_no for one in policy.consumption)

    def take(self, weighed: Weighed) -> None:
        """Counts one unit with what was used in it and in the parts that it was built from."""
        item, thing, *_ = weighed
        part_no = part_of(thing) if thing.chain == "unit" and self._parts else ""
        if part_no not in self._parts:
            return
        steps = list(uses_of(self._picture, item, thing))
        for use in self.uses.values():
            if use.part_no == part_no:
                use.units += 1
                for owner, step in steps:
                    _consume(use, self._picture.things[owner], step)

    def finish(self, lots: Iterable[NewParts]) -> None:
        """Adds up losses by the part numbers of lots; one that is unknown could be any."""
        for lot in lots:
            number = text(lot.thing, lot.thing.opened, "part_no")
            for loss in self.losses.values():
                if number in {None, loss.new_part}:
                    _lose(loss, lot, known=number is not None)


def uses_of(picture: Picture, item: str, unit: Thing) -> Iterator[tuple[str, Step]]:
    """Yields the steps that put new parts into a unit, its own and repairs of its inputs.

    Each comes with the item on whose chain it is.
    """
    yield from ((item, step) for step in unit.all("assemble", "repair"))
    for part in unit.parts:
        yield from ((part, step) for step in picture.things[part].all("repair"))


def _consume(use: Use, owner: Thing, step: Step) -> None:
    used = used_parts(owner, step)
    amounts = None if used is None else [one.amount for one in used if one.part_no == use.new_part]
    if amounts is None:
        use.consumed = None
    for amount in amounts or ():
        use.consumed = add(use.consumed, amount)
        use.evidence.add(step.index, step.leaf)


def _lose(loss: Loss, lot: NewParts, *, known: bool) -> None:
    scrapped = lot.drawn.get("scrapped", ZERO)
    if known:
        loss.consumed, loss.scrapped = (
            add(loss.consumed, lot.consumed),
            add(loss.scrapped, scrapped),
        )
        for step in lot.thing.all("draw_lot"):
            if step.value("reason") == "scrapped":
                loss.evidence.add(step.index, step.leaf)
    elif lot.drawn or lot.consumed != 0:
        loss.consumed = loss.scrapped = None
