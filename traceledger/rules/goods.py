"""The effect of an event on the chain of a core, component, unit, lot, declaration or book.

It depends only on the chain's own state, the envelope, the signer's roles and public fields, so
every reader, even with a single passport, replays the same life cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.rules.authority import Authority
from traceledger.rules.lifecycle import ANYTIME, NEW, PENDING, VOIDED, next_kinds, next_life
from traceledger.rules.marks import step_marks
from traceledger.rules.periods import check_report, step_periods
from traceledger.rules.state import Before, Goods, Pending

__all__ = ["LOT_CLASSES", "STOPPED_BY_RECALL", "possible_kinds", "step_goods"]

_PARTS = frozenset({"input", "output"})
LOT_CLASSES: Mapping[str, str] = MappingProxyType(
    {"fill_lot": "new_part", "draw_lot": "new_part", "close_lot": "waste", "destroy": "waste"}
)
"""The class of lot that a kind is for."""
STOPPED_BY_RECALL = frozenset({"pack", "export"})
"""Kinds that a recall forbids until it is released; `approve` only until a rework."""


def step_goods(state: Goods | None, event: Event, signer: Authority, chain: str) -> Goods:
    """Returns the chain's state after the event; raises NotAllowedError `life.*`.

    `chain` is the type of chain that a first event opens; for later events the state contains it.
    """
    claims, kind = event.payload, event.kind_name
    by_customs = "customs" in signer.roles
    if state is None:
        return Goods(
            first=event.id,
            seq=0,
            head=event.id,
            chain=chain,
            party=claims.iss,
            life=next_life(chain, NEW, event),
            before=Before(VOIDED),
            by_customs=by_customs,
            parts=_parts(event),
            lot_class=event.data.class_ if kind == "open_lot" else "",
        )
    _check_open(state, event)
    life = next_life(state.chain, state.life, event)
    before = Before(
        state.life, state.holds, state.recalls, state.testers, state.pending, state.periods
    )
    pending = state.pending
    if (kind, state.chain) in PENDING:
        pending, life = Pending(event.id, kind, life), state.life
    after = replace(
        state,
        seq=claims.seq,
        head=event.id,
        life=life,
        pending=pending,
        before=before,
        by_customs=by_customs,
        cited=False,
    )
    if kind == "void":
        return _void(state, after)
    return _note(step_marks(after, event, signer), event)


def possible_kinds(state: Goods) -> tuple[str, ...]:
    """Lists the kinds that may change the chain now, as far as its state and marks determine."""
    if state.holds:
        return ("release",)
    if state.pending is not None:
        return ("confirm",)
    kinds = [
        kind
        for kind in next_kinds(state.chain, state.life)
        if not _recall_forbids(state, kind)
        and LOT_CLASSES.get(kind, state.lot_class) == state.lot_class
    ]
    return (*kinds, "release") if state.recalls else tuple(kinds)


def _recall_forbids(state: Goods, kind: str) -> bool:
    if kind == "approve":
        return not all(recall.reworked for recall in state.recalls)
    return bool(state.recalls) and kind in STOPPED_BY_RECALL


def _check_open(state: Goods, event: Event) -> None:
    """Checks the rules that apply in addition to the life cycle's table."""
    kind = event.kind_name
    if kind not in ANYTIME:
        if state.holds:
            raise NotAllowedError(
                "life.held",
                f"a hold by {state.holds[0].authority} is in force; only a release ends it",
            )
        if state.pending is not None:
            raise NotAllowedError(
                "life.pending", f"a {state.pending.kind} is waiting for confirmation"
            )
    if _recall_forbids(state, kind):
        what = "a repair or update" if kind == "approve" else "its release"
        raise NotAllowedError("life.recalled", f"the unit is recalled: no {kind} before {what}")
    if kind == "approve" and event.kid in state.testers:
        raise NotAllowedError("life.tester", "the key that tested a unit may not approve it")
    required = LOT_CLASSES.get(kind, state.lot_class)
    if required != state.lot_class:
        raise NotAllowedError("life.lot", f"{kind} applies to lots of class {required}")
    if kind == "correct" and state.life == "CLOSED" and state.chain == "declaration":
        _check_amendment(event)
    if kind == "writeoff":
        check_report(state, event)


def _check_amendment(event: Event) -> None:
    if "set_customs" in event.digests and "amendment" not in event.digests:
        raise NotAllowedError(
            "life.amendment", "the line is closed; a customs correction requires an amendment"
        )


def _void(state: Goods, after: Goods) -> Goods:
    """Reverses the effect of the latest event; both events remain in the chain."""
    undone = state.before
    if undone is None:
        raise NotAllowedError("life.void", "void can never be voided")
    if state.by_customs:
        raise NotAllowedError("life.void", "customs signed the latest event")
    if state.cited:
        raise NotAllowedError("life.void", "another chain names the latest event")
    answered = undone.pending if state.pending is None else None
    if answered is not None and state.life != undone.life:
        raise NotAllowedError("life.void", f"the latest event gave effect to a {answered.kind}")
    return replace(
        after,
        life=undone.life,
        holds=undone.holds,
        recalls=undone.recalls,
        testers=undone.testers,
        pending=undone.pending,
        periods=undone.periods,
        before=None,
    )


def _note(state: Goods, event: Event) -> Goods:
    """Records what later events need to know about this event."""
    match event.kind_name:
        case "test" if event.kid not in state.testers:
            return replace(state, testers=(*state.testers, event.kid))
        case "consume":
            return replace(state, unit=event.refs[0].item)
        case "disassemble":
            return replace(state, parts=_parts(event))
        case "stocktake" | "writeoff":
            return replace(state, periods=step_periods(state.periods, event))
        case "scrap" | "draw_lot" | "clean":
            return replace(
                state, lot=next((ref.item for ref in event.refs if ref.as_ == "lot"), "")
            )
        case _:
            return state


def _parts(event: Event) -> tuple[str, ...]:
    return tuple(ref.item for ref in event.refs if ref.as_ in _PARTS)
