"""Joins: items and parts link to each other; no part is used twice, no unit comes back twice.

Implements check 11 of docs/spec/passport.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.errors import NotAllowedError
from traceledger.events.payload import Ref
from traceledger.events.token import Event
from traceledger.rules.links import SOURCES, check_refs_form
from traceledger.verify.chains import Shown, ShownChain, goods_of
from traceledger.verify.refusal import refusing
from traceledger.verify.unjudged import Unjudged
from traceledger.verify.verdict import Link

__all__ = ["check_joins", "list_unfollowed"]


def check_joins(shown: Shown, doubts: Unjudged) -> None:
    """Checks the links between the items shown, in both directions.

    Links to items that the passport does not show are not followed. Raises RefusedError `ref.*` or
    `life.void`.
    """
    for chain in goods_of(shown):
        for event in chain.events:
            if event.kind is not None:
                with refusing(chain.item, event.id), doubts.tolerating(event, chain.item):
                    check_refs_form(event, event.kind)
    returned: dict[str, str] = {}
    for chain in goods_of(shown):
        opening = chain.events[0]
        for ref in opening.refs:
            if ref.as_ not in SOURCES:
                continue
            with (
                refusing(chain.item, opening.id),
                doubts.tolerating(opening, chain.item, ref.item),
            ):
                _check_source(shown[ref.item], ref, opening)
                if opening.kind_name == "import":
                    other = returned.setdefault(ref.item, chain.item)
                    if other != chain.item:
                        raise NotAllowedError(
                            "ref.used", f"{ref.item} already came back as {other}"
                        )
    _check_voids(shown, doubts)


def list_unfollowed(shown: Shown) -> tuple[Link, ...]:
    """Lists the links to items whose chains are not shown, in the order of the passport."""
    return tuple(_unfollowed(shown))


def _check_source(source: ShownChain, ref: Ref, opening: Event) -> None:
    named = [seq for seq, event in enumerate(source.events) if event.id == ref.event]
    if not named:
        raise NotAllowedError("ref.event", f"{source.item} has no event {ref.event}")
    if opening.kind_name == "harvest":
        _check_harvest(source, ref, opening)
    elif opening.kind_name == "import":
        _check_return(source, named[0])
    elif ref.as_ == "input":
        uses = [event for event in source.events if event.kind_name == "consume"]
        names = [(used.item, used.event) for event in uses for used in event.refs]
        if names != [(opening.payload.sub, opening.id)]:
            raise NotAllowedError(
                "ref.join", f"{source.item} is not consumed exactly once, by this assembly"
            )
        if uses[0].payload.seq <= named[0]:
            raise NotAllowedError("ref.event", f"{ref.event} comes after {source.item} was used")


def _check_harvest(source: ShownChain, ref: Ref, opening: Event) -> None:
    """Checks that the event named disassembled the source and names the component."""
    taken = [event for event in source.events if event.kind_name == "disassemble"]
    names = [out.item for event in taken for out in event.refs if out.as_ == "output"]
    if [event.id for event in taken] != [ref.event] or opening.payload.sub not in names:
        raise NotAllowedError("ref.join", f"{source.item} was not disassembled into this part")


def _check_return(source: ShownChain, seq: int) -> None:
    """Checks that the unit had been reimported when its event `seq` was its latest."""
    undone = {ref.event for event in _voids(source) for ref in event.refs}
    back = [event for event in source.events[: seq + 1] if event.kind_name == "reimport"]
    if all(event.id in undone for event in back):
        raise NotAllowedError("ref.parent", f"{source.item} was not reimported")


def _check_voids(shown: Shown, doubts: Unjudged) -> None:
    """Checks that no event was voided that a link of another item shown names."""
    naming: dict[str, set[str]] = {}
    for chain in goods_of(shown):
        for event in chain.events:
            for ref in event.refs:
                if ref.event:
                    naming.setdefault(ref.event, set()).add(chain.item)
    for chain in goods_of(shown):
        for event in _voids(chain):
            targets = [naming.get(ref.event or "", set()) for ref in event.refs]
            users = sorted(set().union(*targets) - {chain.item})
            if not users:
                continue
            # One user about which nothing is in doubt is enough, whatever the others contain.
            user = min(users, key=lambda item: doubts.covers(chain.item, item))
            with refusing(chain.item, event.id), doubts.tolerating(event, chain.item, user):
                raise NotAllowedError("life.void", f"{user} names the event that is voided")


def _voids(chain: ShownChain) -> list[Event]:
    return [event for event in chain.events if event.kind_name == "void"]


def _unfollowed(shown: Shown) -> Iterator[Link]:
    for chain in goods_of(shown):
        for event in chain.events:
            for ref in event.refs:
                if ref.item not in shown:
                    yield Link(chain.item, event.id, ref.as_, ref.item)
