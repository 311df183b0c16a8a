"""The arithmetic of a finding: the terms that it compares, each with the entries that state it.

Not every finding computes something: one that compares two fields has no terms, only evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from traceledger.audit.account import Account
from traceledger.audit.figures import ZERO, Figure, multiply, show, subtract
from traceledger.audit.findings.finding import Finding
from traceledger.audit.lines import Line
from traceledger.audit.mass import joins_of
from traceledger.audit.pieces import age_in_days, moment_of
from traceledger.audit.stocktakes import find_counts
from traceledger.audit.things import Step, Thing
from traceledger.audit.trail import Place, entries_of
from traceledger.audit.values import when

__all__ = ["Term", "list_terms"]

Sign = Literal["+", "-", "=", "", "limit"]


class Term(NamedTuple):
    """A term: added, subtracted, the result, only stated, or the limit of its absolute value.

    `name` is its word. `value` is text, None if it is unknown; in the unit `time` it is in seconds
    since 1970. `item` is whose value it is. `path` is the member of the account whose parts are its
    evidence; without one, `entries` are.
    """

    sign: Sign
    name: str
    value: str | None
    unit: str
    item: str = ""
    path: str = ""
    entries: tuple[Place, ...] = ()


Terms = Iterator[Term]


def list_terms(account: Account, finding: Finding) -> tuple[Term, ...]:
    """Lists the terms of a finding of an account; empty if it computes nothing.

    Added and subtracted terms add up to the result below them.
    """
    work = _WORKS.get(finding.code)
    return tuple(work(account, finding)) if work else ()


def _pieces(account: Account, finding: Finding) -> Terms:
    """A line's declared pieces against those that arrived or left."""
    found = _line_of(account, finding.subject)
    if found is None:
        return
    line, path = found
    counted = {
        "QTY-01": ("imported",),
        "QTY-03": ("arrived",),
        "QTY-04": ("exported", "returned", "diverted", "pending"),
    }[finding.code]
    yield Term("+", "declared", show(line.declared), "pieces", line.item, f"{path}/declared")
    rest = line.declared
    for name in counted:
        value = Decimal(getattr(line, name))
        rest = subtract(rest, value)
        yield Term("-", name, show(value), "pieces", "", f"{path}/{name}")
    yield Term("=", "difference", show(rest), "pieces")


def _weight(account: Account, finding: Finding) -> Terms:
    """A line's declared weight against that of what arrived or left."""
    found = _line_of(account, finding.subject)
    if found is None:
        return
    line, path = found
    tolerance = account.picture.policy.tolerance("weight")
    declared = account.differing_weight(line)
    if declared == line.declared_kg:
        yield Term("+", "declared_kg", show(declared), "kg", line.item, f"{path}/declared_kg")
    else:  # a quantity in kilograms, which is no member of the account
        entries = entries_of(line.item, line.thing)
        yield Term("+", "declared", show(declared), "kg", line.item, "", entries)
    yield Term("-", "kg", show(line.kg), "kg", "", f"{path}/kg")
    yield Term("=", "difference", show(subtract(declared, line.kg)), "kg")
    yield Term("limit", "allowed", show(multiply(declared, tolerance)), "kg")


def _value(account: Account, finding: Finding) -> Terms:
    """A line's declared value against that of what arrived, in its own currency."""
    found = _line_of(account, finding.subject)
    if found is None:
        return
    line, path = found
    own = line.currency or ""
    declared, actual = line.declared_value, line.value.get(own, ZERO)
    tolerance = account.picture.policy.tolerance("value")
    yield Term("+", "declared_value", show(declared), own, line.item, f"{path}/declared_value")
    yield Term("-", "value", show(actual), own, "", f"{path}/value/{own}")
    yield Term("=", "difference", show(subtract(declared, actual)), own)
    yield Term("limit", "allowed", show(multiply(declared, tolerance)), own)
    for currency, amount in sorted(line.value.items()):
        if currency != own:
            yield Term("", "value", show(amount), currency, "", f"{path}/value/{currency}")


def _mass(account: Account, finding: Finding) -> Terms:
    """The balance of mass of a book."""
    path = _book_path(account, finding.subject)
    terms = account.sums.mass.books["" if finding.subject == "ledger" else finding.subject]
    inflows = ("cores_in", "transferred")
    for name, kg in terms.items():
        if name != "base":
            sign: Sign = "+" if name in inflows else "-"
            yield Term(sign, name, show(kg), "kg", "", f"{path}/mass/{name}")
    residual = account.sums.mass.residual(finding.book)
    yield Term("=", "residual", show(residual), "kg", "", f"{path}/mass/residual")


def _loss(account: Account, finding: Finding) -> Terms:
    """The loss of a book's processing against what the policy allows."""
    path = _book_path(account, finding.subject)
    terms = account.sums.mass.books["" if finding.subject == "ledger" else finding.subject]
    allowed = multiply(terms["base"], account.picture.policy.process_loss)
    yield Term("+", "loss", show(terms["loss"]), "kg", "", f"{path}/mass/loss")
    yield Term("limit", "allowed", show(allowed), "kg", "", f"{path}/mass/base")


def _lot(account: Account, finding: Finding) -> Terms:
    """What was taken from a lot of new parts against what was filled in."""
    lots = {lot.lot: lot for lot in account.new_parts}
    place, lot = list(lots).index(finding.subject), lots[finding.subject]
    yield Term("+", "filled", show(lot.filled), "", lot.lot, f"/new_parts/{place}/filled")
    yield Term("-", "consumed", show(lot.consumed), "", "", f"/new_parts/{place}/consumed")
    for reason, drawn in lot.drawn.items():
        yield Term("-", reason, show(drawn), "", "", f"/new_parts/{place}/{reason}")
    yield Term("=", "rest", show(lot.rest), "")
    yield Term("limit", "lowest", finding.actual, "")


def _join(account: Account, finding: Finding) -> Terms:
    """The weights before and after an event that changed the weight of a thing too much."""
    picture = account.picture
    thing, tolerance = picture.things[finding.subject], picture.policy.tolerance("mass")
    own = _weighed(account, finding.subject)
    for join in joins_of(picture, thing):
        if not join.exceeds(tolerance):
            continue
        inputs, outputs = [own], [own]
        if join.kind == "assemble":
            inputs = [_weighed(account, part) for part in thing.parts]
        elif join.kind == "disassemble":
            harvested = (part for part in thing.outputs if part in picture.things)
            outputs = [_weighed(account, part) for part in harvested]
        else:
            outputs = [
                (finding.subject, join.after, _places(finding.subject, thing.last(join.kind)))
            ]
        for item, kg, entries in inputs:
            yield Term("+", "input", show(kg), "kg", item, "", entries)
        for item, kg, entries in outputs:
            yield Term("-", "output", show(kg), "kg", item, "", entries)
        if join.kind == "disassemble":
            entries = _places(finding.subject, thing.last("disassemble"))
            yield Term("-", "loose_waste", show(join.loose), "kg", "", "", entries)
        yield Term("=", "loss", show(join.lost), "kg")
        yield Term("limit", "allowed", show(join.allowed(tolerance)), "kg")


def _book_lines(account: Account, finding: Finding) -> Terms:
    """The book line of a core's import against that of its return."""
    picture = account.picture
    core = picture.things[finding.subject]
    back = core.last("return")
    for name, text, item in (
        ("book_line.in", finding.expected, core.line),
        ("book_line.out", finding.actual, back.linked if back else ""),
    ):
        entries = entries_of(item, picture.lines[item]) if item in picture.lines else ()
        yield Term("", name, text, "", item, "", entries)


def _core_age(account: Account, finding: Finding) -> Terms:
    """The age of an open core."""
    core = account.picture.things[finding.subject]
    limit = account.picture.policy.max_days(account.picture.book_of(core))
    entries = entries_of(finding.subject, core)
    yield from _age(account, "imported_at", moment_of(core), entries, limit)


def _lot_age(account: Account, finding: Finding) -> Terms:
    """The age of the first waste in a lot."""
    lot = account.sums.lots.waste[finding.subject]
    if lot.first is not None:
        limit = account.days_of_lot(lot)
        yield from _age(account, "first_scrap", lot.first.at, (lot.first.place,), limit)


def _age(account: Account, name: str, moment: int, entries: tuple[Place, ...], limit: int) -> Terms:
    yield Term("+", "as_of", str(account.picture.as_of), "time")
    yield Term("-", name, str(moment), "time", "", "", entries)
    yield Term("=", "age", str(age_in_days(account.picture, moment)), "days")
    yield Term("limit", "allowed", str(limit), "days")


def _departure(account: Account, finding: Finding) -> Terms:
    """When a unit left against when it was declared."""
    picture = account.picture
    unit = picture.things[finding.subject]
    for step in unit.all("export"):
        item = step.linked
        line = picture.lines[item]
        declared = when(line, line.opened, "declared_at")
        departed = when(unit, step, "departed_at")
        if declared is not None and departed is not None and departed < declared:
            entries = _places(finding.subject, step)
            yield Term("", "departed_at", str(departed), "time", "", "", entries)
            entries = entries_of(item, line)
            yield Term("", "declared_at", str(declared), "time", item, "", entries)


def _waste(account: Account, finding: Finding) -> Terms:
    """What was put into a waste lot, what it weighed closed, and what was destroyed."""
    waste = {lot.lot: lot for lot in account.waste}
    lot, path = waste[finding.subject], f"/waste/{list(waste).index(finding.subject)}"
    tolerance = account.picture.policy.tolerance("weight")
    pairs = (
        (("in", lot.scrapped), ("weighed", lot.weighed)),
        (("weighed", lot.weighed), ("destroyed_weighed", lot.destroyed_weighed)),
    )
    for (first, expected), (second, actual) in pairs:
        if expected is None or actual is None:
            continue
        yield Term("+", first, show(expected), "kg", "", f"{path}/{first}")
        yield Term("-", second, show(actual), "kg", "", f"{path}/{second}")
        yield Term("=", "difference", show(subtract(expected, actual)), "kg")
        yield Term("limit", "allowed", show(multiply(expected, tolerance)), "kg")


def _count(account: Account, finding: Finding) -> Terms:
    """The differing rows of the counts of a book."""
    book = finding.subject
    for count in find_counts(account.picture.books[book]):
        entries = tuple(Place(*place, book, "stocktake") for place in count.evidence.places)
        for chain, part in count.differing:
            counted, here = (count.rows or {})[chain, part]
            name = f"{chain} {part}"
            yield Term("+", "here", str(here), "pieces", name)
            yield Term("-", "counted", show(counted), "pieces", name, "", entries)
            yield Term("=", "difference", show(subtract(Decimal(here), counted)), "pieces")


def _yield(account: Account, finding: Finding) -> Terms:
    """Good cores of a part number against the plausible range."""
    parts = sorted(account.sums.yields.parts)
    found = account.sums.yields.parts[finding.subject]
    path = f"/yield/{parts.index(finding.subject)}"
    low, high = account.picture.policy.yield_limits[finding.subject]
    yield Term("+", "good", str(found.good), "pieces", finding.subject, f"{path}/good")
    for name, share in (("least", low), ("most", high)):
        bound = multiply(share, Decimal(found.of))
        yield Term("limit", name, show(bound), "pieces", "", f"{path}/of")


def _consumption(account: Account, finding: Finding) -> Terms:
    """What units of a part number contain of new parts against what was declared for them."""
    for place, use in enumerate(account.sums.consumption.uses.values()):
        rest = subtract(use.consumed, use.declared)
        if use.part_no == finding.subject and rest is not None and rest > 0:
            path = f"/consumption/{place}"
            yield Term("+", "consumed", show(use.consumed), "", use.new_part, f"{path}/consumed")
            yield Term("-", "declared", show(use.declared), "", "", f"{path}/declared")
            yield Term("=", "difference", show(rest), "")


def _part_loss(account: Account, finding: Finding) -> Terms:
    """What was scrapped unused of a new part against what the loss rate allows."""
    losses = account.sums.consumption.losses
    loss, path = losses[finding.subject], f"/losses/{list(losses).index(finding.subject)}"
    yield Term("+", "scrapped", show(loss.scrapped), "", loss.new_part, f"{path}/scrapped")
    yield Term("limit", "allowed", show(loss.allowed), "", "", f"{path}/allowed")


def _line_of(account: Account, item: str) -> tuple[Line, str] | None:
    """Returns a line with its path; None for another item."""
    lines = account.sums.lines.lines
    line = lines.get(item)
    if line is None:
        return None
    side = "lines_in" if line.inbound else "lines_out"
    book = line.thing.book
    beside = [
        one.item for one in lines.values() if (one.thing.book, one.inbound) == (book, line.inbound)
    ]
    return line, f"/books/{account.books.index(book)}/{side}/{beside.index(item)}"


def _book_path(account: Account, subject: str) -> str:
    books = account.books
    return f"/books/{books.index(subject)}" if subject in books else "/no_book"


def _weighed(account: Account, item: str) -> tuple[str, Figure, tuple[Place, ...]]:
    """Returns an item with its own weight and the entries that state it."""
    thing: Thing = account.picture.things[item]
    return item, account.picture.weight(thing), entries_of(item, thing)


def _places(item: str, step: Step | None) -> tuple[Place, ...]:
    return () if step is None else (Place(step.index, step.leaf, item, step.kind),)


_WORKS: Mapping[str, Callable[[Account, Finding], Terms]] = MappingProxyType(
    {
        "QTY-01": _pieces,
        "QTY-03": _pieces,
        "QTY-04": _pieces,
        "QTY-05": _weight,
        "QTY-06": _mass,
        "QTY-07": _value,
        "QTY-08": _loss,
        "LIN-05": _lot,
        "LIN-07": _join,
        "LIN-09": _book_lines,
        "TIM-01": _core_age,
        "TIM-02": _core_age,
        "TIM-04": _departure,
        "WST-01": _lot_age,
        "WST-04": _waste,
        "STK-01": _count,
        "YLD-01": _yield,
        "CON-01": _consumption,
        "CON-02": _part_loss,
    }
)
