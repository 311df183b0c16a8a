"""The contribution of one item to a figure, and the entries that show it."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.audit.account import Account
from traceledger.audit.figures import Figure
from traceledger.audit.picture import Picture
from traceledger.audit.things import Thing
from traceledger.audit.trail import Place, entries_of, trail
from traceledger.rules.lifecycle import VOIDED

__all__ = ["Part", "make_former_part", "make_part"]

_ARRIVALS = frozenset(
    {
        *("imported", "assembled", "harvested", "cores_in", "arrived", "received", "kg", "value"),
        *("declared", "declared_kg", "declared_value", "difference", "filled", "opening"),
    }
)
"""Terms for which the first event of an item is the whole evidence."""


class Part(NamedTuple):
    """What an item contributes to a figure, None if it is unknown, and the entries that show it."""

    item: str
    value: Figure
    entries: tuple[Place, ...]


def make_part(picture: Picture, item: str, thing: Thing, value: Figure, term: str) -> Part:
    """Returns what an item contributes to the figure of a term."""
    entries = entries_of(item, thing) if term in _ARRIVALS else trail(picture, item, thing)
    return Part(item, value, entries)


def make_former_part(
    picture: Picture, before: Account | None, item: str, value: Figure, term: str
) -> Part:
    """Returns the part of an item that counts no longer; of a voided one nothing newer is left."""
    if before is not None and picture.things[item].life == VOIDED:
        picture = before.picture
    return make_part(picture, item, picture.things[item], value, term)
