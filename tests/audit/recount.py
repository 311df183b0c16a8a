"""Where the cores of a log are, counted again from its events alone, item by item.

It shares nothing with `traceledger.audit`: no records, no steps, no pass in the order of the log.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from traceledger.events.token import Event

__all__ = ["Recount"]

OPEN = frozenset({"in_transit", "missing", "core_here", "unit_here", "parts_here", "waste_here"})
_NEW = {"assemble": "unit_here", "harvest": "parts_here"}


class Recount:
    """The events of each item that nobody took back; items whose first event was are left out."""

    def __init__(self, events: Iterable[Event]) -> None:
        chains: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            chains[event.payload.sub].append(event)
        self.chains: dict[str, list[Event]] = {}
        for item, chain in chains.items():
            voids = {event.id for event in chain if event.kind_name == "void"}
            voids |= {named(event, "target")[0] for event in chain if event.kind_name == "void"}
            if chain[0].id not in voids:
                self.chains[item] = [event for event in chain if event.id not in voids]

    def fates(self) -> dict[str, Counter[str]]:
        """Counts the cores of each inbound line by fate; those without a line under ""."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for item, chain in self.chains.items():
            if chain[0].kind_name == "import":
                line = next(iter(items(chain[0], "declaration")), "")
                is_line = line in self.chains and self.chains[line][0].kind_name == "declare_in"
                found[line if is_line else ""][self.fate(item)] += 1
        return found

    def departures(self) -> dict[str, Counter[str]]:
        """Counts what left, or waits to leave, on each outbound line."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for chain in self.chains.values():
            for event in chain:
                kind = event.kind_name
                if kind in {"export", "return"} and chain[0].kind_name != "open_lot":
                    found[items(event, "declaration")[0]][f"{kind}ed"] += 1
                elif kind == "divert":
                    answer = {None: "pending", True: "diverted", False: "refused"}
                    term = answer[confirmed(event, chain)]
                    found[items(event, "declaration")[0]][term] += 1
        return found

    def fate(self, item: str) -> str:
        """Returns where a core, component or unit is, or how it left."""
        chain = self.chains[item]
        for event in chain:
            if event.kind_name == "export":
                return "exported"
            if event.kind_name == "divert" and confirmed(event, chain):
                return "diverted"
        for event in reversed(chain):
            match event.kind_name:
                case "return":
                    return "returned"
                case "consume":
                    return self.fate(items(event, "unit")[0])
                case "scrap":
                    return self._lot(items(event, "lot")[0])
                case "disassemble":
                    return self._apart(event)
                case "receive":
                    return "core_here" if event.data.result == "ok" else "missing"
                case _:
                    pass
        return _NEW.get(chain[0].kind_name, "in_transit")

    def _apart(self, event: Event) -> str:
        parts = [self.fate(part) for part in items(event, "output") if part in self.chains]
        if OPEN.intersection(parts):
            return "parts_here"
        lots = {self._lot(lot) for lot in items(event, "lot")}
        return "waste_here" if "waste_here" in lots else "parts_settled"

    def _lot(self, item: str) -> str:
        chain = self.chains[item]
        for event in chain:
            if event.kind_name == "return":
                return "returned"
            if event.kind_name == "destroy" and confirmed(event, chain):
                return "destroyed"
        return "waste_here"


def items(event: Event, link: str) -> list[str]:
    """The items that an event names under a link."""
    return [ref.item for ref in event.refs if ref.as_ == link]


def named(event: Event, link: str) -> list[str]:
    """The events that an event names under a link."""
    return [ref.event or "" for ref in event.refs if ref.as_ == link]


def confirmed(event: Event, chain: Iterable[Event]) -> bool | None:
    """Whether the first answer to an event confirms it; None without one."""
    for other in chain:
        if other.kind_name == "confirm" and named(other, "target") == [event.id]:
            return bool(other.data.result == "confirmed")
    return None
