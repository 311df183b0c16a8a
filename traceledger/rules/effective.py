"""The effective fields of a chain's events: as corrected, and without voided events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from traceledger.events.token import Event

__all__ = ["EffectiveEvent", "public_fields", "read_effective"]

_SETS = ("set_public", "set_customs", "set_internal")
_DIGESTS = "_sd"


class EffectiveEvent(NamedTuple):
    """An event with its fields as corrected by later events.

    `voided` reports that a later event voided it; its fields then have no effect.
    """

    event: Event
    values: Mapping[str, Any]
    corrected: bool
    voided: bool


def public_fields(event: Event) -> dict[str, Any]:
    """Returns the fields in an event's token, which every reader sees."""
    values = event.fields()
    return {name: value for name, value in values.items() if name != _DIGESTS}


def read_effective(
    events: Iterable[tuple[Event, Mapping[str, Any]]],
) -> tuple[EffectiveEvent, ...]:
    """Applies the corrections of a chain, given in order from its first event.

    Each event comes with the fields that the reader sees. The last correction of a field wins; a
    voided correction has no effect (docs/spec/events.md, "Corrections" and "Voiding").
    """
    chain = list(events)
    voided = {_target(event) for event, _ in chain if event.kind_name == "void"}
    values = {event.id: dict(fields) for event, fields in chain}
    corrected: set[str] = set()
    for event, fields in chain:
        target = _target(event)
        if event.kind_name == "correct" and event.id not in voided and target in values:
            corrected.add(target)
            for name in _SETS:
                values[target] |= fields.get(name, {})
    return tuple(
        EffectiveEvent(event, values[event.id], event.id in corrected, event.id in voided)
        for event, _ in chain
    )


def _target(event: Event) -> str:
    return next((ref.event or "" for ref in event.refs if ref.as_ == "target"), "")
