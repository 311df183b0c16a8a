"""Goods that stay in the country: DOM-01 and DOM-02."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.things import Step, Thing
from traceledger.audit.values import Unknown, money, read, text

__all__ = ["find_in_thing"]


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields domestic sales without tax or approval, and returns to the country of the zone."""
    for step in thing.all("divert"):
        if any(answer.confirmed for answer in thing.answers_to(step)):
            yield from _find_sale(account, item, thing, step)
    for step in thing.all("return"):
        zone = account.picture.policy.zone_country
        if zone and text(thing, step, "destination") == zone:
            book = account.picture.book_of(thing)
            yield Finding("DOM-01", "H", item, Evidence.of(step), "abroad", zone, book)


def _find_sale(account: Account, item: str, thing: Thing, step: Step) -> Iterator[Finding]:
    book, evidence = account.picture.book_of(thing), Evidence.of(step)
    for answer in thing.answers_to(step):
        evidence.add(answer.index, answer.leaf)
    amount, _ = money(thing, step, "vat")
    if amount is not None and amount == 0:
        yield Finding("DOM-01", "H", item, evidence, "value added tax", "0", book)
    if isinstance(read(thing, step, "approval"), Unknown):
        yield Finding("DOM-02", "H", item, evidence, "approval", "unknown", book)
