"""The fold: applies one event to the state before it and returns the states that change.

It runs when an event is appended and when a log is replayed. It reads no clock, no file and no
restricted field.
"""

from __future__ import annotations

import msgspec

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.identifiers.items import parse_item
from traceledger.rules.authority import check_authority
from traceledger.rules.goods import step_goods
from traceledger.rules.grants import GRANTS
from traceledger.rules.links import chain_of, check_links, check_refs_form, cite
from traceledger.rules.periods import check_published
from traceledger.rules.state import Goods, State, World

__all__ = ["Joins", "fold"]

_OPENING = {"assemble": "input", "disassemble": "output"}
_CLOSING = frozenset({"consume", "harvest"})


def fold(world: World, event: Event) -> dict[str, State]:
    """Returns the states that the event changes, by item; raises NotAllowedError if forbidden.

    The event's position (`traceledger.rules.place`) and signature are checked elsewhere.
    """
    kind = event.kind
    if kind is None:
        raise NotAllowedError(
            "event.kind", f"this version does not know the kind {event.kind_name}"
        )
    before = world.state(event.payload.sub)
    if (kind.position == "first" and before) or (kind.position == "later" and not before):
        there, position = ("already", "only") if before else ("not", "never")
        raise NotAllowedError(
            "life.transition",
            f"{event.payload.sub} is {there} in the ledger;"
            f" {kind.name} is {position} a first event",
        )
    signer = check_authority(world, event, kind)
    check_refs_form(event, kind)
    handler = GRANTS.get(kind.name)
    if handler is not None:
        chain_of(kind, parse_item(event.payload.sub).form)
        return handler(world, event)
    if before is None:
        chain = chain_of(kind, parse_item(event.payload.sub).form)
        after = step_goods(None, event, signer, chain)
    else:
        if not isinstance(before, Goods) or before.chain not in kind.chains:
            raise NotAllowedError(
                "life.chain",
                f"{event.payload.sub} given; {kind.name} applies to {' or '.join(kind.chains)}",
            )
        after = step_goods(before, event, signer, before.chain)
    check_links(world, event, kind, signer, before)
    if kind.name == "writeoff":
        check_published(world, event)
    return cite(world, event, after)


class Joins(msgspec.Struct):
    """The incomplete joins: inputs of a unit and outputs of a disassembly.

    A join is `assemble` with the `consume` of each input, or `disassemble` with the `harvest` of
    each output.

    A join is one atomic request, and no seal interrupts it, so `close` is called at the end of a
    request and, on replay, at each seal. `open` maps each part that was named, but whose own event
    has not followed yet, to the item that named it.
    """

    open: dict[str, str] = {}

    def half_done(self) -> dict[str, str]:
        """Returns a copy of the incomplete joins."""
        return dict(self.open)

    def add(self, event: Event) -> None:
        """Adds an event that the fold accepted; raises NotAllowedError `ref.join` or `ref.used`."""
        opening = _OPENING.get(event.kind_name)
        if opening:
            parts = [ref.item for ref in event.refs if ref.as_ == opening]
            for item in parts:
                if item in self.open:
                    raise NotAllowedError(
                        "ref.used", f"{item} already belongs to {self.open[item]}"
                    )
            self.open.update(dict.fromkeys(parts, event.payload.sub))
        elif event.kind_name in _CLOSING:
            item, other = event.payload.sub, event.refs[0].item
            if self.open.get(item) != other:
                raise NotAllowedError(
                    "ref.join", f"{event.kind_name} of {item} does not match {other}"
                )
            del self.open[item]

    def close(self) -> None:
        """Checks that every join is complete; raises NotAllowedError `ref.join`."""
        for item, other in self.open.items():
            raise NotAllowedError("ref.join", f"{other} names {item}, but no event of it follows")

    def discard(self) -> None:
        """Discards the incomplete joins."""
        self.open.clear()
