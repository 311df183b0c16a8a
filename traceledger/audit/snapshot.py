"""All sums of a log as of one size, from which the figures of a period are differences."""

from __future__ import annotations

import msgspec

from traceledger.audit.balances import BalanceTally, Key, Row
from traceledger.audit.consumption import ConsumptionTally
from traceledger.audit.fates import Fates
from traceledger.audit.figures import Figure
from traceledger.audit.lines import LineTally
from traceledger.audit.lots import LotTally
from traceledger.audit.mass import MassTally
from traceledger.audit.picture import Picture
from traceledger.audit.pieces import PieceTally
from traceledger.audit.things import Thing
from traceledger.audit.yields import YieldTally

__all__ = ["Snapshot", "Sums"]


class Snapshot(msgspec.Struct):
    """What a later period needs of an earlier moment: rows of balances, lots and counts."""

    rows: list[tuple[Key, Row]] = []
    lots: dict[str, dict[str, Figure]] = {}
    events: int = 0
    corrections: int = 0


class Sums:
    """The sums over all items of a log as of one size, computed in one pass over the items."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.lines = LineTally(picture)
        self.balances = BalanceTally(picture)
        self.mass = MassTally(picture)
        self.lots = LotTally()
        self.yields = YieldTally(picture)
        self.consumption = ConsumptionTally(picture)
        self.fates = Fates(picture)
        self.pieces = PieceTally(picture, self.fates)
        tallies = (
            *(self.lines, self.balances, self.mass, self.lots, self.yields),
            *(self.consumption, self.pieces),
        )
        self.successors: dict[str, Thing] = {}
        for item, thing in picture.each():
            weighed = picture.weigh(item, thing)
            for tally in tallies:
                tally.take(weighed)
            if thing.chain == "core" and thing.origin:
                self.successors[thing.origin] = thing
        self.lots.finish()
        self.consumption.finish(self.lots.new_parts.values())
        self.settled = self.fates.settled = self.lines.settle()
        self.pieces.settle()
        self.balances.settle(self.settled)
        self.mass.settle(self.settled)

    def snapshot(self) -> Snapshot:
        """Returns what a later period needs."""
        return Snapshot(
            rows=list(self.balances.rows.items()),
            lots={item: lot.terms() for item, lot in self.lots.new_parts.items()},
            events=self.picture.state.events,
            corrections=self.picture.state.corrections,
        )
