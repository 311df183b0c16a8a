"""Selections: planning the same event for many items, safe to repeat."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from traceledger.errors import NotFoundError, UsageError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.token import parse_token
from traceledger.planning.plan import Plan
from traceledger.rules.effective import EffectiveEvent, public_fields, read_effective
from traceledger.rules.lifecycle import TABLE
from traceledger.rules.state import Goods
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import HeadRow, Search

__all__ = ["Mark", "plan_marks", "plan_releases", "select_items"]

_ROW_FIELDS = frozenset({"chain", "life", "part_no", "declaration"})
_KNOWN = {
    "chain": tuple(dict.fromkeys(row.chain for row in TABLE)),
    "life": tuple(dict.fromkeys(row.to for row in TABLE)),
}
_PAGE = 1000
_UNKNOWN = "not an item of this ledger"


class Mark(NamedTuple):
    """The marks to release: the holds by an authority, or the recalls of a campaign."""

    authority: str = ""
    campaign: str = ""

    def describe(self) -> str:
        """Describes the mark for messages."""
        return f"hold by {self.authority}" if self.authority else f"recall {self.campaign}"


def select_items(ledger: LedgerView, where: Mapping[str, str]) -> tuple[str, ...]:
    """Finds the items that match every condition, ascending by id.

    A name is `chain`, `life`, `part_no` or `declaration`, or `KIND.FIELD` for a public field of an
    event, for example `update.to_version`. Raises UsageError `selection.field`, and NotFoundError
    `selection.empty` when no item matches.
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
    if not found:
        conditions = " and ".join(f"{name}={value}" for name, value in where.items())
        raise NotFoundError("selection.empty", f"no item matches {conditions}")
    return tuple(found)


def plan_marks(ledger: LedgerView, kind: str, items: Iterable[str], data: dict[str, Any]) -> Plan:
    """Plans a `hold` or `recall` of each item that is not marked so already.

    Raises NotFoundError `selection.empty` when the ledger has none of the items.
    """
    drafts: list[Draft] = []
    skipped: list[tuple[str, str]] = []
    for item in dict.fromkeys(items):
        state = ledger.state(item)
        if not isinstance(state, Goods):
            skipped.append((item, _UNKNOWN))
        elif kind == "hold" and any(hold.authority == data["authority"] for hold in state.holds):
            skipped.append((item, f"already on hold by {data['authority']}"))
        elif kind == "recall" and _has_campaign(ledger, item, data["campaign"]):
            skipped.append((item, f"already in campaign {data['campaign']}"))
        else:
            drafts.append(Draft(kind=kind, item=item, data=data))
    return _plan(drafts, skipped)


def plan_releases(
    ledger: LedgerView,
    items: Iterable[str],
    data: dict[str, Any],
    mark: Mark,
    *,
    named: Container[str],
) -> Plan:
    """Plans a `release` of each item's holds by an authority or recalls of a campaign.

    A recall of high severity is only ended for items that are `named`, not merely found by a
    condition. Raises UsageError `selection.severity`, and NotFoundError `selection.empty` when the
    ledger has none of the items.
    """
    drafts: list[Draft] = []
    skipped: list[tuple[str, str]] = []
    severe: list[str] = []
    for item in dict.fromkeys(items):
        state = ledger.state(item)
        if not isinstance(state, Goods):
            skipped.append((item, _UNKNOWN))
            continue
        events, severities = _find_marks(ledger, item, state, mark)
        if "high" in severities and item not in named:
            severe.append(item)
        refs = ((DraftRef("target", item, event),) for event in events)
        drafts += (Draft(kind="release", item=item, data=data, refs=ref) for ref in refs)
        if not events:
            skipped.append((item, f"has no {mark.describe()}"))
    if severe:
        raise UsageError(
            "selection.severity",
            f"{mark.describe()} has severity high; items that are not named: {', '.join(severe)}",
        )
    return _plan(drafts, skipped)


def _find_marks(
    ledger: LedgerView, item: str, state: Goods, mark: Mark
) -> tuple[list[str], set[str | None]]:
    """Finds the events of an item's matching marks, and the severities of matching recalls."""
    if mark.authority:
        return [hold.event for hold in state.holds if hold.authority == mark.authority], set()
    in_force = {recall.event for recall in state.recalls}
    recalls = [
        found
        for found in _read_chain(ledger, item)
        if found.event.id in in_force and _value(found, "recall.campaign") == mark.campaign
    ]
    severities = {_value(found, "recall.severity") for found in recalls}
    return [found.event.id for found in recalls], severities


def _plan(drafts: Sequence[Draft], skipped: Sequence[tuple[str, str]]) -> Plan:
    if not drafts and skipped and all(reason == _UNKNOWN for _, reason in skipped):
        items = ", ".join(item for item, _ in skipped)
        raise NotFoundError("selection.empty", f"this ledger has none of the items {items}")
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
    events = _read_chain(ledger, row.item)
    return all(
        any(_value(event, name) == value for event in events) for name, value in by_event.items()
    )


def _has_campaign(ledger: LedgerView, item: str, campaign: str) -> bool:
    return any(_value(event, "recall.campaign") == campaign for event in _read_chain(ledger, item))


def _read_chain(ledger: LedgerView, item: str) -> list[EffectiveEvent]:
    """The item's events that were not voided."""
    events = [parse_token(entry.body) for entry in ledger.read_chain(item)]
    chain = read_effective((event, public_fields(event)) for event in events)
    return [effective for effective in chain if not effective.voided]


def _value(effective: EffectiveEvent, name: str) -> str | None:
    kind, _, field = name.partition(".")
    if effective.event.kind_name != kind:
        return None
    value = effective.values.get(field)
    return None if value is None else str(value)
