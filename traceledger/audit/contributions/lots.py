"""Contributions to the figures of lots: new parts and waste."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from traceledger.audit.account import Account
from traceledger.audit.contributions.part import Part, make_former_part, make_part
from traceledger.audit.figures import ZERO, Figure, subtract
from traceledger.audit.lots import FLOWS, LotTally, NewParts, Waste
from traceledger.audit.trail import Place, trail
from traceledger.audit.values import number

__all__ = ["parts_of_new_parts", "parts_of_waste"]


def parts_of_new_parts(
    account: Account, described: Mapping[str, Any], term: str, before: Account | None
) -> Iterator[Part]:
    """Yields the parts of a term of a lot of new parts, over the period."""
    lot = described["lot"]
    then = dict(_uses_of(before, lot)) if before else {}
    for item, flows in _uses_of(account, lot):
        value = _flow(term, flows, then.pop(item, None))
        if value != 0:
            thing = account.picture.things[item]
            yield make_part(account.picture, item, thing, value, term)
    for item, opening in then.items():
        value = _flow(term, None, opening)
        if value != 0:
            yield make_former_part(account.picture, before, item, value, term)


def _uses_of(account: Account, lot: str) -> Iterator[tuple[str, NewParts]]:
    """Yields the lot with what was put into it and drawn from it, and each item with its use."""
    picture = account.picture
    own = picture.things.get(lot)
    if own is None or lot not in account.sums.lots.new_parts:
        return
    for item, thing in picture.each():
        if item == lot or thing.last("repair", "assemble") is not None:
            tally = LotTally()
            if item == lot:
                tally.take(picture.weigh(lot, own))
            else:
                tally.new_parts[lot] = NewParts(lot, own)
                tally.take(picture.weigh(item, thing))
                tally.finish()
            yield item, tally.new_parts[lot]


def _flow(term: str, end: NewParts | None, start: NewParts | None) -> Figure:
    """Returns a term of a lot over a period, as the account computes it."""
    before, after = (one.terms() if one else {} for one in (start, end))
    if term == "close":
        return after.get("close", ZERO)
    if term == "opening":
        return before.get("close", ZERO)
    if term in FLOWS:
        return subtract(after.get(term, ZERO), before.get(term, ZERO))
    return ZERO


def parts_of_waste(account: Account, described: Mapping[str, Any], term: str) -> Iterator[Part]:
    """Yields the parts of a term of a lot of waste."""
    picture, lot = account.picture, described["lot"]
    own = picture.things[lot]
    if term in {"weighed", "destroyed_weighed", "residue"}:
        alone = Waste(lot, own)
        step = own.last("close_lot") if term == "weighed" else alone.destruction
        values = {"weighed": alone.weighed, "destroyed_weighed": alone.destroyed_weighed}
        value = values.get(term, number(own, alone.destruction, "residue_kg"))
        entries = (Place(step.index, step.leaf, lot, step.kind),) if step else ()
        yield Part(lot, value, entries)
        return
    for item, thing in picture.each():
        if not any(step.linked == lot for step in thing.steps):
            continue
        tally = LotTally()
        tally.waste[lot] = Waste(lot, own)
        tally.take(picture.weigh(item, thing))
        tally.finish()
        counted = tally.waste[lot]
        if term in {"in", counted.state} and counted.scrapped != 0:
            yield Part(item, counted.scrapped, trail(picture, item, thing))
