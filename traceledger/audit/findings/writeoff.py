"""Write-offs: WOF-01, WOF-03, WOF-04 and TIM-03; illegal reports are notes."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.ahead import Recomputed, Report, differs
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.pieces import age_in_days
from traceledger.audit.things import Step, Thing
from traceledger.audit.values import text
from traceledger.identifiers.values import find_time

__all__ = ["find_in_books"]


def find_in_books(account: Account) -> Iterator[Finding]:
    """Yields reports that do not join, and periods that stay open too long."""
    for book, thing in account.picture.books.items():
        yield from _find_reports(account, book, thing)
        yield from _find_age(account, book, thing)


def _find_reports(account: Account, book: str, thing: Thing) -> Iterator[Finding]:
    start = account.opening(book)
    for step in thing.all("writeoff"):
        evidence = Evidence.of(step)
        from_size, to_size = step.value("from_size"), step.value("to_size")
        if from_size != start:
            yield Finding("WOF-01", "H", book, evidence, str(start), str(from_size), book)
        yield from _find_other_figures(account, book, step)
        decided = thing.decided(step)
        if decided is not None and decided.confirmed:
            start = to_size
        elif decided is not None:
            answered = Evidence([*evidence.places, (decided.index, decided.leaf)])
            yield Finding("WOF-04", "M", book, answered, "confirmed", "refused", book)


def _find_other_figures(account: Account, book: str, step: Step) -> Iterator[Finding]:
    """Yields a report that recomputes otherwise, as an account of all books and of its own."""
    name = Report(book, step.value("from_size"), step.value("to_size")).name
    recomputed = account.reports.get(name, [])
    reported = Recomputed(step.value("report_sha256"), step.value("residual_zero"))
    if recomputed and differs(reported, recomputed):
        expected = " or ".join(one.digest for one in recomputed)
        actual = f"{reported.digest}, residual_zero {str(reported.residual_zero).lower()}"
        yield Finding("WOF-03", "H", book, Evidence.of(step), expected, actual, book)


def _find_age(account: Account, book: str, thing: Thing) -> Iterator[Finding]:
    """Yields a book whose last confirmed report, or else whose first day, is too long ago."""
    opened = thing.opened
    started = text(thing, opened, "started")
    last = None
    for step in thing.all("writeoff"):
        decided = thing.decided(step)
        if decided is not None and decided.confirmed:
            last = step
    moments = dict(account.picture.state.seals)
    if last is not None:
        moment = moments.get(last.value("to_size"))
    else:
        day = None if started is None else find_time(f"{started}T00:00:00Z")
        moment = None if day is None else min(int(day.timestamp()), opened.iat)
    limit = account.picture.policy.writeoff_days
    if moment is None or age_in_days(account.picture, moment) <= limit:
        return
    age = str(age_in_days(account.picture, moment))
    yield Finding("TIM-03", "M", book, Evidence.of(last or opened), str(limit), age, book)
