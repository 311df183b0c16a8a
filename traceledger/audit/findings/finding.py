"""A finding: what differs, where, and the events that show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from traceledger.audit.evidence import Evidence

__all__ = ["Finding", "merge"]

_SEVERITIES = "HML"


@dataclass(slots=True)
class Finding:
    """A difference with its stable code; `severity` is H, M or L.

    `expected` and `actual` are the sides that were compared, as text. `book` is the account book
    that it concerns, empty if it concerns none or all.
    """

    code: str
    severity: str
    subject: str
    evidence: Evidence
    expected: str = ""
    actual: str = ""
    book: str = ""


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Joins findings of the same code and subject, in ascending order of both.

    The most severe one decides what the joint finding shows.
    """
    joined: dict[tuple[str, str], Finding] = {}
    for finding in sorted(findings, key=_order):
        first = joined.setdefault((finding.code, finding.subject), finding)
        if first is not finding:
            first.evidence.extend(finding.evidence)
    return list(joined.values())


def _order(finding: Finding) -> tuple[str, str, int]:
    return finding.code, finding.subject, _SEVERITIES.index(finding.severity)
