"""What an event does to the chain of a core, component, unit, lot, declaration or book.

Reads nothing but the chain's own state, the envelope, the signer's roles and public fields, so that
every reader, also one with a single passport, replays the same life cycle.
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
from traceledger.rules.state import Before, Goods, Pending

__all__ = ["LOT_CLASSES", "STOPPED_BY_RECALL", "possible_kinds", "step_goods"]

_PARTS = frozenset({"input", "output"})
LOT_CLASSES: Mapping[str, str] = MappingProxyType(
    {"fill_lot": "new_part", "close_lot": "waste", "destroy": "waste"}
)
"""The class of lot that a kind is for."""
STOPPED_BY_RECALL = frozenset({"pack", "export"})
"""Kinds that a recall forbids until it is released; `approve` only until a rework."""


def step_goods(state: Goods | None, event: Event, signer: Authority, chain: str) -> Goods:
    """The chain's state after the event; raises NotAllowedError `life.*`.

    `chain` is what the first event makes of the chain; later events find it in the state.
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
            life=next_life(chain, NEW, kind, event.data),
            before=Before(VOIDED),
            by_customs=by_customs,
            parts=_parts(event),
            lot_class=event.data.class_ if kind == "open_lot" else "",
        )
    _check_open(state, event)
    life = next_life(state.chain, state.life, kind, event.data)
    before = Before(state.life, state.holds, state.recalls, state.testers, state.pending)
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
    """The kinds that may change the chain now, as far as its state and its marks decide it."""
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
    """Checks what forbids an event whatever the life cycle's table says."""
    kind = event.kind_name
    if kind not in ANYTIME:
        if state.holds:
            raise NotAllowedError(
                "life.held", f"a hold by {state.holds[0].authority} is on; only a release ends it"
            )
        if state.pending is not None:
            raise NotAllowedError(
                "life.pending", f"a {state.pending.kind} waits for its confirmation"
            )
    if _recall_forbids(state, kind):
        what = "a repair or update" if kind == "approve" else "its release"
        raise NotAllowedError("life.recalled", f"the unit is recalled: no {kind} before {what}")
    if kind == "approve" and event.kid in state.testers:
        raise NotAllowedError("life.tester", "the key that tested a unit may not approve it")
    wanted = LOT_CLASSES.get(kind, state.lot_class)
    if wanted != state.lot_class:
        raise NotAllowedError("life.lot", f"{kind} is for lots of class {wanted}")
    if kind == "correct" and state.life == "CLOSED" and state.chain == "declaration":
        _check_amendment(event)


def _check_amendment(event: Event) -> None:
    if "set_customs" in event.digests and "amendment" not in event.digests:
        raise NotAllowedError(
            "life.amendment", "the line is closed: a customs correction needs an amendment"
        )


def _void(state: Goods, after: Goods) -> Goods:
    """Takes the latest event back; its chain keeps both."""
    undone = state.before
    if undone is None:
        raise NotAllowedError("life.void", "void is never taken back")
    if state.by_customs:
        raise NotAllowedError("life.void", "customs signed the latest event")
    if state.cited:
        raise NotAllowedError("life.void", "another chain names the latest event")
    return replace(
        after,
        life=undone.life,
        holds=undone.holds,
        recalls=undone.recalls,
        testers=undone.testers,
        pending=undone.pending,
        before=None,
    )


def _note(state: Goods, event: Event) -> Goods:
    """Remembers what later events need to know of this one."""
    match event.kind_name:
        case "test" if event.kid not in state.testers:
            return replace(state, testers=(*state.testers, event.kid))
        case "consume":
            return replace(state, unit=event.refs[0].item)
        case "disassemble":
            return replace(state, parts=_parts(event))
        case _:
            return state


def _parts(event: Event) -> tuple[str, ...]:
    return tuple(ref.item for ref in event.refs if ref.as_ in _PARTS)
