"""The life cycle of each item shown, replayed by the rules of the ledger.

Implements check 12 of docs/spec/passport.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from traceledger.errors import NotAllowedError
from traceledger.events.kind import Kind
from traceledger.events.token import Event
from traceledger.identifiers.items import parse_item
from traceledger.rules.authority import Authority
from traceledger.rules.goods import step_goods
from traceledger.rules.links import chain_of
from traceledger.rules.state import Goods, Trace
from traceledger.rules.targets import check_target
from traceledger.verify.chains import Shown, ShownChain, goods_of
from traceledger.verify.refusal import refusing
from traceledger.verify.signers import Signers
from traceledger.verify.unjudged import Unjudged

__all__ = ["UNKNOWN", "replay_lives"]

UNKNOWN = "UNKNOWN"
"""The state of an item whose first event this version cannot judge."""


def replay_lives(shown: Shown, signers: Signers, doubts: Unjudged) -> Mapping[str, Goods]:
    """Replays the events of all items shown; returns their last states by item.

    Raises RefusedError `life.*` or `key.role`.
    """
    return {chain.item: _replay(chain, signers, doubts) for chain in goods_of(shown)}


def _replay(chain: ShownChain, signers: Signers, doubts: Unjudged) -> Goods:
    first, *later = chain.events
    trail: dict[str, Trace] = {}
    state = _step(None, first, signers, doubts, trail) or Goods(
        first=first.id, seq=0, head=first.id, chain="", party=first.payload.iss, life=UNKNOWN
    )
    for event in later:
        # An event that cannot be judged still becomes the head of its chain.
        state = _step(state, event, signers, doubts, trail) or replace(
            state, seq=event.payload.seq, head=event.id
        )
    return state


def _step(
    state: Goods | None,
    event: Event,
    signers: Signers,
    doubts: Unjudged,
    trail: dict[str, Trace],
) -> Goods | None:
    """Returns the state after the event, or None if this version cannot judge it.

    `trail` contains the judged events of the chain so far; only they can be the target of another.
    """
    kind, authority = event.kind, signers.by_event[event.id].authority
    if kind is None or authority is None or doubts.has(event):
        return None
    with refusing(event.payload.sub, event.id), doubts.tolerating(event, event.payload.sub):
        if state is None:
            chain = chain_of(kind, parse_item(event.payload.sub).form)
        elif state.life == UNKNOWN or state.chain in kind.chains:
            chain = state.chain
        else:
            raise NotAllowedError(
                "life.chain", f"{kind.name} does not apply to {event.payload.sub}"
            )
        _check_targets(event, kind, trail, authority, state)
        after = step_goods(state, event, authority, chain)
        trail[event.id] = Trace(event.kind_name, event.payload.iss)
        return after
    return None


def _check_targets(
    event: Event,
    kind: Kind,
    trail: Mapping[str, Trace],
    signer: Authority,
    before: Goods | None,
) -> None:
    targets = {rule.name for rule in kind.refs if rule.at == "target"}
    for ref in event.refs:
        if ref.as_ in targets:
            check_target(trail.get(ref.event or ""), event, ref, signer.roles, before)
