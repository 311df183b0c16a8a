"""Counts, yields and doubles: STK-01, YLD-01 and DUP-01."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.fates import OPEN
from traceledger.audit.figures import multiply, show
from traceledger.audit.findings.finding import Finding
from traceledger.audit.stocktakes import find_counts
from traceledger.audit.values import text

__all__ = ["find_in_stock"]


def find_in_stock(account: Account) -> Iterator[Finding]:
    """Yields counts that differ from the records, yields out of limits, and doubles."""
    yield from _find_counts(account)
    yield from _find_yields(account)
    yield from _find_doubles(account)


def _find_counts(account: Account) -> Iterator[Finding]:
    for book, thing in account.picture.books.items():
        for count in find_counts(thing):
            rows = count.rows or {}
            for chain, part in count.differing:
                counted, here = rows[chain, part]
                name = f"{chain} {part}"
                yield Finding(
                    "STK-01",
                    "H",
                    book,
                    count.evidence,
                    f"{name}: {here}",
                    f"{name}: {show(counted)}",
                    book,
                )


def _find_yields(account: Account) -> Iterator[Finding]:
    parts = account.sums.yields.parts
    for part, (low, high) in account.picture.policy.yield_limits.items():
        found = parts.get(part)
        if found is None:
            continue
        least, most = multiply(low, Decimal(found.of)), multiply(high, Decimal(found.of))
        if least is not None and most is not None and not least <= found.good <= most:
            limits = f"{show(low)} to {show(high)}"
            actual = f"{found.good} of {found.of}"
            yield Finding("YLD-01", "M", part, Evidence(), limits, actual)


def _find_doubles(account: Account) -> Iterator[Finding]:
    """Yields open cores with one old serial number, as far as the numbers are disclosed."""
    seen: dict[str, str] = {}
    doubles: dict[str, Evidence] = {}
    for item, core in account.picture.each():
        if core.chain != "core" or account.fates.of(item, core) not in OPEN:
            continue
        imported = core.opened
        serial = text(core, imported, "old_serial")
        if serial is None:
            continue
        first = seen.setdefault(serial, item)
        if first != item:
            started = Evidence.of(account.picture.things[first].opened)
            evidence = doubles.setdefault(serial, started)
            evidence.extend(Evidence.of(imported))
            book = account.picture.book_of(core)
            yield Finding("DUP-01", "M", first, evidence, "one open core", item, book)
