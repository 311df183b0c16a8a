"""Notes: what only the moment of an event shows, joined by code."""

from __future__ import annotations

from typing import NamedTuple

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
) -> None:
    """Adds an event to the note of this code; the first one decides what the note shows.

    `sides` are what was expected and what was found.
    """
    note = next((one for one in notes if one.code == code), None)
    if note is None:
        note = Note(code, severity, [], [], 0, *sides)
        notes.append(note)
    if not place.leaf or place.leaf in note.leaves:
        return
    note.count += 1
    if len(note.leaves) < SHOWN:
        note.leaves.append(place.leaf)
        note.indexes.append(place.at)
