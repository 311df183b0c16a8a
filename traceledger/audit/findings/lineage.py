"""Lineage: LIN-04, LIN-05, LIN-07 to LIN-09."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import ZERO, add, show
from traceledger.audit.findings.finding import Finding
from traceledger.audit.lots import NewParts, Waste
from traceledger.audit.mass import Join, joins_of
from traceledger.audit.things import Thing
from traceledger.audit.values import Unknown

__all__ = ["find_in_lots", "find_in_thing"]

_PROCESSED = frozenset({"IN_PROCESS", "CONSUMED", "DISASSEMBLED"})


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields what is wrong with the lineage of a core, component or unit."""
    if thing.chain == "unit":
        yield from _find_mixture(account, item, thing)
    if thing.chain == "core":
        yield from _find_processing(account, item, thing)
        yield from _find_return(account, item, thing)
    for join in joins_of(account.picture, thing):
        if join.exceeds(account.picture.policy.tolerance("mass")):
            yield _of_mass(account, item, thing, join)


def find_in_lots(account: Account) -> Iterator[Finding]:
    """Yields uses of new parts from no lot, an empty one or that of another book; mixed waste."""
    for lot, evidence in account.sums.lots.strange.items():
        yield Finding("LIN-04", "M", lot, evidence, "new_part")
    for found in account.sums.lots.new_parts.values():
        yield from _find_overdrawn(found)
        yield from _find_mixed(found)
    for waste in account.sums.lots.waste.values():
        yield from _find_mixed(waste)


def _find_mixture(account: Account, item: str, unit: Thing) -> Iterator[Finding]:
    picture = account.picture
    parts = [picture.things[part] for part in unit.parts]
    books = {picture.book_of(part) for part in parts}
    if len(books) > 1:
        evidence = Evidence.of(unit.last("assemble"))
        for part in parts:
            evidence.extend(Evidence.of(part.opened))
        book = picture.book_of(unit)
        actual = " ".join(sorted(books - {book})) or "none"
        yield Finding("LIN-08", "H", item, evidence, book or "none", actual, book)


def _find_processing(account: Account, item: str, core: Thing) -> Iterator[Finding]:
    book = account.picture.book_of(core) if core.life in _PROCESSED else ""
    opened = account.picture.books[book].last("open_book") if book else None
    if opened and opened.value("class") == "logistics":
        evidence = Evidence.of(opened, core.opened)
        yield Finding("LIN-08", "H", item, evidence, "processing", "logistics", book)


def _find_return(account: Account, item: str, core: Thing) -> Iterator[Finding]:
    step = core.last("return") if core.life == "RETURNED" else None
    number = account.picture.book_line_of(core) if step else None
    if step is None or number is None or isinstance(number, Unknown):
        return
    other = account.picture.book_line(account.picture.line(step.linked))
    if not isinstance(other, Unknown) and other != number:
        evidence = Evidence.of(core.opened, step)
        book = account.picture.book_of(core)
        yield Finding("LIN-09", "M", item, evidence, str(number), str(other), book)


def _of_mass(account: Account, item: str, thing: Thing, join: Join) -> Finding:
    picture = account.picture
    evidence = Evidence.of(thing.last(join.kind), thing.opened)
    for other in {"assemble": thing.parts, "disassemble": thing.outputs}.get(join.kind, ()):
        part = picture.things.get(other)
        if part is not None:
            evidence.extend(Evidence.of(part.opened))
    after = show(add(join.after, join.loose)) or ""
    return Finding(
        "LIN-07", "M", item, evidence, show(join.before) or "", after, picture.book_of(thing)
    )


def _find_mixed(lot: NewParts | Waste) -> Iterator[Finding]:
    for book, evidence in sorted(lot.mixed.items()):
        yield Finding("LIN-08", "H", lot.lot, evidence, lot.book, book, lot.book)


def _find_overdrawn(lot: NewParts) -> Iterator[Finding]:
    level, lowest = ZERO, ZERO
    evidence = Evidence()
    for move in sorted(lot.moves, key=lambda move: move.position):
        after = ZERO if move.sets else add(level, move.change)
        if after is None:
            break  # what was below 0 before remains so
        level = after
        if level < 0:
            evidence.add(move.position, move.leaf)
            lowest = min(lowest, level)
    if lowest < 0:
        severity = "H" if level < 0 else "M"
        actual = show(lowest) or ""
        yield Finding("LIN-05", severity, lot.lot, evidence, "0", actual, lot.book)
