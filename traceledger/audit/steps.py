"""Which events carry figures, and the step that is remembered of each."""

from __future__ import annotations

import functools
from datetime import date
from types import MappingProxyType

import msgspec

from traceledger.audit.kept import KEPT
from traceledger.audit.things import Step
from traceledger.events.token import Event
from traceledger.identifiers.values import parse_time
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["REPEATED", "make_step", "occurred"]

_MARK = "再制造"
_LINKS = MappingProxyType(
    {
        **dict.fromkeys(("export", "return", "divert", "reimport"), ("declaration",)),
        "scrap": ("lot",),
        "draw_lot": ("lot", "declaration"),
        **dict.fromkeys(("disassemble", "clean"), ("lot",)),
    }
)
"""The links of which a step keeps the only one, by kind; the record of an item has the others."""
REPEATED = frozenset({"receive", "pack"})
"""Kinds of which only the latest event matters."""


def make_step(event: Event, entry: ReplayedEntry, *, by_customs: bool) -> Step | None:
    """Returns the step of an event that carries figures, otherwise None."""
    fields = KEPT.get(event.kind_name)
    if fields is None or _is_plain(event, by_customs=by_customs):
        return None
    given = msgspec.to_builtins(event.data) | entry.values()
    links = _LINKS.get(event.kind_name, ())
    at = occurred(event)
    return Step(
        kind=event.kind_name,
        index=entry.index,
        leaf=event.leaf,
        iat=event.payload.iat,
        delay=event.payload.iat - at,
        values=[given.get(name) for name in fields],
        unseen=[
            place
            for place, name in enumerate(fields)
            if name in event.digests and name not in given
        ],
        linked=next((ref.item for ref in event.refs if ref.as_ in links), ""),
        customs=by_customs,
    )


def occurred(event: Event) -> int:
    """Returns when the event happened, in seconds since 1970."""
    return _seconds(event.payload.occurred)


@functools.lru_cache(maxsize=1024)
def _seconds(time: str) -> int:
    # Stations record in batches: the same second repeats.
    return int(parse_time(time).timestamp())


def _is_plain(event: Event, *, by_customs: bool) -> bool:
    """Reports whether an event of a kind that can carry figures carries none."""
    match event.kind_name:
        case "clean":
            return not event.refs
        case "repair":
            return "new_parts" not in event.digests
        case "receive":
            return bool(event.data.result == "ok")
        case "pack":
            return _MARK in event.data.label_text
        case "approve":
            return event.data.certificate_sha256 is msgspec.UNSET
        case "test" | "calibrate":
            return not _is_overdue(event)
        case "customs_check":
            return by_customs
        case _:
            return False


def _is_overdue(event: Event) -> bool:
    """Reports whether equipment was used after its own calibration had expired."""
    return date.fromisoformat(event.data.equipment.due) < parse_time(event.payload.occurred).date()
