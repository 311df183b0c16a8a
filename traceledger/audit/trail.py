"""The entries that show what became of an item, from its first event to its fate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from traceledger.audit.picture import Picture
from traceledger.audit.things import Step, Thing
from traceledger.events.encoding import encode_base64url

__all__ = ["Place", "describe_places", "entries_of", "trail"]

_ENDS = (
    *("export", "return", "divert", "scrap", "disassemble", "reimport", "destroy"),
    *("draw_lot", "clean"),
)


class Place(NamedTuple):
    """An entry by log index `at` and event id (32 bytes), with the item and kind of its event."""

    at: int
    leaf: bytes
    item: str
    kind: str


def describe_places(places: Iterable[Place]) -> list[dict[str, Any]]:
    """Describes entries as JSON."""
    return [
        {
            "index": place.at,
            "event": encode_base64url(place.leaf),
            "item": place.item,
            "kind": place.kind,
        }
        for place in places
    ]


def entries_of(item: str, thing: Thing) -> tuple[Place, ...]:
    """Returns the first event of an item and its corrections."""
    return tuple(_with_changes(item, thing, thing.opened))


def trail(picture: Picture, item: str, thing: Thing) -> tuple[Place, ...]:
    """Returns the events that lead from an item's first to its fate, in the order of the log."""
    places: set[Place] = set()
    waiting, seen = [(item, thing)], {item}
    while waiting:
        name, found = waiting.pop()
        places.update(_own_way(name, found))
        for other in _next(found):
            if other not in seen:  # what was taken apart can meet again in one unit
                seen.add(other)
                following = picture.things.get(other)
                if following is not None and following.steps:
                    waiting.append((other, following))
    return tuple(sorted(places))


def _own_way(item: str, thing: Thing) -> Iterator[Place]:
    """Yields the first event of a thing and those with which it left or changed its form."""
    yield from _with_changes(item, thing, thing.opened)
    for step in thing.all(*_ENDS):
        yield from _with_changes(item, thing, step)
        for answer in thing.answers_to(step):
            yield Place(answer.index, answer.leaf, item, "confirm")


def _next(thing: Thing) -> Iterator[str]:
    """Yields where a thing went."""
    match thing.life:
        case "CONSUMED":
            yield thing.unit
        case "DISASSEMBLED" if not thing.left:
            yield from thing.outputs
            apart = thing.last("disassemble")
            if apart is not None and apart.linked:
                yield apart.linked
        case "SCRAPPED" if not thing.left:
            scrapped = thing.last("scrap")
            if scrapped is not None:
                yield scrapped.linked
        case _:
            return


def _with_changes(item: str, thing: Thing, step: Step) -> Iterator[Place]:
    """Yields a step and the corrections of it that count."""
    yield Place(step.index, step.leaf, item, step.kind)
    for correction in thing.corrections:
        if correction.target == step.leaf and thing.counts(correction):
            yield Place(correction.index, correction.leaf, item, "correct")
