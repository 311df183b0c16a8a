"""What was released: REL-05 and REL-08; REL-06 and REL-07 are noted when a unit leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.things import Thing
from traceledger.audit.values import read

__all__ = ["find_in_thing"]

_MARK = "再制造"


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields tests with expired equipment, and a last label without the mark."""
    if not thing.steps:
        return
    book = account.picture.book_of(thing)
    for step in thing.all("test", "calibrate"):
        equipment = read(thing, step, "equipment")
        day = datetime.fromtimestamp(step.at, UTC).date()
        if isinstance(equipment, dict) and date.fromisoformat(equipment["due"]) < day:
            due = equipment["due"]
            yield Finding("REL-05", "M", item, Evidence.of(step), due, day.isoformat(), book)
    label = thing.last("pack")
    text = read(thing, label, "label_text")
    if isinstance(text, str) and _MARK not in text:
        yield Finding("REL-08", "M", item, Evidence.of(label), _MARK, text, book)
