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
from traceledger.audit.things import Thing
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
    found: dict[str, list[tuple[str, Thing]]] = {}
    for item, core in account.picture.each():
        if core.chain != "core" or account.fates.of(item, core) not in OPEN:
            continue
        serial = text(core, core.opened, "old_serial")
        if serial is not None:
            found.setdefault(serial, []).append((item, core))
    for cores in found.values():
        if len(cores) == 1:
            continue
        (first, _), (second, _), *_ = cores
        evidence = Evidence.of(*(core.opened for _, core in cores))
        for book in sorted({account.picture.book_of(core) for _, core in cores}):
            yield Finding("DUP-01", "M", first, evidence, "one open core", second, book)
