"""Which events carry figures, and the step that is remembered of each."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import msgspec

from traceledger.audit.kept import KEPT
from traceledger.audit.things import MARK, Plain, Step, Thing
from traceledger.events.token import Event
from traceledger.identifiers.values import find_time
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["PLAIN", "add_step", "occurred", "reveal_step"]

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
_REPEATED = frozenset({"receive", "pack"})
"""Kinds of which only the latest event matters."""
PLAIN = ("repair", "pack", "approve", "test", "calibrate")
"""Kinds to which a correction can give figures that an event of them did not have."""


def add_step(thing: Thing, event: Event, entry: ReplayedEntry) -> Step | None:
    """Adds the step of an event that carries figures to a record, and returns it.

    An event without figures is remembered for the case that a correction gives it some.
    """
    kind = event.kind_name
    if kind in _REPEATED:
        _forget(thing, kind)
    if kind not in KEPT:
        return None
    if not _is_plain(event):
        step = _make_step(event, entry)
        thing.steps = [*thing.steps, step]
        return step
    if kind in PLAIN:
        mark, (at, shift) = event.leaf[:MARK], _when(event)
        plain = Plain(PLAIN.index(kind), entry.index, mark, at, shift)
        thing.plain = [*thing.plain, plain]
    return None


def _forget(thing: Thing, kind: str) -> None:
    """Removes the earlier events of a kind; a list without one stays, so that it is no change."""
    if any(step.kind == kind for step in thing.steps):
        thing.steps = [step for step in thing.steps if step.kind != kind]
    if any(PLAIN[plain.kind] == kind for plain in thing.plain):
        thing.plain = [plain for plain in thing.plain if PLAIN[plain.kind] != kind]


def reveal_step(thing: Thing, leaf: bytes) -> None:
    """Adds the step of an event without figures to a record, because a correction gives it some."""
    for plain in thing.plain:
        if plain.mark == leaf[:MARK]:
            thing.plain = [other for other in thing.plain if other is not plain]
            kind = PLAIN[plain.kind]
            values = [_day(plain) if name == "day" else None for name in KEPT[kind]]
            step = Step(kind, plain.index, leaf, plain.at, 0, values)
            thing.steps = sorted([*thing.steps, step], key=lambda each: each.index)
            return


def occurred(event: Event) -> int:
    """Returns when the event happened, in seconds since 1970.

    That is when it was signed if the calendar does not have the time that it states.
    """
    return _when(event)[0]


def _make_step(event: Event, entry: ReplayedEntry) -> Step:
    fields = KEPT[event.kind_name]
    given = event.fields() | entry.values()
    digests = given.get("_sd", {})
    links = _LINKS.get(event.kind_name, ())
    return Step(
        kind=event.kind_name,
        index=entry.index,
        leaf=event.leaf,
        iat=event.payload.iat,
        delay=event.payload.iat - occurred(event),
        values=[_stated_day(event) if name == "day" else given.get(name) for name in fields],
        unseen=[
            place for place, name in enumerate(fields) if name in digests and name not in given
        ],
        linked=next((ref.item for ref in event.refs if ref.as_ in links), ""),
    )


def _when(event: Event) -> tuple[int, int]:
    """Returns when the event happened, and how many days later than UTC the date there was."""
    return _read_time(event.payload.occurred) or (event.payload.iat, 0)


@functools.lru_cache(maxsize=1024)
def _read_time(text: str) -> tuple[int, int] | None:
    # Stations record in batches: the same second repeats.
    time = find_time(text)
    if time is None:
        return None
    return int(time.timestamp()), (time.date() - time.astimezone(UTC).date()).days


def _day(plain: Plain) -> str:
    """Returns the date where an event happened."""
    day = datetime.fromtimestamp(plain.at, UTC).date() + timedelta(days=plain.shift)
    return day.isoformat()


def _is_plain(event: Event) -> bool:
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
        case _:
            return False


def _is_overdue(event: Event) -> bool:
    """Reports whether equipment was used after its own calibration had expired."""
    return bool(event.data.equipment.due < _stated_day(event))


def _stated_day(event: Event) -> str:
    """Returns the date that an event states, as its place wrote it."""
    return event.payload.occurred[: len("YYYY-MM-DD")]
