"""What an event changes in the record of its item beside life and steps, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from traceledger.audit.things import Thing, Things, Undo
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event

__all__ = ["CHANGES", "Change", "target_of"]

Change = Callable[[Things, Thing, Undo, Event, int], None]
"""Changes a record for an event at a log index; `undo` takes the lists that are replaced."""


def target_of(event: Event) -> bytes:
    """Returns the id of the event that an event is about."""
    return decode_base64url((event.refs[0].event or "").encode())


def _import(things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    for ref in event.refs:
        if ref.as_ == "declaration" and things[ref.item].opened.kind == "declare_in":
            thing.line = ref.item
        elif ref.as_ == "parent":
            thing.origin = ref.item


def _declare(_things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.book = event.refs[0].item


def _open_lot(_things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.lot_class = event.data.class_
    thing.book = event.refs[0].item if event.refs else ""


def _assemble(things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.parts = [ref.item for ref in event.refs if ref.as_ == "input"]
    primary = [ref.item for ref in event.refs if ref.as_ == "primary"]
    main = (primary or thing.parts)[0]
    thing.root = things[main].root or main


def _consume(_things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.unit = event.refs[0].item


def _disassemble(_things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.outputs = [ref.item for ref in event.refs if ref.as_ == "output"]


def _harvest(things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.origin = event.refs[0].item
    thing.root = things[thing.origin].root or thing.origin


def _export(_things: Things, thing: Thing, _undo: Undo, _event: Event, _index: int) -> None:
    thing.left = thing.left or "exported"


def _inspect(_things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.graded = thing.graded or event.data.grade in {"A", "B"}


def _approve(_things: Things, thing: Thing, _undo: Undo, event: Event, _index: int) -> None:
    thing.approved = thing.approved or event.data.decision != "reject"


def _hold(_things: Things, thing: Thing, _undo: Undo, event: Event, index: int) -> None:
    thing.holds = [*thing.holds, (event.leaf, index)]


def _recall(_things: Things, thing: Thing, _undo: Undo, event: Event, index: int) -> None:
    thing.recalls = [*thing.recalls, (event.leaf, index)]


def _release(_things: Things, thing: Thing, undo: Undo, event: Event, _index: int) -> None:
    undo.holds, undo.recalls, target = thing.holds, thing.recalls, target_of(event)
    thing.holds = [mark for mark in thing.holds if mark[0] != target]
    thing.recalls = [mark for mark in thing.recalls if mark[0] != target]


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "import": _import,
        "declare_in": _declare,
        "declare_out": _declare,
        "open_lot": _open_lot,
        "assemble": _assemble,
        "consume": _consume,
        "disassemble": _disassemble,
        "harvest": _harvest,
        "export": _export,
        "inspect": _inspect,
        "approve": _approve,
        "hold": _hold,
        "recall": _recall,
        "release": _release,
    }
)
"""What events of other kinds say about their items is all in life and steps."""
