"""Waste: WST-01 to WST-07."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import Figure, show, within
from traceledger.audit.findings.finding import Finding
from traceledger.audit.lots import Waste
from traceledger.audit.pieces import age_in_days
from traceledger.audit.things import Step, Thing
from traceledger.audit.values import Unknown, read, text

__all__ = ["find_in_lots", "find_in_thing"]


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields a lot of waste that was returned to the country of the zone."""
    step = thing.last("return")
    if thing.lot_class != "waste" or step is None:
        return
    zone, destination = account.picture.policy.zone_country, text(thing, step, "destination")
    if zone and destination == zone:
        yield Finding("WST-05", "H", item, Evidence.of(step), "abroad", zone, thing.book)


def find_in_lots(account: Account) -> Iterator[Finding]:
    """Yields what is wrong with each waste lot."""
    for lot in account.sums.lots.waste.values():
        yield from _find_age(account, lot)
        yield from _find_papers(lot)
        yield from _find_weights(account, lot)
        yield from _find_pending(lot)
        if lot.misplaced.count:
            own = text(lot.thing, lot.thing.opened, "hazard_code") or ""
            yield Finding("WST-06", "M", lot.lot, lot.misplaced, own, lot.misplaced_code, lot.book)


def _find_age(account: Account, lot: Waste) -> Iterator[Finding]:
    if lot.state != "here" or lot.first is None:
        return
    age, limit = age_in_days(account.picture, lot.first.at), account.days_of_lot(lot)
    if age > limit:
        yield Finding("WST-01", "H", lot.lot, lot.evidence, str(limit), str(age), lot.book)


def _find_papers(lot: Waste) -> Iterator[Finding]:
    if lot.state != "destroyed":
        return
    for code, name in (("WST-02", "certificate_sha256"), ("WST-03", "approval")):
        if isinstance(read(lot.thing, lot.destruction, name), Unknown):
            yield Finding(
                code, "H", lot.lot, Evidence.of(lot.destruction), name, "unknown", lot.book
            )


def _find_weights(account: Account, lot: Waste) -> Iterator[Finding]:
    tolerance = account.picture.policy.tolerance("weight")
    closed, destroyed = lot.thing.last("close_lot"), lot.destruction
    pairs: tuple[tuple[Figure, Figure, tuple[Step | None, ...]], ...] = (
        (lot.scrapped, lot.weighed, (closed,)),
        (lot.weighed, lot.destroyed_weighed, (closed, destroyed)),
    )
    for expected, actual, steps in pairs:
        if expected is None or actual is None or within(actual, expected, tolerance):
            continue
        evidence = Evidence.of(*steps)
        if expected is lot.scrapped:
            evidence.extend(lot.evidence)
        yield Finding(
            "WST-04",
            "H",
            lot.lot,
            evidence,
            show(expected) or "",
            show(actual) or "",
            lot.book,
        )


def _find_pending(lot: Waste) -> Iterator[Finding]:
    step = lot.thing.last("destroy")
    if step is None or lot.state != "here":
        return
    answers = lot.thing.answers_to(step)
    refused = bool(answers) and not answers[0].confirmed
    evidence = Evidence.of(step)
    for answer in answers:
        evidence.add(answer.index, answer.leaf)
    yield Finding(
        "WST-07",
        "M",
        lot.lot,
        evidence,
        "confirmed",
        "refused" if refused else "pending",
        lot.book,
    )
