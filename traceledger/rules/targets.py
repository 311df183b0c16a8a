"""Checks of events about earlier events of the same chain: confirm, correct, void, erase."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from traceledger.errors import NotAllowedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.constraints import refuse_field
from traceledger.events.kind import ANY_ROLE, Kind
from traceledger.events.payload import Ref
from traceledger.events.roles import Role
from traceledger.events.token import Event
from traceledger.rules.lifecycle import PENDING
from traceledger.rules.state import Goods, Trace

__all__ = ["ABOUT_OTHERS", "CONFIRMERS", "LASTING", "check_target"]

CONFIRMERS: Mapping[str, frozenset[Role]] = MappingProxyType(
    {
        "export": frozenset({"carrier", "customs"}),
        "return": frozenset({"carrier", "customs"}),
        "draw_lot": frozenset({"carrier", "customs"}),
        "destroy": frozenset({"importer", "customs"}),
        "divert": frozenset({"customs"}),
        "writeoff": frozenset({"customs"}),
        "correct": frozenset({"customs"}),
    }
)
"""The roles that may confirm or refuse an event of a kind."""
ABOUT_OTHERS = frozenset({"correct", "confirm", "release", "void", "erase"})
"""Kinds that refer to earlier events of their chain; none of them can be corrected."""
# Another chain depends on each half of a join, and an erasure cannot be reversed.
LASTING = frozenset({"assemble", "consume", "disassemble", "harvest", "void", "erase"})
"""Kinds that `void` never applies to."""


def check_target(
    target: Trace | None, event: Event, ref: Ref, roles: frozenset[str], state: Goods | None
) -> None:
    """Checks the target of an event; raises NotAllowedError `life.*` or `key.role`.

    `roles` are those of the signer; `state` is the state of the chain before this event.
    """
    if ref.item != event.payload.sub:
        raise NotAllowedError(
            "life.target", f"link target names {ref.item}, allowed: {event.payload.sub} itself"
        )
    if event.kind_name == "release":
        return  # checked against the holds and recalls in force in `traceledger.rules.marks`
    if target is None or state is None:
        raise NotAllowedError("life.target", f"this chain has no event {ref.event}")
    if event.kind_name == "confirm":
        _check_confirmation(target, event, roles, state)
        return
    if target.issuer != event.payload.iss:
        raise NotAllowedError(
            "life.target", f"only {target.issuer} may {event.kind_name} this event"
        )
    if event.kind_name == "void":
        _check_void(target, ref, roles, state)
        return
    kind = CATALOGUE.get(target.kind)
    if kind is None:
        raise NotAllowedError("life.target", f"this version does not know kind {target.kind}")
    if event.kind_name == "correct":
        _check_correction(kind, event)
    else:
        _check_erasure(kind, event)


def _check_void(target: Trace, ref: Ref, roles: frozenset[str], state: Goods) -> None:
    if ref.event != state.head:
        raise NotAllowedError("life.void", f"only the latest event, {state.head}, can be voided")
    if target.kind in LASTING:
        raise NotAllowedError("life.void", f"{target.kind} can never be voided")
    required = _roles_for(target.kind, state)
    if required != ANY_ROLE and roles.isdisjoint(required):
        raise NotAllowedError(
            "key.role", f"voiding this {target.kind} requires {' or '.join(required)}"
        )


def _roles_for(kind: str, state: Goods) -> tuple[str, ...]:
    """Returns the roles of which the chain's latest event, of this kind, required one."""
    before = state.before.holds if state.before else ()
    changed = {
        "hold": set(state.holds).difference(before),
        "release": set(before).difference(state.holds),
    }.get(kind)
    if changed:
        return tuple(hold.authority for hold in changed)
    return CATALOGUE[kind].roles


def _check_confirmation(target: Trace, event: Event, roles: frozenset[str], state: Goods) -> None:
    allowed = CONFIRMERS.get(target.kind)
    if allowed is None:
        raise NotAllowedError(
            "life.target",
            f"{target.kind} cannot be confirmed; allowed: {', '.join(CONFIRMERS)}",
        )
    if target.issuer == event.payload.iss:
        raise NotAllowedError("life.target", "a party cannot confirm its own event")
    answered = event.refs[0].event or ""
    if target.kind == "writeoff":
        waits = state.periods.find(answered) is not None
    elif (target.kind, state.chain) in PENDING:
        waits = state.pending is not None and state.pending.event == answered
    else:
        waits = True
    if not waits:
        raise NotAllowedError("life.target", f"this {target.kind} is not pending")
    if allowed.isdisjoint(roles):
        raise NotAllowedError(
            "key.role",
            f"{target.kind} can be confirmed only by {' or '.join(sorted(allowed))}",
        )


def _check_correction(kind: Kind, event: Event) -> None:
    if kind.name in ABOUT_OTHERS:
        raise NotAllowedError("life.target", f"{kind.name} cannot be corrected")
    for name, value in (event.data.set_public or {}).items():
        field = kind.fields.get(name)
        if field is None or field.visibility != "public":
            open_fields = [
                n for n, f in kind.fields.items() if f.visibility == "public" and not f.fixed
            ]
            raise NotAllowedError(
                "life.target",
                f"{kind.name} has no public field {name};"
                f" allowed: {', '.join(open_fields) or 'none'}",
            )
        if field.fixed:
            raise NotAllowedError(
                "life.fixed",
                f"the life cycle depends on {name}; record the step again instead of correcting it",
            )
        try:
            msgspec.convert(value, kind.types[name])
        except msgspec.ValidationError as error:
            fault = refuse_field(kind.types[name], value, str(error), where=name)
            raise NotAllowedError("life.target", fault.message, where=fault.where) from error


def _check_erasure(kind: Kind, event: Event) -> None:
    for name in event.data.fields:
        if name not in kind.restricted:
            raise NotAllowedError(
                "life.target",
                f"{kind.name} has no restricted field {name};"
                f" allowed: {', '.join(sorted(kind.restricted)) or 'none'}",
            )
