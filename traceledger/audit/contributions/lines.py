"""Contributions to the figures of declaration lines: what arrived, what left, fates of cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import MappingProxyType

from traceledger.audit.account import Account
from traceledger.audit.contributions.part import Part, make_part
from traceledger.audit.fates import OPEN
from traceledger.audit.figures import ZERO, Figure
from traceledger.audit.lines import Line, LineTally
from traceledger.audit.pieces import is_overdue
from traceledger.audit.things import Thing
from traceledger.audit.trail import entries_of, trail

__all__ = ["parts_of_cores", "parts_of_line"]

_DECLARED = MappingProxyType(
    {"declared": "declared", "declared_kg": "declared_kg", "declared_value": "declared_value"}
)
_COUNTED = frozenset({"exported", "returned", "diverted", "left", "pending", "kg", "in_transit"})


def parts_of_line(account: Account, item: str, steps: list[str]) -> Iterator[Part]:
    """Yields the parts of a figure of one declaration line."""
    picture, thing = account.picture, account.picture.lines[item]
    if steps[0] in {"fate", "fate_kg", "open", "overdue", "oldest_open_days"}:
        yield from parts_of_cores(account, frozenset({item}), steps)
        return
    alone = LineTally(picture, {item: thing}).lines[item]
    term = steps[0]
    read = _reader(account, steps)
    if read is None:  # a field of the declaration
        yield Part(item, getattr(alone, _DECLARED.get(term, ""), None), entries_of(item, thing))
        return
    if term == "difference":
        yield Part(item, alone.declared, entries_of(item, thing))
    for other, counted in picture.each():
        if (counted.chain == "core" and counted.line == item) or _names(counted, item):
            tally = LineTally(picture, {item: thing})
            tally.take(picture.weigh(other, counted))
            value = read(tally.lines[item], other)
            if value != 0:
                yield make_part(picture, other, counted, value, term)


def _names(thing: Thing, line: str) -> bool:
    """Reports whether a thing left, or is to leave, on a line."""
    steps = thing.all("export", "return", "draw_lot", "divert")
    return any(step.linked == line for step in steps)


def _reader(account: Account, steps: list[str]) -> Callable[[Line, str], Figure] | None:
    """Returns what reads the contribution of an item from a line that counts it alone."""
    match steps:
        case ["difference"]:
            return lambda line, _item: Decimal(-line.counted)
        case ["missing"]:
            return lambda line, _item: Decimal(len(line.missing))
        case ["short_settled"]:
            return lambda _line, item: Decimal(item in account.sums.settled)
        case ["value", currency]:
            return lambda line, _item: line.value.get(currency, ZERO) if line.value_known else None
        case ["value"]:
            return lambda line, _item: None if not line.value_known else Decimal(bool(line.value))
        case ["kg"]:
            return lambda line, _item: line.kg
        case ["imported" | "arrived" | "received" as term]:
            return lambda line, _item: Decimal(getattr(line, term))
        case [term] if term in _COUNTED:
            return lambda line, _item: Decimal(getattr(line, term))
        case _:
            return None


def parts_of_cores(account: Account, lines: frozenset[str], steps: list[str]) -> Iterator[Part]:
    """Yields the cores of lines with a fate, in pieces or kg."""
    picture = account.picture
    for item, core in picture.each():
        if core.chain != "core" or core.line not in lines:
            continue
        fate = account.fates.of(item, core)
        value: Figure = Decimal(1)
        match steps:
            case ["fate", wanted]:
                counts = fate == wanted
            case ["fate_kg", wanted]:
                counts, value = fate == wanted, picture.weight(core)
            case ["overdue"]:
                counts = fate in OPEN and is_overdue(account.picture, core)
            case ["open" | "oldest_open_days"]:
                counts = fate in OPEN
            case _:
                return
        if counts:
            yield Part(item, value, trail(picture, item, core))
