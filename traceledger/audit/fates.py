"""The fate of each core: where the piece that was imported is now (docs/spec/account.md)."""

from __future__ import annotations

from typing import Literal

from traceledger.audit.picture import Picture
from traceledger.audit.things import Thing

__all__ = ["FATES", "OPEN", "Fate", "Fates"]

Fate = Literal[
    "exported",
    "returned",
    "destroyed",
    "diverted",
    "parts_settled",
    "short_settled",
    "in_transit",
    "missing",
    "core_here",
    "unit_here",
    "parts_here",
    "waste_here",
]

FATES: tuple[Fate, ...] = (
    *("exported", "returned", "destroyed", "diverted", "parts_settled", "short_settled"),
    *("in_transit", "missing", "core_here", "unit_here", "parts_here", "waste_here"),
)
"""All fates, the settled ones first."""
OPEN: frozenset[Fate] = frozenset(FATES[6:])
"""The fates of pieces that are still in the account."""


class Fates:
    """Tells the fates of cores; `settled` are the missing ones that customs discharged."""

    def __init__(self, picture: Picture) -> None:
        self.settled: frozenset[str] = frozenset()
        self._picture = picture
        self._units: dict[str, Fate] = {}

    def of(self, item: str, core: Thing) -> Fate:
        """Returns the fate of a core."""
        match core.life:
            case "DECLARED":
                return "in_transit"
            case "MISSING":
                return "short_settled" if item in self.settled else "missing"
            case _:
                return self._of_part(core, "core_here")

    def _of_part(self, part: Thing, here: Fate) -> Fate:
        """Returns what became of a core or component that is no longer on its way."""
        match part.life:
            case "CONSUMED":
                return self._of_unit(part.unit)
            case "RETURNED":
                return "returned"
            case "DIVERTED":
                return "diverted"
            case "SCRAPPED":
                return self._of_waste(part)
            case "DISASSEMBLED":
                return self._of_outputs(part)
            case _:
                return here

    def _of_unit(self, item: str) -> Fate:
        fate = self._units.get(item)
        if fate is None:
            fate = self._units[item] = self._find_unit(self._picture.things[item])
        return fate

    def _find_unit(self, unit: Thing) -> Fate:
        if unit.left == "exported":
            return "exported"
        if unit.left == "diverted":
            return "diverted"
        return self._of_part(unit, "unit_here")

    def _of_waste(self, thing: Thing) -> Fate:
        """Returns what became of the lot into which a thing, or what was left of it, went."""
        thrown = thing.last("scrap", "disassemble")
        lot = self._picture.things.get(thrown.linked) if thrown else None
        match lot.life if lot else "":
            case "DESTROYED":
                return "destroyed"
            case "RETURNED":
                return "returned"
            case _:
                return "waste_here"

    def _of_outputs(self, thing: Thing) -> Fate:
        for item in thing.outputs:
            part = self._picture.things.get(item)
            if part is not None and self._of_part(part, "parts_here") in OPEN:
                return "parts_here"
        apart = thing.last("disassemble")
        in_lot = apart is not None and apart.linked
        return "waste_here" if in_lot and self._of_waste(thing) in OPEN else "parts_settled"
