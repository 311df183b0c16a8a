"""GS1 element strings in human-readable form: `(01)09521234543213(21)7KQ2X4PM9ATRWC`.

Source: GS1 General Specifications, section 4.14 (human-readable interpretation).
"""

from __future__ import annotations

from typing import NamedTuple

from traceledger.identifiers.items import ItemId

__all__ = ["Element", "format_element_string", "split_element_string"]

_KEYS = frozenset({"01", "8004"})


class Element(NamedTuple):
    """An application identifier and its value."""

    key: str
    value: str


def split_element_string(item: ItemId) -> tuple[Element, ...]:
    """Returns the elements of an item with a GS1 key; none for other items."""
    segments = item.text.split("/")
    if segments[0] not in _KEYS:
        return ()
    return tuple(map(Element, segments[::2], segments[1::2]))


def format_element_string(item: ItemId) -> str:
    """Formats the element string of an item with a GS1 key; "" for other items."""
    return "".join(f"({key}){value}" for key, value in split_element_string(item))
