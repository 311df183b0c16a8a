"""Warnings about drafts that the rules allow, but that an audit of the ledger would report."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from traceledger.errors import (
    MalformedError,
    NotAllowedError,
    NotFoundError,
    VerificationError,
)
from traceledger.events.acceptance import MAX_AHEAD
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.fields import Date, Time
from traceledger.events.token import Event, parse_token
from traceledger.identifiers import check_decimal, parse_time
from traceledger.manifests.names import SINGLE_PIECES, UNIT_NAMES
from traceledger.planning.declarations import find_book, read_values
from traceledger.rules.effective import public_fields
from traceledger.rules.lifecycle import VOIDED
from traceledger.rules.state import PartyState
from traceledger.views.history import EVERYTHING, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search
from traceledger.views.searches import search_all

__all__ = [
    "Warned",
    "find_event_warnings",
    "find_quantity_warnings",
    "find_warnings",
    "moves_on_line",
    "read_drafts",
]

# The kinds that count on a declaration line, and the chains whose pieces they count: outbound lines
# count what is exported, returned and diverted (docs/spec/account.md).
_MOVING = frozenset({"import", "export", "return", "divert"})
_PIECES = frozenset({"core", "component", "unit"})


class Warned(NamedTuple):
    """A warning: the code of the finding that an audit would report, and what is unusual."""

    code: str
    message: str
    item: str


def find_warnings(ledger: LedgerView, drafts: Sequence[Draft]) -> tuple[Warned, ...]:
    """Finds what an audit would report about the drafts of one request; refuses nothing.

    What the caller may not read in the ledger is not checked. A malformed draft yields no warning:
    signing refuses it. Each declaration line is read once, however many pieces are on it.
    """
    found = _find_inside(drafts, ledger.clock())
    with contextlib.suppress(NotAllowedError, NotFoundError):
        found += _books(ledger, drafts)
        found += _quantities(ledger, drafts)
    return tuple(found)


def find_event_warnings(event: Event, values: Mapping[str, Any], now: float) -> tuple[Warned, ...]:
    """Finds what `find_warnings` finds about an event by itself; needs no ledger.

    `values` are all its fields; `now` is in seconds since 1970.
    """
    looked_at = not _looked_at(event.kind_name).isdisjoint(values)
    _, _, latest = _days(int(now))
    if not looked_at and not _is_after(event.payload.occurred, latest):  # as in most events
        return ()
    return tuple(_find_inside([_as_draft(event, values if looked_at else None)], now))


def find_quantity_warnings(ledger: LedgerView, events: Iterable[Event]) -> tuple[Warned, ...]:
    """Finds what `find_warnings` finds about quantities, as far as the events' signers may read.

    These are the quantities of lines within the prefixes of the importer. Books are not compared,
    because a warning would reveal the number of another party's book. Reads the ledger only for
    events that `moves_on_line`.
    """
    moving = []
    for event in filter(moves_on_line, events):
        party = ledger.state(event.payload.iss)
        prefixes = party.prefixes if isinstance(party, PartyState) else ()
        draft = _as_draft(event, None)
        if all(line.startswith(prefixes) for line in _lines(draft)):
            moving.append(draft)
    return tuple(_quantities(ledger, moving))


def moves_on_line(event: Event) -> bool:
    """Reports whether an event records a piece on a declaration line."""
    return event.kind_name in _MOVING and any(ref.as_ == "declaration" for ref in event.refs)


def read_drafts(wires: Iterable[bytes]) -> tuple[Draft, ...]:
    """Reads signed events as drafts; omits those that are malformed, which the ledger refuses."""
    drafts = []
    for wire in wires:
        with contextlib.suppress(MalformedError, VerificationError):
            token, disclosures = split_wire(wire)
            event = parse_token(token)
            opened = open_disclosures(event, disclosures, complete=False)
            drafts.append(_as_draft(event, opened))
    return tuple(drafts)


def _as_draft(event: Event, restricted: Mapping[str, Any] | None) -> Draft:
    """Returns a signed event, with its restricted fields, as a draft; None omits all fields."""
    claims = event.payload
    refs = tuple(DraftRef(ref.as_, ref.item) for ref in event.refs)
    data = {} if restricted is None else {**restricted, **public_fields(event)}
    return Draft(event.kind_name, claims.sub, data, claims.occurred, refs=refs)


def _lines(draft: Draft) -> Iterator[str]:
    return (ref.item for ref in draft.refs if ref.as_ == "declaration")


def _find_inside(drafts: Iterable[Draft], now: float) -> list[Warned]:
    """Finds what each draft by itself shows."""
    today, tomorrow, latest = _days(int(now))
    found: list[Warned] = []
    for draft in drafts:
        found += _times(draft, latest, tomorrow)
        found += _tests(draft, today)
    return found


@functools.lru_cache(maxsize=1)
def _days(now: int) -> tuple[str, str, datetime]:
    """Returns today, tomorrow and the latest time that is not in the future."""
    latest = datetime.fromtimestamp(now + MAX_AHEAD, UTC)
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    return today, (latest + timedelta(days=1)).date().isoformat(), latest


@functools.lru_cache(maxsize=128)
def _looked_at(kind: str) -> frozenset[str]:
    """Returns the fields of a kind that are looked at below."""
    types = CATALOGUE[kind].types if kind in CATALOGUE else {}
    return frozenset(_moments(kind)) | (types.keys() & {"equipment", "overall"})


@functools.lru_cache(maxsize=128)
def _moments(kind: str) -> Mapping[str, Any]:
    """Returns the fields of a kind that are dates or times, with their types."""
    types = CATALOGUE[kind].types if kind in CATALOGUE else {}
    return {name: hint for name, hint in types.items() if hint in (Date, Time)}


def _times(draft: Draft, latest: datetime, tomorrow: str) -> Iterator[Warned]:
    """Yields times and dates that lie in the future."""
    if draft.occurred is not UNSET and _is_after(draft.occurred, latest):
        message = f"occurred is {draft.occurred}, which is in the future"
        yield Warned("audit.future", message, draft.item)
    for name, hint in _moments(draft.kind).items():
        value = draft.data.get(name)
        if value is None:
            continue
        is_future = str(value) > tomorrow if hint == Date else _is_after(value, latest)
        if is_future:
            message = f"{name} is {value}, which is in the future"
            yield Warned("audit.future", message, draft.item)


def _tests(draft: Draft, today: str) -> Iterator[Warned]:
    """Yields equipment out of date, and a verdict that contradicts its measurements."""
    day = today if draft.occurred is UNSET else str(draft.occurred)[:10]
    equipment = draft.data.get("equipment")
    due = equipment.get("due") if isinstance(equipment, Mapping) else None
    if isinstance(due, str) and due < day:
        message = f"the calibration of the equipment expired on {due}"
        yield Warned("audit.equipment", message, draft.item)
    results = draft.data.get("results")
    if draft.data.get("overall") == "pass" and isinstance(results, list):
        for result in results:
            if isinstance(result, Mapping) and result.get("pass") is False:
                message = f"{result.get('name')} failed, but overall is pass"
                yield Warned("audit.verdict", message, draft.item)


def _books(ledger: LedgerView, drafts: Iterable[Draft]) -> Iterator[Warned]:
    """Yields books whose number another book has."""
    for draft in drafts:
        if draft.kind != "open_book":
            continue
        number = str(draft.data.get("number", ""))
        with contextlib.suppress(NotFoundError):
            book = find_book(ledger, number)
            if book != draft.item:
                message = f"{book} already has the number {number}"
                yield Warned("audit.book", message, draft.item)


def _quantities(ledger: LedgerView, drafts: Sequence[Draft]) -> Iterator[Warned]:
    """Yields declaration lines on which more pieces are recorded than they declare."""
    moved: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.kind in _MOVING and not draft.item.startswith("lot/"):
            for line in _lines(draft):
                moved.setdefault(line, set()).add(draft.item)
    planned = {draft.item: draft.data for draft in drafts if draft.kind.startswith("declare_")}
    for line, items in moved.items():
        quantity = _pieces(planned.get(line) or _declared(ledger, line))
        # All linked items together: seldom more, and counted without reading them.
        if quantity is None or ledger.count_declared(line) + len(items) <= quantity:
            continue
        rows = search_all(ledger, Search(declaration=line))
        present = {row.item for row in rows if row.chain in _PIECES and row.life != VOIDED}
        count = len(items | present)
        if count > quantity:
            message = f"{line} declares {quantity}, {count} pieces are recorded on it"
            yield Warned("audit.quantity", message, line)


def _pieces(declared: Mapping[str, Any]) -> Decimal | None:
    """Returns the declared number of pieces; None if it is unknown, malformed or a weight."""
    unit, quantity = declared.get("unit"), declared.get("quantity")
    if not isinstance(unit, str) or not isinstance(quantity, str):
        return None
    with contextlib.suppress(MalformedError):
        return (
            Decimal(check_decimal(quantity))
            if UNIT_NAMES.get(unit, unit) in SINGLE_PIECES
            else None
        )
    return None


def _declared(ledger: LedgerView, line: str) -> Mapping[str, Any]:
    """Returns the fields of a declaration line as corrected; empty for an unknown line."""
    first = ledger.find_place(line, 0)
    return {} if first is None else read_values(ledger, line, read_record(first, EVERYTHING))


def _is_after(value: Any, latest: datetime) -> bool:
    try:
        return parse_time(value) > latest
    except (MalformedError, TypeError):
        return False
