"""Which events carry figures, and the step that is remembered of each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import astuple

from traceledger.audit.kept import KEPT, POSITIONS
from traceledger.audit.things import MARK, Plain, Step, Thing, Undo
from traceledger.events.token import Event
from traceledger.identifiers.values import find_time
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["PLAIN", "add_step", "read_time", "reveal_step"]

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


def add_step(thing: Thing, undo: Undo, event: Event, entry: ReplayedEntry) -> Step | None:
    """Adds the step of an event that carries figures to a record, and returns it.

    An event without figures is remembered for the case that a correction gives it some. `undo`
    takes the lists that are replaced.
    """
    kind = event.kind_name
    if kind in _REPEATED:
        _forget(thing, undo, kind)
    reader = _READERS.get(kind)
    if reader is None or (kind == "clean" and not event.refs):
        return None
    *stated, digests = astuple(event.read(reader))
    is_plain = _IS_PLAIN.get(kind)
    if is_plain is None or not is_plain(event, stated[0], digests):
        step = _make_step(event, entry, stated, digests)
        thing.steps = [*thing.steps, step]
        return step
    if kind in PLAIN:
        mark, (at, shift) = event.leaf[:MARK], _when(event)
        plain = Plain(PLAIN.index(kind), entry.index, mark, at, shift)
        thing.plain = [*thing.plain, plain]
    return None


def _forget(thing: Thing, undo: Undo, kind: str) -> None:
    """Removes the earlier events of a kind."""
    if any(step.kind == kind for step in thing.steps):
        undo.steps = thing.steps
        thing.steps = [step for step in thing.steps if step.kind != kind]
    if kind in PLAIN and any(PLAIN[plain.kind] == kind for plain in thing.plain):
        undo.plain = thing.plain
        thing.plain = [plain for plain in thing.plain if PLAIN[plain.kind] != kind]


def reveal_step(thing: Thing, undo: Undo, leaf: bytes) -> None:
    """Adds the step of an event without figures to a record, because a correction gives it some."""
    for plain in thing.plain:
        if plain.mark == leaf[:MARK]:
            undo.plain, undo.steps = thing.plain, thing.steps
            thing.plain = [other for other in thing.plain if other is not plain]
            kind = PLAIN[plain.kind]
            values = [_day(plain) if name == "day" else None for name in KEPT[kind]]
            step = Step(kind, plain.index, leaf, plain.at, 0, values)
            thing.steps = sorted([*thing.steps, step], key=lambda each: each.index)
            return


@functools.lru_cache(maxsize=1024)
def read_time(text: str) -> tuple[int, int] | None:
    """Reads when an event happened; None if the calendar does not have the time.

    The first number is in seconds since 1970, the second the days by which the date of the place
    is later than that of UTC: 1, 0 or -1.
    """
    # Stations record in batches: the same second repeats.
    time = find_time(text)
    if time is None:
        return None
    return int(time.timestamp()), (time.date() - time.astimezone(UTC).date()).days


def _make_step(
    event: Event, entry: ReplayedEntry, values: list[Any], digests: dict[str, str]
) -> Step:
    """Makes the step of an event; `values` are what it states, and take what is disclosed."""
    unseen: list[int] = []
    if digests:
        shown = entry.values()
        for place, name in enumerate(KEPT[event.kind_name]):
            if name in shown:
                values[place] = shown[name]
            elif name in digests:
                unseen.append(place)
    if "day" in POSITIONS[event.kind_name]:
        values[POSITIONS[event.kind_name]["day"]] = _stated_day(event)
    links = _LINKS.get(event.kind_name, ())
    return Step(
        kind=event.kind_name,
        index=entry.index,
        leaf=event.leaf,
        iat=event.payload.iat,
        delay=event.payload.iat - _when(event)[0],
        values=values,
        unseen=unseen,
        linked=next((ref.item for ref in event.refs if ref.as_ in links), ""),
    )


def _when(event: Event) -> tuple[int, int]:
    """Returns when the event happened; when it was signed if the calendar has no such time."""
    return read_time(event.payload.occurred) or (event.payload.iat, 0)


def _day(plain: Plain) -> str:
    """Returns the date where an event happened."""
    day = datetime.fromtimestamp(plain.at, UTC).date() + timedelta(days=plain.shift)
    return day.isoformat()


def _is_on_time(event: Event, equipment: Mapping[str, str], _digests: dict[str, str]) -> bool:
    """Reports whether equipment was used before its own calibration expired."""
    return equipment["due"] >= _stated_day(event)


def _stated_day(event: Event) -> str:
    """Returns the date of an event as its place wrote it; when it was signed if there is none."""
    occurred = event.payload.occurred
    if read_time(occurred) is None:
        return datetime.fromtimestamp(event.payload.iat, UTC).date().isoformat()
    return occurred[: len("YYYY-MM-DD")]


def _reader(kind: str) -> msgspec.json.Decoder[Any]:
    """Makes the reader of the fields that the account keeps of a kind, and of its digests."""
    # Most of an event is read by nobody: measurements, photos, addresses.
    fields = [(name, Any, None) for name in KEPT[kind]]
    stated = msgspec.defstruct(
        kind, [*fields, ("sd", dict[str, str], {})], rename={"sd": "_sd"}, gc=False
    )
    return msgspec.json.Decoder(stated)


_READERS = {kind: _reader(kind) for kind in KEPT}

# Of each of these kinds, the first field that the account keeps decides.
_IS_PLAIN: Mapping[str, Callable[[Event, Any, dict[str, str]], bool]] = MappingProxyType(
    {
        "receive": lambda _event, result, _digests: bool(result == "ok"),
        "repair": lambda _event, _parts, digests: "new_parts" not in digests,
        "approve": lambda _event, certificate, _digests: certificate is None,
        "pack": lambda _event, label, _digests: _MARK in label,
        "test": _is_on_time,
        "calibrate": _is_on_time,
    }
)
"""Whether an event of a kind that can carry figures carries none: the event, field and digests."""
