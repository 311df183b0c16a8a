"""Sheets L to L3, and N: findings with their evidence, the comparison, what is unknown."""

from __future__ import annotations

from traceledger.codes import CODES
from traceledger.reports.model import Sheet
from traceledger.reports.sheets.maker import SheetMaker
from traceledger.reports.sheets.source import Json
from traceledger.reports.sides import show_measure, show_side

__all__ = ["make_comparison", "make_evidence", "make_findings", "make_not_evaluated"]


def make_findings(maker: SheetMaker) -> Sheet:
    """Lists findings, the most severe first."""
    columns = maker.columns(
        ("code", "code"),
        ("severity", "text"),
        ("subject", "code"),
        ("expected", "text"),
        ("actual", "text"),
        ("meaning", "text"),
        ("hint", "text"),
        ("count", "count"),
    )
    found = sorted(
        maker.account["findings"],
        key=lambda finding: ("HML".index(finding["severity"]), finding["code"]),
    )
    rows = ({**finding, **_explain(maker, finding)} for finding in found)
    return maker.sheet("L", columns, rows)


def _explain(maker: SheetMaker, finding: Json) -> Json:
    entry, zh = CODES[finding["code"]], maker.words.language == "zh"
    return {
        "severity": maker.words(f"v.{finding['severity']}"),
        "meaning": entry.meaning_zh if zh else entry.meaning,
        "hint": entry.hint_zh if zh else entry.hint,
        "count": str(finding["count"]),
        **{
            side: show_side(finding["code"], finding[side], maker.words)
            for side in ("expected", "actual")
            if side in finding
        },
    }


def make_evidence(maker: SheetMaker) -> Sheet:
    """Lists the events behind the findings, by their number in the log."""
    columns = maker.columns(
        ("code", "code"), ("subject", "code"), ("entry", "count"), ("event", "code")
    )
    entries = maker.details.entries
    rows = (
        {
            "code": finding["code"],
            "subject": finding["subject"],
            "entry": str(entries[event]),
            "event": event,
        }
        for finding in maker.account["findings"]
        for event in finding["evidence"]
    )
    return maker.sheet("L2", columns, rows)


def make_comparison(maker: SheetMaker) -> Sheet:
    """Lists each key of customs' own list, one row for each side."""
    columns = maker.columns(
        ("key", "code"),
        ("status", "text"),
        ("fields", "text"),
        ("side", "text"),
        ("quantity", "count"),
        ("measure", "code"),
        ("net_kg", "kg"),
        ("value", "amount"),
        ("open", "pieces"),
        *((name, "code") for name in ("currency", "hs10", "mode", "country")),
        *((name, "code") for name in ("book_no", "book_line")),
        ("merged", "count"),
        ("counted", "pieces"),
        ("lines", "code"),
    )
    rows = (
        {
            **match[side],
            "merged": str(match[side].get("merged", "")),
            "measure": [show_measure(unit, maker.words) for unit in match[side].get("measure", ())],
            "key": _key(maker, *match["key"]),
            "status": maker.words(f"v.{match['status']}"),
            "fields": [maker.words(f"c.{name}") for name in match.get("fields", ())],
            "side": maker.words(f"v.{side}"),
            "counted": match.get("counted", "") if side == "declared" else "",
            "lines": match["lines"],
        }
        for match in maker.account.get("comparison", ())
        for side in ("customs", "declared")
        if side in match
    )
    return maker.sheet("L3", columns, rows)


def _key(maker: SheetMaker, kind: str, number: str, line: str) -> str:
    return maker.words(f"key.{kind}", number=number, line=line)


def make_not_evaluated(maker: SheetMaker) -> Sheet:
    """Lists the figures that are unknown, as JSON Pointers."""
    rows = ({"path": path} for path in maker.account["not_evaluated"])
    return maker.sheet("N", maker.columns(("path", "code")), rows)
