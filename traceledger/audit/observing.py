"""Observations at the moment of an event: INT-06, INT-09, REL-06 and REL-07."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.notes import Place, add_note
from traceledger.audit.steps import read_time
from traceledger.audit.things import Note, Thing, Things
from traceledger.events.token import Event
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["note_departure", "note_event", "note_late"]

_HOUR = 3600
_EARLY = 300  # seconds by which an event may be signed before it happened


def note_event(things: Things, thing: Thing, event: Event, entry: ReplayedEntry) -> None:
    """Notes what is withheld in an event, and marks in force when a unit leaves."""
    place = Place(event.leaf, entry.index)
    if entry.undisclosed:
        names = ", ".join(entry.undisclosed)
        thing.notes = add_note(thing.notes, "INT-09", place, severity="M", sides=("", names))
    if event.kind_name == "export":
        note_departure(things, thing, event.refs[0].item, place)


def note_late(notes: list[Note], event: Event, index: int, hours: int) -> list[Note]:
    """Returns notes with an event added if it was recorded `hours` too late, or too early."""
    happened = read_time(event.payload.occurred)
    if happened is None:
        sides = "a date of the calendar", event.payload.occurred
    else:
        delay = event.payload.iat - happened[0]
        if -_EARLY <= delay <= hours * _HOUR:
            return notes
        sides = str(-_EARLY if delay < 0 else hours * _HOUR), str(delay)
    return add_note(notes, "INT-06", Place(event.leaf, index), severity="M", sides=sides)


def note_departure(things: Things, unit: Thing, line: str, place: Place) -> None:
    """Notes holds and recalls of a unit that leaves, of its inputs, its line and its book."""
    declared = things[line]
    others = (unit, *_inputs(things, unit), declared, things[declared.book])
    for other in others:
        for code, marks in (("REL-06", other.holds), ("REL-07", other.recalls)):
            for mark in marks:
                unit.notes = add_note(unit.notes, code, Place(*mark))
            if marks:
                unit.notes = add_note(unit.notes, code, place)


def _inputs(things: Things, unit: Thing) -> Iterator[Thing]:
    """Yields the parts of a unit at any depth, and what they were harvested from, each once."""
    waiting, seen = list(unit.parts), set[str]()
    while waiting:
        item = waiting.pop()
        if item in seen:  # the parts of a unit may come from one and the same former unit
            continue
        seen.add(item)
        part = things[item]
        yield part
        waiting += part.parts
        if part.chain == "component":
            waiting.append(part.origin)
