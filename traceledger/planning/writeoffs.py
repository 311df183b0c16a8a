"""Reports for write-off (核销): the next period, its event, and customs' answer to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from traceledger.audit.ahead import Recomputed, differs
from traceledger.audit.output import as_reported, hash_report
from traceledger.errors import NotAllowedError, NotFoundError, UsageError, VerificationError
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.token import Event, parse_token
from traceledger.planning.declarations import find_book
from traceledger.views.ledger import LedgerView, Lookups

__all__ = [
    "BookReports",
    "answer_report",
    "check_file",
    "check_recomputed",
    "check_start",
    "draft_report",
    "is_report",
    "name_book",
    "read_reports",
]


class BookReports(NamedTuple):
    """The reports of a book: where the last confirmed one ended, and those without an answer.

    `end` is 0 if none was confirmed.
    """

    end: int
    waiting: tuple[Event, ...]

    def find(self, event: str) -> Event:
        """Returns a waiting report, by its event, otherwise the only one.

        Raises NotFoundError `writeoff.none`, or UsageError `writeoff.several`.
        """
        found = [report for report in self.waiting if event in {"", report.id}]
        if not found:
            raise NotFoundError("writeoff.none", "no such report waits for an answer")
        if len(found) > 1:
            names = ", ".join(report.id for report in found)
            raise UsageError("writeoff.several", f"{len(found)} reports wait: {names}")
        return found[0]


def name_book(ledger: LedgerView, given: str) -> str:
    """Returns the item id of a book, given by its number or id; raises NotFoundError."""
    return given if given.startswith("book/") else find_book(ledger, given)


def read_reports(ledger: Lookups, book: str) -> BookReports:
    """Reads the reports of a book; raises NotFoundError `item.unknown` for an unknown book."""
    end = 0
    waiting: dict[str, Event] = {}
    for event in _counting(ledger, book):
        match event.kind_name:
            case "writeoff":
                waiting[event.id] = event
            case "confirm" if event.refs[0].event in waiting:
                report = waiting.pop(event.refs[0].event)
                if event.data.result == "confirmed":
                    end = report.data.to_size
                    waiting.clear()
            case _:
                pass
    return BookReports(end, tuple(waiting.values()))


def draft_report(book: str, described: Mapping[str, Any], reference: str = "") -> Draft:
    """Drafts the `writeoff` of an account.

    Raises NotAllowedError `writeoff.unknown` while a value that decides is unknown.
    """
    if described["residual_zero"] is None:
        unknown = ", ".join(described["not_evaluated"][:3])
        raise NotAllowedError("writeoff.unknown", f"unknown: {unknown}")
    data = {
        "from_size": described["from_size"],
        "to_size": described["to_size"],
        "report_sha256": hash_report(as_reported(dict(described))),
        "residual_zero": described["residual_zero"],
    }
    return Draft("writeoff", book, data | ({"reference": reference} if reference else {}))


def check_recomputed(report: Event, recomputed: Sequence[Recomputed]) -> None:
    """Checks a report against the accounts recomputed of its period, of all books and of its own.

    Raises VerificationError `writeoff.differs`, or NotAllowedError `writeoff.unknown` while too few
    fields are disclosed to tell.
    """
    data = report.data
    reported = Recomputed(data.report_sha256, data.residual_zero)
    answer = differs(reported, recomputed)
    if answer is None:
        raise NotAllowedError("writeoff.unknown", "customs fields are not disclosed")
    if answer:
        expected = " or ".join(_describe(one) for one in recomputed) or "no account"
        raise VerificationError(
            "writeoff.differs", f"{_describe(reported)} is reported, the log gives {expected}"
        )


def check_start(report: Event, start: int) -> None:
    """Checks that a report leaves nothing out before it; raises VerificationError."""
    if report.data.from_size != start:
        raise VerificationError(
            "writeoff.differs",
            f"from_size {report.data.from_size} is reported, the period begins at {start}",
        )


def check_file(report: Event, data: bytes) -> None:
    """Checks that a file is the report that an event names; raises VerificationError."""
    digest = hashlib.sha256(data).hexdigest()
    if digest != report.data.report_sha256:
        raise VerificationError(
            "writeoff.file",
            f"the file has SHA-256 {digest}, the event names {report.data.report_sha256}",
        )


def answer_report(report: Event, result: str) -> Draft:
    """Drafts customs' answer to a report: `confirmed` or `refused`."""
    item = report.payload.sub
    return Draft("confirm", item, {"result": result}, refs=(DraftRef("target", item, report.id),))


def is_report(ledger: Lookups, draft: Draft) -> bool:
    """Reports whether a draft confirms a report for write-off."""
    if draft.kind != "confirm" or draft.data.get("result") != "confirmed":
        return False
    chain = [parse_token(entry.body) for entry in ledger.read_chain(draft.item)]
    target = next((ref.event for ref in draft.refs), msgspec.UNSET)
    named = [event for event in chain if target in {msgspec.UNSET, event.id}]
    return bool(named) and named[-1].kind_name == "writeoff"


def _counting(ledger: Lookups, book: str) -> Iterator[Event]:
    """Yields the events of a book without voided ones."""
    entries = ledger.read_chain(book)
    if not entries:
        raise NotFoundError("item.unknown", f"this ledger has no {book}")
    chain = [parse_token(entry.body) for entry in entries]
    voided = {event.refs[0].event for event in chain if event.kind_name == "void"}
    for event in chain:
        if event.id not in voided:
            yield event


def _describe(one: Recomputed) -> str:
    return f"SHA-256 {one.digest}, residual_zero {str(one.residual_zero).lower()}"
