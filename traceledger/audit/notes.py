"""Notes: what only the moment of an event shows, joined by code."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from traceledger.audit.evidence import SHOWN
from traceledger.audit.things import Note

__all__ = ["Place", "add_note"]


class Place(NamedTuple):
    """An event by its id and log index; a seal has no id."""

    leaf: bytes
    at: int


def add_note(
    notes: list[Note],
    code: str,
    place: Place,
    *,
    severity: str = "H",
    sides: tuple[str, str] = ("", ""),
) -> list[Note]:
    """Returns notes with an event added to that of this code; the first decides what it shows.

    `sides` are what was expected and what was found.
    """
    note = next((one for one in notes if one.code == code), None)
    if note is None:
        note = Note(code, severity, [], [], 0, *sides)
    if place.leaf in note.leaves:
        return notes
    count = note.count + bool(place.leaf)
    added = replace(note, count=count)
    if place.leaf and count <= SHOWN:
        added = replace(added, leaves=[*note.leaves, place.leaf], indexes=[*note.indexes, place.at])
    return [*(one for one in notes if one is not note), added]
