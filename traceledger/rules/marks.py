"""Marks in addition to the life cycle: holds, recalls and pending confirmations, and their ends."""

from __future__ import annotations

from msgspec.structs import replace

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.rules.authority import Authority
from traceledger.rules.periods import answer_report
from traceledger.rules.state import Goods, HoldMark, RecallMark

__all__ = ["step_marks"]


def step_marks(state: Goods, event: Event, signer: Authority) -> Goods:
    """Returns the state with the marks that the event sets or clears; raises NotAllowedError."""
    match event.kind_name:
        case "hold":
            return _hold(state, event, signer)
        case "recall":
            mark = RecallMark(event.id, signer.party, reworked=False)
            return replace(state, recalls=(*state.recalls, mark))
        case "release":
            return _release(state, event, signer)
        case "confirm":
            return _confirm(state, event, signer)
        case "repair" | "update" if state.recalls:
            marks = tuple(replace(mark, reworked=True) for mark in state.recalls)
            return replace(state, recalls=marks)
        case _:
            return state


def _hold(state: Goods, event: Event, signer: Authority) -> Goods:
    authority = event.data.authority
    if authority not in signer.roles:
        raise NotAllowedError("key.role", f"a hold by {authority} requires a key with that role")
    return replace(state, holds=(*state.holds, HoldMark(event.id, authority)))


def _release(state: Goods, event: Event, signer: Authority) -> Goods:
    target = event.refs[0].event
    for hold in state.holds:
        if hold.event == target:
            if hold.authority not in signer.roles:
                raise NotAllowedError(
                    "key.role",
                    f"releasing a hold by {hold.authority} requires a key with that role",
                )
            return replace(state, holds=tuple(mark for mark in state.holds if mark is not hold))
    for recall in state.recalls:
        if recall.event == target:
            if recall.party != signer.party:
                raise NotAllowedError("key.role", f"only {recall.party} may end its recall")
            return replace(state, recalls=tuple(m for m in state.recalls if m is not recall))
    raise NotAllowedError("life.target", f"no hold or recall {target} is in force")


def _confirm(state: Goods, event: Event, signer: Authority) -> Goods:
    """Applies or discards the pending event.

    Customs decide; the importer may also confirm a destruction with the receipt of customs.
    """
    pending, target = state.pending, event.refs[0].event or ""
    confirmed = event.data.result == "confirmed"
    if state.chain == "book":
        return replace(state, periods=answer_report(state.periods, target, confirmed=confirmed))
    if pending is None or pending.event != target:
        return state
    asserted = (
        pending.kind == "destroy"
        and "importer" in signer.roles
        and "receipt_sha256" in event.digests
    )
    if "customs" not in signer.roles and not asserted:
        raise NotAllowedError("key.role", f"{pending.kind} takes effect only if customs confirm it")
    life = pending.to if confirmed else state.life
    return replace(state, pending=None, life=life)
