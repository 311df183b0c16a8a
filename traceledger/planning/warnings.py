"""Warnings about drafts that the rules allow, but that an audit of the ledger would report."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from traceledger.errors import MalformedError, NotAllowedError, NotFoundError
from traceledger.events.acceptance import MAX_AHEAD
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft
from traceledger.events.fields import Date, Time
from traceledger.identifiers.values import parse_time
from traceledger.manifests.names import SINGLE_PIECES, UNIT_NAMES
from traceledger.planning.declarations import find_book, read_values
from traceledger.rules.lifecycle import VOIDED
from traceledger.views.history import EVERYTHING, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search
from traceledger.views.searches import search_all

__all__ = ["Warned", "find_warnings"]


class Warned(NamedTuple):
    """A warning: the code of the finding that an audit would report, and what is unusual."""

    code: str
    message: str


def find_warnings(ledger: LedgerView, draft: Draft) -> tuple[Warned, ...]:
    """Finds what an audit would report about a draft; refuses nothing.

    What the caller may not read in the ledger is not checked. A malformed draft yields no warning:
    signing refuses it.
    """
    found = list(_times(draft, ledger.clock()))
    found += _tests(draft, ledger.clock())
    with contextlib.suppress(NotAllowedError, NotFoundError):
        found += _account(ledger, draft)
    return tuple(found)


def _times(draft: Draft, now: float) -> Iterator[Warned]:
    """Yields times and dates that lie in the future."""
    latest = datetime.fromtimestamp(now + MAX_AHEAD, UTC)
    if draft.occurred is not UNSET and _is_after(draft.occurred, latest):
        yield Warned("audit.future", f"occurred is {draft.occurred}, which is in the future")
    kind = CATALOGUE.get(draft.kind)
    for name, value in draft.data.items():
        hint = kind.types.get(name) if kind else None
        tomorrow = (latest + timedelta(days=1)).date().isoformat()
        is_future = hint == Date and str(value) > tomorrow
        if is_future or (hint == Time and _is_after(value, latest)):
            yield Warned("audit.future", f"{name} is {value}, which is in the future")


def _tests(draft: Draft, now: float) -> Iterator[Warned]:
    """Yields equipment out of date, and a verdict that contradicts its measurements."""
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    day = today if draft.occurred is UNSET else str(draft.occurred)[:10]
    equipment = draft.data.get("equipment")
    due = equipment.get("due") if isinstance(equipment, Mapping) else None
    if isinstance(due, str) and due < day:
        yield Warned("audit.equipment", f"the calibration of the equipment expired on {due}")
    results = draft.data.get("results")
    if draft.data.get("overall") == "pass" and isinstance(results, list):
        for result in results:
            if isinstance(result, Mapping) and result.get("pass") is False:
                message = f"{result.get('name')} failed, but overall is pass"
                yield Warned("audit.verdict", message)


def _account(ledger: LedgerView, draft: Draft) -> Iterator[Warned]:
    """Yields a second book of the same number, and more cores than were declared."""
    if draft.kind == "open_book":
        number = str(draft.data.get("number", ""))
        book = find_book(ledger, number)
        yield Warned("audit.book", f"{book} already has the number {number}")
    if draft.kind != "import":
        return
    for ref in draft.refs:
        first = ledger.find_place(ref.item, 0) if ref.as_ == "declaration" else None
        if first is None:
            continue
        declared = read_values(ledger, ref.item, read_record(first, EVERYTHING))
        unit = declared.get("unit", "")
        if UNIT_NAMES.get(unit, unit) not in SINGLE_PIECES or "quantity" not in declared:
            continue
        wanted = Search(chain="core", declaration=ref.item)
        present = sum(
            row.life != VOIDED and row.item != draft.item for row in search_all(ledger, wanted)
        )
        if present + 1 > Decimal(declared["quantity"]):
            message = f"{ref.item} declares {declared['quantity']}, this is core {present + 1}"
            yield Warned("audit.quantity", message)


def _is_after(value: Any, latest: datetime) -> bool:
    try:
        return parse_time(value) > latest
    except (MalformedError, TypeError):
        return False
