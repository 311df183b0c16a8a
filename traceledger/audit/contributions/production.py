"""Contributions to yield, to the consumption of new parts and to their losses."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from traceledger.audit.account import Account
from traceledger.audit.consumption import ConsumptionTally, uses_of
from traceledger.audit.contributions.part import Part
from traceledger.audit.trail import Place, trail
from traceledger.audit.yields import YieldTally

__all__ = ["parts_of_consumption", "parts_of_loss", "parts_of_yield"]


def parts_of_yield(account: Account, part_no: str, term: str) -> Iterator[Part]:
    """Yields the cores of a part number that are good, or all that are used up."""
    picture = account.picture
    for item, thing in picture.each():
        tally = YieldTally(picture)
        tally.take(picture.weigh(item, thing))
        found = tally.parts.get(part_no)
        if found is not None and getattr(found, term):
            yield Part(item, Decimal(1), trail(picture, item, thing))


def parts_of_consumption(account: Account, key: tuple[str, str], term: str) -> Iterator[Part]:
    """Yields the parts of a term of a pair of part number and new part."""
    picture = account.picture
    for item, thing in picture.each():
        tally = ConsumptionTally(picture)
        tally.take(picture.weigh(item, thing))
        use = tally.uses[key]
        value = Decimal(use.units) if term == "units" else getattr(use, term)
        if value != 0:
            places = (
                Place(step.index, step.leaf, owner, step.kind)
                for owner, step in uses_of(picture, item, thing)
            )
            yield Part(item, value, tuple(sorted(places)))


def parts_of_loss(account: Account, new_part: str, term: str) -> Iterator[Part]:
    """Yields the lots that contribute to the losses of a new part."""
    picture = account.picture
    for item, lot in account.sums.lots.new_parts.items():
        tally = ConsumptionTally(picture)
        tally.finish([lot])
        value = getattr(tally.losses[new_part], term)
        if value != 0:
            yield Part(item, value, trail(picture, item, lot.thing))
