"""The items and entries behind every figure of an account, by the figure's path in the JSON.

A figure is a sum over items. The contribution of one item is computed by the code that computes the
figure, from that item alone, so that the parts of a figure cannot contradict it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger.audit.account import Account
from traceledger.audit.balances import BalanceTally, Row, balance, terms_of
from traceledger.audit.consumption import ConsumptionTally, uses_of
from traceledger.audit.fates import OPEN
from traceledger.audit.figures import ZERO, Figure, subtract
from traceledger.audit.lines import Line, LineTally
from traceledger.audit.lots import FLOWS, LotTally, NewParts, Waste
from traceledger.audit.mass import MassTally
from traceledger.audit.picture import Picture
from traceledger.audit.pieces import is_overdue
from traceledger.audit.stocktakes import find_counts
from traceledger.audit.things import Thing
from traceledger.audit.trail import Place, entries_of, trail
from traceledger.audit.values import number
from traceledger.audit.yields import YieldTally
from traceledger.errors import NotFoundError
from traceledger.rules.lifecycle import VOIDED

__all__ = ["Part", "find_figure", "find_parts", "start_of_path"]

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_CHAINS = MappingProxyType({"cores": "core", "units": "unit", "components": "component"})
_ARRIVALS = frozenset(
    {
        *("imported", "assembled", "harvested", "cores_in", "arrived", "received", "kg", "value"),
        *("declared", "declared_kg", "declared_value", "difference", "filled", "opening"),
    }
)
"""Terms for which the first event of an item is the whole evidence."""
_DECLARED = MappingProxyType(
    {"declared": "declared", "declared_kg": "declared_kg", "declared_value": "declared_value"}
)
_COUNTED = frozenset({"exported", "returned", "diverted", "left", "pending", "kg", "in_transit"})


class Part(NamedTuple):
    """What an item contributes to a figure, None if it is unknown, and the entries that show it."""

    item: str
    value: Figure
    entries: tuple[Place, ...]


def find_figure(described: Mapping[str, Any], path: str) -> Any:
    """Returns the member of an account at a JSON Pointer (RFC 6901).

    Raises NotFoundError `account.figure`.
    """
    found: Any = described
    steps = path.split("/")
    if steps[0]:
        raise _unknown(path)
    for step in steps[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            raise _unknown(path)
    return found


def start_of_path(account: Account, described: Mapping[str, Any], path: str) -> int:
    """Returns the log size at which the period of a figure begins; 1 for a figure without one.

    Raises NotFoundError `account.figure`.
    """
    find_figure(described, path)
    match path.split("/")[1:]:
        case ["books", number, table, *_] if table in _CHAINS:
            return account.start_of(account.books[int(number)])
        case ["no_book", table, *_] if table in _CHAINS:
            return account.scope.start
        case ["new_parts", *_]:
            return account.scope.start
        case _:
            return 1


def find_parts(
    account: Account, described: Mapping[str, Any], path: str, before: Account | None = None
) -> list[Part]:
    """Returns the parts of a figure, which add up to it, by the order of the log.

    `before` is the account as of the size that `start_of_path` returns; it is not needed for 1.
    A figure that counts no items has no parts. Raises NotFoundError `account.figure`.
    """
    find_figure(described, path)
    return sorted(
        _find(account, described, path.split("/")[1:], before),
        key=lambda part: part.entries[0].at if part.entries else -1,
    )


def _find(
    account: Account, described: Mapping[str, Any], steps: list[str], before: Account | None
) -> Iterator[Part]:
    match steps:
        case ["books", number, *rest]:
            book = account.books[int(number)]
            yield from _of_book(account, described["books"][int(number)], book, rest, before)
        case ["no_book", *rest]:
            yield from _of_book(account, described["no_book"], "", rest, before)
        case ["open_cores"]:
            lines = [
                line["declaration"] for book in described["books"] for line in book["lines_in"]
            ]
            lines += [""] if "open" in described["no_book"] else []
            yield from _of_cores(account, frozenset(lines), ["open"])
        case ["new_parts", number, term]:
            yield from _of_new_parts(account, described["new_parts"][int(number)], term, before)
        case ["waste", number, term]:
            yield from _of_waste(account, described["waste"][int(number)], term)
        case ["yield", number, "good" | "of" as term]:
            yield from _of_yield(account, described["yield"][int(number)]["part_no"], term)
        case ["consumption", number, "units" | "declared" | "consumed" as term]:
            row = described["consumption"][int(number)]
            yield from _of_consumption(account, (row["part_no"], row["new_part"]), term)
        case ["losses", number, "consumed" | "scrapped" | "allowed" as term]:
            yield from _of_loss(account, described["losses"][int(number)]["new_part"], term)
        case _:
            return


def _of_book(
    account: Account,
    described: Mapping[str, Any],
    book: str,
    steps: list[str],
    before: Account | None,
) -> Iterator[Part]:
    match steps:
        case ["lines_in" | "lines_out" as side, number, term, *rest]:
            line = described[side][int(number)]["declaration"]
            yield from _of_line(account, line, [term, *rest])
        case ["cores" | "units" | "components" as table, number, *rest]:
            row = described[table][int(number)]
            name = row.get("part" if table == "components" else "book_line", "")
            yield from _of_balance(account, (table, book, name), rest, before)
        case ["mass", term]:
            yield from _of_mass(account, book, term)
        case ["stocktakes", number, *_]:
            count = find_counts(account.picture.books[book])[int(number)]
            entries = tuple(Place(*place, book, "stocktake") for place in count.evidence.places)
            yield Part(book, None, entries)
        case ["fate" | "fate_kg" | "open" | "overdue" | "oldest_open_days", *_]:
            yield from _of_cores(account, frozenset({""}), steps)
        case _:
            return


def _of_line(account: Account, item: str, steps: list[str]) -> Iterator[Part]:
    picture, thing = account.picture, account.picture.lines[item]
    if steps[0] in {"fate", "fate_kg", "open", "overdue", "oldest_open_days"}:
        yield from _of_cores(account, frozenset({item}), steps)
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
                yield _part(picture, other, counted, value, term)


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


def _of_cores(account: Account, lines: frozenset[str], steps: list[str]) -> Iterator[Part]:
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


def _of_balance(
    account: Account,
    key: tuple[str, str, str | None],
    steps: list[str],
    before: Account | None,
) -> Iterator[Part]:
    table, picture = key[0], account.picture
    match steps:
        case [term] if term in terms_of(table):
            kg = False
        case ["kg", term]:
            kg = True
        case _:
            return

    def read(row: Row, name: str) -> Figure:
        return row.kg.get(name, ZERO) if kg else Decimal(row.pieces.get(name, 0))

    earlier = _rows_alone(before, key) if before else {}
    for item, closing in _rows_alone(account, key).items():
        value = balance(table, earlier.pop(item, None), closing, read)[term]
        if value != 0:
            yield _part(picture, item, picture.things[item], value, term)
    for item, opening in earlier.items():  # voided since, or corrected to another row
        value = balance(table, opening, None, read)[term]
        if value != 0:
            yield _former_part(picture, before, item, value, term)


def _rows_alone(account: Account, key: tuple[str, str, str | None]) -> dict[str, Row]:
    """Returns the row of each item of a balance, counted alone."""
    found, picture = {}, account.picture
    for item, thing in picture.each():
        if thing.chain != _CHAINS[key[0]]:
            continue
        tally = BalanceTally(picture)
        tally.take(picture.weigh(item, thing))
        if item in account.sums.settled:
            tally.settle(frozenset({item}))
        if key in tally.rows:
            found[item] = tally.rows[key]
    return found


def _of_mass(account: Account, book: str, term: str) -> Iterator[Part]:
    picture = account.picture
    for item, thing in picture.each():
        tally = MassTally(picture)
        tally.take(picture.weigh(item, thing))
        if item in account.sums.settled:
            tally.settle(frozenset({item}))
        if book not in tally.books:
            continue
        value = tally.residual(book) if term == "residual" else tally.books[book][term]
        if value != 0:
            yield _part(picture, item, thing, value, term)


def _of_new_parts(
    account: Account, described: Mapping[str, Any], term: str, before: Account | None
) -> Iterator[Part]:
    lot = described["lot"]
    then = dict(_uses_of(before, lot)) if before else {}
    for item, flows in _uses_of(account, lot):
        value = _flow(term, flows, then.pop(item, None))
        if value != 0:
            thing = account.picture.things[item]
            yield _part(account.picture, item, thing, value, term)
    for item, opening in then.items():
        value = _flow(term, None, opening)
        if value != 0:
            yield _former_part(account.picture, before, item, value, term)


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


def _of_waste(account: Account, described: Mapping[str, Any], term: str) -> Iterator[Part]:
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


def _of_yield(account: Account, part_no: str, term: str) -> Iterator[Part]:
    picture = account.picture
    for item, thing in picture.each():
        tally = YieldTally(picture)
        tally.take(picture.weigh(item, thing))
        found = tally.parts.get(part_no)
        if found is not None and getattr(found, term):
            yield Part(item, Decimal(1), trail(picture, item, thing))


def _of_consumption(account: Account, key: tuple[str, str], term: str) -> Iterator[Part]:
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


def _of_loss(account: Account, new_part: str, term: str) -> Iterator[Part]:
    picture = account.picture
    for item, lot in account.sums.lots.new_parts.items():
        tally = ConsumptionTally(picture)
        tally.finish([lot])
        value = getattr(tally.losses[new_part], term)
        if value != 0:
            yield Part(item, value, trail(picture, item, lot.thing))


def _part(picture: Picture, item: str, thing: Thing, value: Figure, term: str) -> Part:
    entries = entries_of(item, thing) if term in _ARRIVALS else trail(picture, item, thing)
    return Part(item, value, entries)


def _former_part(
    picture: Picture, before: Account | None, item: str, value: Figure, term: str
) -> Part:
    """Returns the part of an item that counts no longer; of a voided one nothing newer is left."""
    if before is not None and picture.things[item].life == VOIDED:
        picture = before.picture
    return _part(picture, item, picture.things[item], value, term)


def _unknown(path: str) -> NotFoundError:
    return NotFoundError("account.figure", f"the account has no figure at {path}")
