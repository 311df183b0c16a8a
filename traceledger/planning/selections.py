"""Selections: planning the same event for many items, safe to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from traceledger.errors import UsageError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.token import Event, parse_token
from traceledger.rules.lifecycle import TABLE
from traceledger.rules.state import Goods
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import HeadRow, Search

__all__ = ["Plan", "plan_marks", "plan_releases", "select_items"]

_ROW_FIELDS = frozenset({"chain", "life", "part_no", "declaration"})
_KNOWN = {
    "chain": tuple(dict.fromkeys(row.chain for row in TABLE)),
    "life": tuple(dict.fromkeys(row.to for row in TABLE)),
}
_PAGE = 1000


class Plan(NamedTuple):
    """Drafts to sign, and the skipped items, each with the reason."""

    drafts: tuple[Draft, ...]
    skipped: tuple[tuple[str, str], ...]


def select_items(ledger: LedgerView, where: Mapping[str, str]) -> tuple[str, ...]:
    """Finds the items that match every condition, ascending by id.

    A name is `chain`, `life`, `part_no` or `declaration`, or `KIND.FIELD` for a public field of an
    event, for example `update.to_version`. Raises UsageError `selection.field`.
    """
    for name, value in where.items():
        _check_name(name)
        # A misspelt state would match nothing, so that items to be recalled would be missed.
        if value not in _KNOWN.get(name, (value,)):
            allowed = ", ".join(_KNOWN[name])
            raise UsageError("selection.field", f"{name} {value} given; allowed: {allowed}")
    if not where:
        raise UsageError("selection.field", "no condition or item given")
    wanted = Search(**{name: where[name] for name in where.keys() & _ROW_FIELDS}, limit=_PAGE)
    by_event = {name: where[name] for name in where.keys() - _ROW_FIELDS}
    found: list[str] = []
    while rows := ledger.search(wanted):
        found += [row.item for row in rows if _fits(ledger, row, by_event)]
        wanted = wanted._replace(after=rows[-1].item)
    return tuple(found)


def plan_marks(ledger: LedgerView, kind: str, items: Iterable[str], data: dict[str, Any]) -> Plan:
    """Plans a `hold` or `recall` of each item that is not marked so already."""
    drafts: list[Draft] = []
    skipped: list[tuple[str, str]] = []
    for item in dict.fromkeys(items):
        state = ledger.state(item)
        if not isinstance(state, Goods):
            skipped.append((item, "not an item of this ledger"))
        elif kind == "hold" and any(hold.authority == data["authority"] for hold in state.holds):
            skipped.append((item, f"already on hold by {data['authority']}"))
        elif kind == "recall" and _has_campaign(ledger, item, data["campaign"]):
            skipped.append((item, f"already in campaign {data['campaign']}"))
        else:
            drafts.append(Draft(kind=kind, item=item, data=data))
    return Plan(tuple(drafts), tuple(skipped))


def plan_releases(ledger: LedgerView, items: Sequence[str], data: dict[str, Any]) -> Plan:
    """Plans a `release` of each item's only hold or recall."""
    drafts: list[Draft] = []
    skipped: list[tuple[str, str]] = []
    for item in dict.fromkeys(items):
        state = ledger.state(item)
        marks: list[str] = []
        if isinstance(state, Goods):
            marks = [hold.event for hold in state.holds]
            marks += [recall.event for recall in state.recalls]
        if len(marks) == 1:
            refs = (DraftRef("target", item, marks[0]),)
            drafts.append(Draft(kind="release", item=item, data=data, refs=refs))
        else:
            reason = "has several marks; release each by its event" if marks else "has no mark"
            skipped.append((item, reason))
    return Plan(tuple(drafts), tuple(skipped))


def _check_name(name: str) -> None:
    kind, dot, field = name.partition(".")
    if name in _ROW_FIELDS:
        return
    row = CATALOGUE.get(kind)
    if not dot or row is None or field not in row.fields or field in row.restricted:
        allowed = ", ".join(sorted(_ROW_FIELDS))
        raise UsageError(
            "selection.field", f"{name} given; allowed: {allowed}, or KIND.FIELD of a public field"
        )


def _fits(ledger: LedgerView, row: HeadRow, by_event: Mapping[str, str]) -> bool:
    if not by_event:
        return True
    events = [parse_token(entry.body) for entry in ledger.read_chain(row.item)]
    return all(
        any(_value(event, name) == value for event in events) for name, value in by_event.items()
    )


def _value(event: Event, name: str) -> str | None:
    kind, _, field = name.partition(".")
    if event.kind_name != kind:
        return None
    value = msgspec.to_builtins(event.data).get(field)
    return None if value is None else str(value)


def _has_campaign(ledger: LedgerView, item: str, campaign: str) -> bool:
    return any(
        _value(parse_token(entry.body), "recall.campaign") == campaign
        for entry in ledger.read_chain(item)
        if entry.kind == "recall"
    )
