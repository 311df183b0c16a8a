"""Time: TIM-01, TIM-02 and TIM-04; TIM-03 is about write-offs."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.fates import OPEN
from traceledger.audit.findings.finding import Finding
from traceledger.audit.pieces import age_in_days, moment_of
from traceledger.audit.things import Thing
from traceledger.audit.values import when
from traceledger.identifiers.values import format_time

__all__ = ["find_in_thing"]

_NEAR = 30  # days before a limit


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields open cores that stay too long, and units that left before they were declared."""
    if thing.chain == "core":
        yield from _find_age(account, item, thing)
    elif thing.chain == "unit":
        yield from _find_departure(account, item, thing)


def _find_age(account: Account, item: str, core: Thing) -> Iterator[Finding]:
    picture = account.picture
    if account.fates.of(item, core) not in OPEN:
        return
    book = picture.book_of(core)
    age, limit = age_in_days(picture, moment_of(core)), picture.policy.max_days(book)
    if age > limit - _NEAR:
        code, severity = ("TIM-01", "H") if age > limit else ("TIM-02", "L")
        evidence = Evidence.of(core.opened)
        yield Finding(code, severity, item, evidence, str(limit), str(age), book)


def _find_departure(account: Account, item: str, unit: Thing) -> Iterator[Finding]:
    for step in unit.all("export"):
        line = account.picture.line(step.linked)
        declared, departed = (
            when(line, line.opened, "declared_at"),
            when(unit, step, "departed_at"),
        )
        if declared is not None and departed is not None and departed < declared:
            evidence = Evidence.of(line.opened, step)
            book = account.picture.book_of(unit)
            yield Finding(
                "TIM-04", "M", item, evidence, format_time(declared), format_time(departed), book
            )
