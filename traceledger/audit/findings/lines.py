"""Declaration lines that differ from what arrived or left: QTY-01, 03 to 05, 07, DOC-03."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.figures import show, within
from traceledger.audit.findings.finding import Finding
from traceledger.audit.lines import Line
from traceledger.audit.values import text

__all__ = ["find_in_lines"]


def find_in_lines(account: Account) -> Iterator[Finding]:
    """Yields what differs on each line."""
    for line in account.sums.lines.lines.values():
        yield from _find_pieces(account, line)
        if line.due and (line.by_weight or line.difference == 0):
            yield from _find_weight(account, line)
            yield from _find_value(account, line)
        yield from _find_mode(account, line)


def _find_pieces(account: Account, line: Line) -> Iterator[Finding]:
    if line.declared is None or line.difference is None:
        return
    if not line.inbound:
        if line.due and line.difference != 0:
            yield _of(line, "QTY-04", "H", show(line.declared), str(line.counted))
        return
    if line.due and line.declared > line.imported and not account.is_expected(line):
        yield _of(line, "QTY-01", "H", show(line.declared), str(line.imported))
    if line.arrived > line.declared:
        yield _of(line, "QTY-03", "H", show(line.declared), str(line.arrived))


def _find_weight(account: Account, line: Line) -> Iterator[Finding]:
    declared = account.differing_weight(line)
    if declared is not None and not (line.by_weight and account.is_expected(line)):
        yield _of(line, "QTY-05", "M", show(declared), show(line.kg))


def _find_value(account: Account, line: Line) -> Iterator[Finding]:
    """Compares the value of what arrived; outbound lines have no values of pieces."""
    declared, currency = line.declared_value, line.currency
    if not line.inbound or not line.value_known or declared is None or currency is None:
        return
    actual = ", ".join(f"{show(amount)} {name}" for name, amount in sorted(line.value.items()))
    amount = line.value.get(currency)
    if None in line.value.values():
        return
    tolerance = account.picture.policy.tolerance("value")
    foreign = set(line.value) - {currency}
    if foreign or (amount is not None and not within(amount, declared, tolerance)):
        yield _of(line, "QTY-07", "M", f"{show(declared)} {currency}", actual)


def _find_mode(account: Account, line: Line) -> Iterator[Finding]:
    modes = account.picture.policy.mode_codes
    mode = text(line.thing, line.thing.opened, "mode")
    if modes and mode is not None and mode not in modes:
        yield _of(line, "DOC-03", "M", " ".join(modes), mode)


def _of(line: Line, code: str, severity: str, expected: str | None, actual: str | None) -> Finding:
    return Finding(
        code,
        severity,
        line.item,
        line.evidence,
        expected=expected or "",
        actual=actual or "",
        book=line.thing.book,
    )
