"""Findings: the list by code, and one with what was compared, its evidence and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from traceledger.audit.arithmetic import list_terms
from traceledger.audit.findings.finding import Finding
from traceledger.errors import NotFoundError
from traceledger_api.pages.customs.cores import Chip, page_of
from traceledger_api.pages.customs.events import draw_entries, draw_places
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.sorting import Keys, draw_headings, sort_rows
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_finding", "draw_findings", "find_finding"]

_SEVERITIES = "HML"
_KEYS: Keys[dict[str, Any]] = MappingProxyType(
    {
        "severity": lambda one: _SEVERITIES.index(one["severity"]),
        "finding": lambda one: one["code"],
        "subject": lambda one: one["subject"],
        "events": lambda one: one["count"],
    }
)


def draw_findings(visit: Visit) -> dict[str, Any]:
    """Returns the values of the list of findings."""
    code, severity = visit.query.get("code", ""), visit.query.get("severity", "")
    found = visit.described["findings"]
    codes = Counter[str](one["code"] for one in found)
    chips = [Chip("all", len(found), visit.at("/findings"), not code and not severity)]
    chips += [
        Chip(name, count, visit.at("/findings", code=name), code == name)
        for name, count in sorted(codes.items())
    ]
    rows = [one for one in found if code in {"", one["code"]} and severity in {"", one["severity"]}]
    rows.sort(key=lambda one: _SEVERITIES.index(one["severity"]))
    rows = sort_rows(visit, rows, _KEYS)
    page = page_of(visit, rows, "/findings", code=code, severity=severity)
    page["headings"] = draw_headings(visit, "/findings", _KEYS, code=code, severity=severity)
    page["rows"] = [
        {
            **one,
            "href": visit.at(f"/findings/{one['code']}/{one['subject']}"),
            "name": visit.short(one["subject"]),
        }
        for one in page["rows"]
    ]
    return {"chips": chips, "findings": page}


def find_finding(visit: Visit, code: str, subject: str) -> tuple[Finding, dict[str, Any]]:
    """Returns a finding and its JSON; raises NotFoundError `account.finding`."""
    findings = zip(visit.computed.findings, visit.described["findings"], strict=True)
    for finding, described in findings:
        if (finding.code, finding.subject) == (code, subject):
            return finding, described
    raise NotFoundError("account.finding", f"the account has no finding {code} of {subject}")


def _terms(visit: Visit, finding: Finding) -> Iterator[dict[str, Any]]:
    """Yields the arithmetic of a finding; figures in kg have the same number of decimals."""
    terms = list_terms(visit.account, finding)
    places = decimals(term.value for term in terms if term.unit == "kg")
    for term in terms:
        timed = term.unit == "time" and term.value is not None
        cell = Cell(
            term.value,
            "",
            places if term.unit == "kg" else 0,
            differs=term.sign == "=" and term.unit != "days",
        )
        yield {
            **term._asdict(),
            "cell": cell,
            "time": visit.clock.moment(int(term.value or "0")) if timed else "",
            "item": visit.short(term.item),
            "item_href": visit.item(term.item) if visit.has(term.item) else "",
            "href": visit.at("/figure" + term.path) if term.path else "",
            "entries": draw_places(visit, term.entries),
        }


def draw_finding(visit: Visit, code: str, subject: str) -> dict[str, Any]:
    """Returns the values of the page of a finding; raises NotFoundError `account.finding`."""
    same = [
        (one, described)
        for one, described in zip(visit.computed.findings, visit.described["findings"], strict=True)
        if one.code == code
    ]
    finding, described = find_finding(visit, code, subject)
    number = same.index((finding, described))
    thing = visit.account.picture.things.get(subject)
    following = same[number + 1][0] if number + 1 < len(same) else None
    return {
        "finding": described,
        "number": number + 1,
        "of": len(same),
        "next": visit.at(f"/findings/{code}/{following.subject}") if following else "",
        "code_href": visit.at("/findings", code=code),
        "name": visit.line_name(subject),
        "subject_href": visit.item(subject) if thing is not None else "",
        "zip": visit.at("/evidence", code=code, subject=subject),
        "terms": list(_terms(visit, finding)),
        "shown": len(finding.evidence.places),
        "events": draw_entries(visit, (index for index, _ in finding.evidence.places)),
    }
