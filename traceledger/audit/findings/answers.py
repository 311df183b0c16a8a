"""Answers that are missing or negative: CUS-01 to CUS-03, COR-02 and COR-03."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.things import Step, Thing

__all__ = ["find_in_lines", "find_in_thing"]

_MOST = 50  # events for each correction, below which corrections are frequent


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields what customs or a carrier refused, asserted or left open."""
    if thing.corrections:
        yield from _find_corrections(item, thing, account.picture.book_of(thing))
    for step in thing.steps:
        match step.kind:
            case "export" | "return":
                yield from _find_answer(account, item, thing, step)
            case "draw_lot" if step.value("reason") == "returned":
                yield from _find_answer(account, item, thing, step)
            case "customs_check" | "destroy":
                yield from _find_asserted(item, thing, step, account.picture.book_of(thing))
            case _:
                pass


def find_in_lines(account: Account) -> Iterator[Finding]:
    """Yields the same of lines and books, and too many corrections in the period."""
    picture = account.picture
    for item, thing in (*picture.lines.items(), *picture.books.items()):
        book = thing.book or item
        yield from _find_corrections(item, thing, book)
        for step in thing.all("customs_check", "destroy"):
            yield from _find_asserted(item, thing, step, book)
    start = account.period_start
    corrections = picture.state.corrections - start.corrections
    events = picture.state.events - start.events
    if corrections * _MOST > events:
        yield Finding("COR-02", "L", "ledger", Evidence(), f"2 % of {events}", str(corrections))


def _find_corrections(item: str, thing: Thing, book: str) -> Iterator[Finding]:
    for correction in thing.corrections:
        if correction.customs_fields and thing.decided(correction) is None:
            evidence = Evidence([(correction.index, correction.leaf)])
            yield Finding("COR-03", "M", item, evidence, "confirmed", "unanswered", book)


def _find_answer(account: Account, item: str, thing: Thing, step: Step) -> Iterator[Finding]:
    answers, picture = thing.answers_to(step), account.picture
    if any(not answer.confirmed for answer in answers):
        evidence = Evidence.of(step)
        for answer in answers:
            evidence.add(answer.index, answer.leaf)
        book = picture.book_of(thing)
        yield Finding("CUS-02", "H", item, evidence, "confirmed", "refused", book)
    elif not answers and picture.is_old(step.iat):
        evidence, book = Evidence.of(step), picture.book_of(thing)
        yield Finding("CUS-03", "M", item, evidence, "confirmed", "unanswered", book)


def _find_asserted(item: str, thing: Thing, step: Step, book: str) -> Iterator[Finding]:
    answers = thing.answers_to(step)
    if step.kind == "customs_check":
        if not step.customs and not any(answer.customs for answer in answers):
            yield Finding("CUS-01", "L", item, Evidence.of(step), "customs", "asserted", book)
        return
    confirmed = [answer for answer in answers if answer.confirmed]
    if confirmed and not any(answer.customs for answer in confirmed):
        evidence = Evidence.of(step)
        for answer in confirmed:
            evidence.add(answer.index, answer.leaf)
        yield Finding("CUS-01", "L", item, evidence, "customs", "asserted", book)
