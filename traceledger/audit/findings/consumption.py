"""Consumption of new parts: CON-01 and CON-02, as far as the policy declares it."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.figures import show
from traceledger.audit.findings.finding import Finding

__all__ = ["find_in_consumption"]


def find_in_consumption(account: Account) -> Iterator[Finding]:
    """Yields units that contain more new parts than declared, and losses beyond the rate."""
    consumption = account.sums.consumption
    for use in consumption.uses.values():
        declared, consumed = use.declared, use.consumed
        if declared is not None and consumed is not None and consumed > declared:
            sides = (f"{use.new_part}: {show(figure)}" for figure in (declared, consumed))
            yield Finding("CON-01", "M", use.part_no, use.evidence, *sides)
    for loss in consumption.losses.values():
        allowed, scrapped = loss.allowed, loss.scrapped
        if allowed is not None and scrapped is not None and scrapped > allowed:
            sides = (show(figure) or "" for figure in (allowed, scrapped))
            yield Finding("CON-02", "M", loss.new_part, loss.evidence, *sides)
