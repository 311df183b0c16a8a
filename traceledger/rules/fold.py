"""The fold: one event against the world before it, and what changes.

Used when an event is appended and when a log is replayed. It reads no clock, no file and no
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
from traceledger.rules.state import Goods, State, World

__all__ = ["Joins", "fold"]

_OPENING = {"assemble": "input", "disassemble": "output"}
_CLOSING = frozenset({"consume", "harvest"})


def fold(world: World, event: Event) -> dict[str, State]:
    """The states that the event changes, by item; raises NotAllowedError when a rule forbids it.

    The event's place (`traceledger.rules.place`) and signature are checked elsewhere.
    """
    kind = event.kind
    if kind is None:
        raise NotAllowedError("event.kind", f"{event.kind_name} is not a kind of this version")
    before = world.state(event.payload.sub)
    if (kind.position == "first" and before) or (kind.position == "later" and not before):
        there, place = ("already", "only") if before else ("not", "never")
        raise NotAllowedError(
            "life.transition",
            f"{event.payload.sub} is {there} in the ledger; {kind.name} is {place} a first event",
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
                f"{event.payload.sub} given; {kind.name} is for {' or '.join(kind.chains)}",
            )
        after = step_goods(before, event, signer, before.chain)
    check_links(world, event, kind, signer, before)
    return cite(world, event, after)


class Joins(msgspec.Struct):
    """The joins that are half done: a unit's inputs, and outputs of what was taken apart.

    `assemble` and the `consume` of each input, `disassemble` and the `harvest` of each output.

    A join stands in one atomic request and no seal stands inside it, so `close` is called at the
    end of a request and, on replay, at each seal. `open` holds the parts that are named and whose
    own event is still to come, each with the item that named it.
    """

    open: dict[str, str] = {}

    def half_done(self) -> dict[str, str]:
        """A copy of the joins that are half done."""
        return dict(self.open)

    def add(self, event: Event) -> None:
        """Notes an event that the fold accepted; raises NotAllowedError `ref.join`."""
        opening = _OPENING.get(event.kind_name)
        if opening:
            parts = [ref.item for ref in event.refs if ref.as_ == opening]
            for item in parts:
                if item in self.open:
                    raise NotAllowedError(
                        "ref.used", f"{item} belongs to {self.open[item]} already"
                    )
            self.open.update(dict.fromkeys(parts, event.payload.sub))
        elif event.kind_name in _CLOSING:
            item, other = event.payload.sub, event.refs[0].item
            if self.open.get(item) != other:
                raise NotAllowedError(
                    "ref.join", f"{event.kind_name} of {item} does not go with {other}"
                )
            del self.open[item]

    def close(self) -> None:
        """Checks that nothing is half done; raises NotAllowedError `ref.join`."""
        for item, other in self.open.items():
            raise NotAllowedError("ref.join", f"{other} names {item}, but nothing of it follows")

    def discard(self) -> None:
        """Forgets the joins that are half done."""
        self.open.clear()
