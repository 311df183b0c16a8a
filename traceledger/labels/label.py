"""What stands on a label, read from the item's events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from traceledger.events.token import Event
from traceledger.identifiers import format_link, group_serial, parse_item

__all__ = ["Label", "Line", "read_label"]

_REMANUFACTURED = "再制造 / Remanufactured"
_SERIAL = "/21/"


class Line(NamedTuple):
    """A line of text; `scale` is its height against that of the others."""

    text: str
    scale: float = 1.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """The address that the symbol holds, and the lines beside it, none of them empty."""

    link: str
    lines: tuple[Line, ...]


def read_label(base: str, item: str, events: Iterable[Event], statement: str = "") -> Label:
    """Reads the label of a unit, core or component from its public fields, as they are corrected.

    `base` is the address before the item's id, `statement` a label statement to put into the
    symbol as well. Raises MalformedError `link.form` for an item that
    has no address.
    """
    said = _read_fields(events)
    link = format_link(base, parse_item(item), statement)
    host = base.partition("://")[2]
    _, serial, number = item.partition(_SERIAL)
    clear = group_serial(number) if serial else item
    if _is_unit(item):
        lines = _unit_lines(said)
    else:
        lines = [Line(f"{said.get('category', '')} {said.get('part_no', '')}".strip(), bold=True)]
    lines += [Line(host), Line(clear, 1.4, bold=True)]
    return Label(link, tuple(line for line in lines if line.text))


def _unit_lines(said: dict[str, Any]) -> list[Line]:
    batch = said.get("batch") or said.get("production_date", "")
    standards = ", ".join(said.get("standards", ()))
    return [
        Line(said.get("label_text", _REMANUFACTURED), 1.2, bold=True),
        Line(said.get("remanufacturer", "")),
        Line(said.get("part_no", "")),
        Line(", ".join(text for text in (batch, standards) if text)),
    ]


def _is_unit(item: str) -> bool:
    return parse_item(item).form == "unit"


def _read_fields(events: Iterable[Event]) -> dict[str, Any]:
    """The public fields of all events, a later one before an earlier one of the same name."""
    by_event: dict[str, dict[str, Any]] = {}
    for event in events:
        values = msgspec.to_builtins(event.data)
        if event.kind_name == "correct":
            target = event.refs[0].event if event.refs else None
            by_event.get(target or "", {}).update(values.get("set_public", {}))
        else:
            by_event[event.id] = values
    said: dict[str, Any] = {}
    for values in by_event.values():
        said |= values
    return said
