"""A finding: what differs, where, and the events that show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

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
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=_order):
        groups.setdefault((finding.code, finding.subject), []).append(finding)
    return [_join(group) for group in groups.values()]


def _join(group: list[Finding]) -> Finding:
    first, *others = group
    if not others:
        return first
    # Findings may share evidence with each other and with the sums of the account.
    return replace(first, evidence=Evidence.union(finding.evidence for finding in group))


def _order(finding: Finding) -> tuple[str, str, int]:
    return finding.code, finding.subject, _SEVERITIES.index(finding.severity)
