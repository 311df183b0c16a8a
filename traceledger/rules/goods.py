"""What an event does to the chain of a core, component, unit, lot, declaration or book.

Reads nothing but the chain's own state, the envelope, the signer's roles and public fields, so that
every reader, also one with a single passport, replays the same life cycle.
"""

from __future__ import annotations

from msgspec.structs import replace

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.rules.authority import Authority
from traceledger.rules.lifecycle import ANYTIME, NEW, next_life
from traceledger.rules.state import Goods, HoldMark, RecallMark

__all__ = ["step_goods"]


def step_goods(state: Goods | None, event: Event, signer: Authority, chain: str) -> Goods:
    """The chain's state after the event; raises NotAllowedError `life.*`.

    `chain` is what the first event makes of the chain; later events find it in the state.
    """
    claims, kind = event.payload, event.kind_name
    if state is None:
        return Goods(
            first=event.id,
            seq=0,
            head=event.id,
            chain=chain,
            party=claims.iss,
            life=next_life(chain, NEW, kind, event.data),
            inputs=tuple(ref.item for ref in event.refs if ref.as_ == "input"),
        )
    if state.holds and kind not in ANYTIME:
        raise NotAllowedError(
            "life.held", f"a hold by {state.holds[0].authority} is on; only a release ends it"
        )
    _check_recall(state, kind)
    if kind == "approve" and event.kid in state.testers:
        raise NotAllowedError("life.tester", "the key that tested a unit may not approve it")
    state = replace(
        state,
        seq=claims.seq,
        head=event.id,
        life=next_life(state.chain, state.life, kind, event.data),
    )
    return _mark(state, event, signer)


def _check_recall(state: Goods, kind: str) -> None:
    if not state.recalls:
        return
    if kind in {"pack", "export"}:
        raise NotAllowedError(
            "life.recalled", f"the unit is recalled: no {kind} before its release"
        )
    if kind == "approve" and not all(recall.reworked for recall in state.recalls):
        raise NotAllowedError("life.recalled", "the unit is recalled; repair or update it first")


def _mark(state: Goods, event: Event, signer: Authority) -> Goods:
    match event.kind_name:
        case "hold":
            if event.data.authority not in signer.roles:
                raise NotAllowedError(
                    "key.role", f"a hold by {event.data.authority} needs a key with that role"
                )
            return replace(state, holds=(*state.holds, HoldMark(event.id, event.data.authority)))
        case "recall":
            mark = RecallMark(event.id, signer.party, reworked=False)
            return replace(state, recalls=(*state.recalls, mark))
        case "release":
            return _release(state, event, signer)
        case "repair" | "update" if state.recalls:
            marks = tuple(replace(mark, reworked=True) for mark in state.recalls)
            return replace(state, recalls=marks)
        case "test" if event.kid not in state.testers:
            return replace(state, testers=(*state.testers, event.kid))
        case "consume":
            return replace(state, unit=event.refs[0].item)
        case _:
            return state


def _release(state: Goods, event: Event, signer: Authority) -> Goods:
    target = event.refs[0].event
    for hold in state.holds:
        if hold.event == target:
            if hold.authority not in signer.roles:
                raise NotAllowedError(
                    "key.role", f"a hold by {hold.authority} is released by a key with that role"
                )
            return replace(state, holds=tuple(mark for mark in state.holds if mark is not hold))
    for recall in state.recalls:
        if recall.event == target:
            if recall.party != signer.party:
                raise NotAllowedError("key.role", f"only {recall.party} may end its recall")
            return replace(state, recalls=tuple(m for m in state.recalls if m is not recall))
    raise NotAllowedError("life.target", f"no hold or recall {target} is on")
