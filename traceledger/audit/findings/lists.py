"""Differences from customs' own list: LST-01 to LST-05."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from traceledger.audit.account import Account
from traceledger.audit.comparison import ListRow
from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding

__all__ = ["find_in_lists"]

_CODES = {
    "only_customs": ("LST-01", "H"),
    "only_ledger": ("LST-02", "H"),
    "differs": ("LST-03", "M"),
    "ambiguous": ("LST-04", "M"),
}


def find_in_lists(account: Account) -> Iterator[Finding]:
    """Yields what differs from customs' list, if one was given."""
    for match in account.matches:
        if match.status == "equal":
            continue
        code, severity = _CODES[match.status]
        subject = match.lines[0].item if match.lines else " ".join(match.key)
        book = match.lines[0].thing.book if match.lines else ""
        actual = " ".join(match.fields or match.places)
        yield Finding(code, severity, subject, match.evidence, actual=actual, book=book)
    others = account.other_numbers if account.rows else set()
    yield from _find_parts(row for row in account.rows if row.book_no not in others)


def _find_parts(rows: Iterable[ListRow]) -> Iterator[Finding]:
    """Yields part numbers that the list has under two lines of a book."""
    found: dict[tuple[str, str | None, str], set[int]] = {}
    for row in rows:
        if row.part_no is not None and row.book_line is not None:
            key = (row.book_no or "", row.direction, row.part_no)
            found.setdefault(key, set()).add(row.book_line)
    for (_, _, part), lines in found.items():
        if len(lines) > 1:
            numbers = " ".join(map(str, sorted(lines)))
            yield Finding("LST-05", "M", part, Evidence(), "one book line", numbers)
