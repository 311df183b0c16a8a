"""The effective values of a step: as corrected, as far as they are known.

A correction counts from its position on, unless customs refused it. A value that is withheld or
erased, that an unseen correction may have set, or that a correction set to what the field cannot be
is unknown; an optional field that was never given is absent (docs/spec/account.md, "Scope").
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec

from traceledger.audit.figures import Figure
from traceledger.audit.kept import POSITIONS
from traceledger.audit.things import Correction, Step, Thing
from traceledger.errors import MalformedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.identifiers import parse_decimal
from traceledger.identifiers.values import find_time

__all__ = [
    "Unknown",
    "corrected_by",
    "find_mistyped",
    "history",
    "money",
    "number",
    "quantity",
    "read",
    "text",
    "when",
]


class Unknown(Enum):
    """The mark of a value that exists and cannot be seen."""

    UNKNOWN = "unknown"


_UNKNOWN = Unknown.UNKNOWN


def read(thing: Thing, step: Step | None, name: str) -> Any:
    """Returns the value of a field as corrected, None if absent, `Unknown.UNKNOWN` if unseen."""
    if step is None:
        return None
    if not thing.corrections:
        return _stated(step, name)
    *_, (_, _, value) = history(thing, step, name)
    return value


def history(thing: Thing, step: Step, name: str) -> Iterator[tuple[int, bytes, Any]]:
    """Yields the values that a field had, each with the log index and id of the event."""
    if name not in POSITIONS[step.kind]:
        yield step.index, step.leaf, None
        return
    yield step.index, step.leaf, _stated(step, name)
    for correction in thing.corrections:
        if correction.target != step.leaf or not thing.counts(correction):
            continue
        visibility = CATALOGUE[step.kind].fields[name].visibility
        if visibility in correction.hidden or name in correction.mistyped:
            yield correction.index, correction.leaf, _UNKNOWN
        elif name in correction.sets:
            yield correction.index, correction.leaf, correction.sets[name]


def find_mistyped(kind: str, sets: Mapping[str, Any]) -> list[str]:
    """Returns the fields that a correction of an event sets to a value that they cannot have.

    The rules of the log ask for no type, because not every verifier sees restricted values.
    """
    types = CATALOGUE[kind].types
    return [name for name, value in sets.items() if name in types and not _fits(value, types[name])]


def _fits(value: Any, wanted: Any) -> bool:
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        return False
    return True


def _stated(step: Step, name: str) -> Any:
    place = POSITIONS[step.kind].get(name)
    if place is None:
        return None
    return _UNKNOWN if place in step.unseen else step.values[place]


def corrected_by(thing: Thing, step: Step, name: str) -> Correction | None:
    """Returns the correction from which the value of a field comes."""
    found = None
    for correction in thing.corrections:
        if correction.target != step.leaf or name not in correction.sets:
            continue
        if thing.counts(correction):
            found = correction
    return found


def text(thing: Thing, step: Step | None, name: str) -> str | None:
    """Returns a field as text; None if it is absent or unknown."""
    value = read(thing, step, name)
    return None if value is None or value is _UNKNOWN else str(value)


def number(thing: Thing, step: Step | None, name: str, *, absent: Figure = None) -> Figure:
    """Returns a field as a figure; `absent` if it was never given."""
    value = read(thing, step, name)
    if value is None:
        return absent
    return quantity(value)


def money(thing: Thing, step: Step | None, name: str) -> tuple[Figure, str | None]:
    """Returns an amount and its currency; (None, None) if unknown or absent."""
    value = read(thing, step, name)
    if not isinstance(value, dict):
        return None, None
    return quantity(value.get("amount")), value.get("currency")


def when(thing: Thing, step: Step | None, name: str) -> int | None:
    """Returns a time in seconds since 1970; None if it is absent or unknown."""
    value = text(thing, step, name)
    found = None if value is None else find_time(value)
    return None if found is None else int(found.timestamp())


def quantity(value: Any) -> Figure:
    """Returns a value of a field as a figure; None if it is no number."""
    return _parse(value) if isinstance(value, str) else None


@functools.lru_cache(maxsize=1024)
def _parse(value: str) -> Figure:
    # Weights and prices repeat.
    try:
        return parse_decimal(value)
    except MalformedError:
        return None
