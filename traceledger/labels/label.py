"""The contents of a label, read from the item's events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from traceledger.events.token import Event
from traceledger.identifiers import format_link, group_serial, parse_item
from traceledger.identifiers.element_string import split_element_string
from traceledger.identifiers.items import ItemId
from traceledger.labels.fonts import Weight
from traceledger.rules.effective import public_fields, read_effective
from traceledger.rules.targets import ABOUT_OTHERS

__all__ = ["Label", "Line", "read_label"]

_REMANUFACTURED = "再制造 / Remanufactured"
_BATCH, _DATE = "批次 / Batch", "日期 / Date"


class Line(NamedTuple):
    """A line of text: its height relative to other lines, and whether it must not be broken."""

    text: str
    scale: float = 1.0
    weight: Weight = "regular"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """The address encoded in the symbol, and the lines next to it, none of them empty."""

    link: str
    lines: tuple[Line, ...]


def read_label(
    base: str, item: str, events: Iterable[Event], *, maker: str = "", statement: str = ""
) -> Label:
    """Reads the label of a unit, core or component from its public fields, with corrections.

    `base` is the address before the item's id, `maker` the name of the company for a unit whose
    events do not name the remanufacturer yet, `statement` an optional label statement to encode in
    the symbol as well. Raises MalformedError `link.form` for an item that has no address.
    """
    fields = _read_fields(events)
    known = parse_item(item)
    link = format_link(base, known, statement)
    about = _unit_lines(fields, maker) if known.form == "unit" else _part_lines(fields)
    lines = (*about, Line(base.partition("://")[2]), *_number_lines(known))
    return Label(link, tuple(line for line in lines if line.text))


def _unit_lines(fields: dict[str, Any], maker: str) -> tuple[Line, ...]:
    batch, date = fields.get("batch", ""), fields.get("production_date", "")
    produced = f"{_BATCH} {batch}" if batch else f"{_DATE} {date}" if date else ""
    return (
        Line(fields.get("label_text", _REMANUFACTURED), 1.2, "bold"),
        Line(fields.get("remanufacturer", maker)),
        Line(fields.get("part_no", "")),
        Line(produced),
        Line(", ".join(fields.get("standards", ()))),
    )


def _part_lines(fields: dict[str, Any]) -> tuple[Line, ...]:
    name = f"{fields.get('category', '')} {fields.get('part_no', '')}".strip()
    return (Line(name, weight="bold"),)


def _number_lines(item: ItemId) -> tuple[Line, ...]:
    """Returns the serial in groups, then the GS1 element string, a line for each identifier."""
    elements = split_element_string(item)
    if not elements:
        return (Line(item.text, 1.4, "mono", whole=True),)
    lines = tuple(Line(f"({key}){value}", 1.1, "mono", whole=True) for key, value in elements)
    if len(elements) == 1:
        return lines
    return (Line(group_serial(elements[-1].value), 1.4, "bold", whole=True), *lines)


def _read_fields(events: Iterable[Event]) -> dict[str, Any]:
    """Merges the effective public fields of all events; later values override earlier ones."""
    fields: dict[str, Any] = {}
    for effective in read_effective((event, public_fields(event)) for event in events):
        if not effective.voided and effective.event.kind_name not in ABOUT_OTHERS:
            fields |= effective.values
    return fields
