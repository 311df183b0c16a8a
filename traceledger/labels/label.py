"""The contents of a label, read from the item's events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from traceledger.events.token import Event
from traceledger.identifiers import format_link, group_serial, parse_item
from traceledger.rules.effective import public_fields, read_effective
from traceledger.rules.targets import ABOUT_OTHERS

__all__ = ["Label", "Line", "read_label"]

_REMANUFACTURED = "再制造 / Remanufactured"
_SERIAL = "/21/"


class Line(NamedTuple):
    """A line of text; `scale` is its height relative to other lines."""

    text: str
    scale: float = 1.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """The address encoded in the symbol, and the lines next to it, none of them empty."""

    link: str
    lines: tuple[Line, ...]


def read_label(base: str, item: str, events: Iterable[Event], statement: str = "") -> Label:
    """Reads the label of a unit, core or component from its public fields, with corrections.

    `base` is the address before the item's id, `statement` an optional label statement to encode in
    the symbol as well. Raises MalformedError `link.form` for an item that has no address.
    """
    fields = _read_fields(events)
    link = format_link(base, parse_item(item), statement)
    host = base.partition("://")[2]
    _, serial, number = item.partition(_SERIAL)
    clear = group_serial(number) if serial else item
    if _is_unit(item):
        lines = _unit_lines(fields)
    else:
        lines = [
            Line(f"{fields.get('category', '')} {fields.get('part_no', '')}".strip(), bold=True)
        ]
    lines += [Line(host), Line(clear, 1.4, bold=True)]
    return Label(link, tuple(line for line in lines if line.text))


def _unit_lines(fields: dict[str, Any]) -> list[Line]:
    batch = fields.get("batch") or fields.get("production_date", "")
    standards = ", ".join(fields.get("standards", ()))
    return [
        Line(fields.get("label_text", _REMANUFACTURED), 1.2, bold=True),
        Line(fields.get("remanufacturer", "")),
        Line(fields.get("part_no", "")),
        Line(", ".join(text for text in (batch, standards) if text)),
    ]


def _is_unit(item: str) -> bool:
    return parse_item(item).form == "unit"


def _read_fields(events: Iterable[Event]) -> dict[str, Any]:
    """Merges the effective public fields of all events; later values override earlier ones."""
    fields: dict[str, Any] = {}
    for effective in read_effective((event, public_fields(event)) for event in events):
        if not effective.voided and effective.event.kind_name not in ABOUT_OTHERS:
            fields |= effective.values
    return fields
