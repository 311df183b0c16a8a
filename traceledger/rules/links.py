"""Links between chains: that they exist, name the right event, and join both ways."""

from __future__ import annotations

import msgspec

from traceledger.errors import NotAllowedError
from traceledger.events.allowed import refuse_field
from traceledger.events.catalogue import CATALOGUE, CHAIN_FORMS
from traceledger.events.kind import Kind, RefRule
from traceledger.events.token import Event, Ref
from traceledger.rules.state import Goods, PolicyState, State, Trace, World

__all__ = ["chain_of", "check_links", "check_refs_form", "check_target"]

# The kinds of event that another party may confirm or refuse.
_CONFIRMABLE = frozenset({"export", "return", "correct"})
_COUNTS = {"1": "one", "?": "at most one", "+": "one or more"}
_ENDED = frozenset({"CONSUMED", "RETURNED"})


def check_refs_form(event: Event, kind: Kind) -> None:
    """Checks that the links are those that the kind declares; raises `ref.form`."""
    rules = {rule.name: rule for rule in kind.refs}
    counts = dict.fromkeys(rules, 0)
    seen = set()
    for ref in event.refs:
        rule = rules.get(ref.as_)
        if rule is None:
            allowed = ", ".join(rules) or "none"
            raise NotAllowedError("ref.form", f"link {ref.as_} given, allowed: {allowed}")
        if (ref.as_, ref.item) in seen:
            raise NotAllowedError("ref.form", f"{ref.item} is named twice as {ref.as_}")
        if bool(ref.event) == (rule.at == "none"):
            want = "names no event" if rule.at == "none" else "must name an event"
            raise NotAllowedError("ref.form", f"link {ref.as_} {want}")
        seen.add((ref.as_, ref.item))
        counts[ref.as_] += 1
    for name, rule in rules.items():
        least = 0 if rule.count == "?" else 1
        if counts[name] < least or (rule.count != "+" and counts[name] > 1):
            raise NotAllowedError(
                "ref.form", f"{counts[name]} links {name} given, allowed: {_COUNTS[rule.count]}"
            )
    _check_inputs(event)


def check_links(world: World, event: Event, kind: Kind) -> None:
    """Checks each link against the chains it names; raises NotAllowedError `ref.*`."""
    rules = {rule.name: rule for rule in kind.refs}
    for ref in event.refs:
        rule = rules[ref.as_]
        if rule.at == "target":
            check_target(world.trace(event.payload.sub, ref.event or ""), event, ref)
        elif rule.at != "none":
            _check_end(world.state(ref.item), ref, rule)
    match event.kind_name:
        case "assemble":
            for ref in event.refs:
                if ref.as_ == "input":
                    _check_input(world.state(ref.item), ref)
        case "consume":
            unit = world.state(event.refs[0].item)
            if not isinstance(unit, Goods) or event.payload.sub not in unit.inputs:
                raise NotAllowedError("ref.join", "the unit does not name this part as an input")
        case "export":
            policy = world.state("policy")
            if isinstance(policy, PolicyState) and event.data.destination == policy.zone_country:
                raise NotAllowedError(
                    "ref.destination", f"{policy.zone_country} is where the zone lies"
                )


def check_target(target: Trace | None, event: Event, ref: Ref) -> None:
    """Checks the event that a confirmation or correction names; raises NotAllowedError."""
    if ref.item != event.payload.sub:
        raise NotAllowedError(
            "life.target", f"link target names {ref.item}, allowed: {event.payload.sub} itself"
        )
    if event.kind_name == "release":
        return  # the holds and recalls that are on decide; see `traceledger.rules.goods`
    if target is None:
        raise NotAllowedError("life.target", f"this chain has no event {ref.event}")
    if event.kind_name == "confirm":
        if target.kind not in _CONFIRMABLE:
            raise NotAllowedError(
                "life.target",
                f"{target.kind} is not confirmed by others; those are"
                f" {', '.join(sorted(_CONFIRMABLE))}",
            )
        if target.issuer == event.payload.iss:
            raise NotAllowedError("life.target", "a party does not confirm its own event")
    elif event.kind_name == "correct":
        _check_correction(target, event)


def _check_correction(target: Trace, event: Event) -> None:
    if target.issuer != event.payload.iss:
        raise NotAllowedError("life.target", f"only {target.issuer} may correct its event")
    kind = CATALOGUE.get(target.kind)
    if kind is None or target.kind in {"correct", "confirm", "release"}:
        raise NotAllowedError("life.target", f"{target.kind} cannot be corrected")
    for name, value in (event.data.set_public or {}).items():
        field = kind.fields.get(name)
        if field is None or field.visibility != "public":
            open_fields = [
                n for n, f in kind.fields.items() if f.visibility == "public" and not f.fixed
            ]
            raise NotAllowedError(
                "life.target",
                f"{target.kind} has no public field {name};"
                f" allowed: {', '.join(open_fields) or 'none'}",
            )
        if field.fixed:
            raise NotAllowedError(
                "life.fixed", f"the life cycle reads {name}; redo the step instead of correcting it"
            )
        try:
            msgspec.convert(value, kind.types[name])
        except msgspec.ValidationError as error:
            fault = refuse_field(kind.types[name], value, str(error), where=name)
            raise NotAllowedError("life.target", fault.message, where=fault.where) from error


def _check_end(state: State | None, ref: Ref, rule: RefRule) -> None:
    if not isinstance(state, Goods) or state.chain not in rule.chains:
        wanted = " or ".join(rule.chains)
        raise NotAllowedError("ref.unknown", f"{ref.item} is no {wanted} of this ledger")
    expected = state.first if rule.at == "first" else state.head
    if ref.event != expected:
        raise NotAllowedError(
            "ref.event", f"link {ref.as_} names {ref.event}, the {rule.at} event is {expected}"
        )


def _check_input(state: State | None, ref: Ref) -> None:
    if isinstance(state, Goods):
        if state.life in _ENDED:
            raise NotAllowedError("ref.used", f"{ref.item} is already {state.life}")
        if state.holds:
            raise NotAllowedError("ref.held", f"{ref.item} is on hold")


def _check_inputs(event: Event) -> None:
    if event.kind_name != "assemble":
        return
    inputs = [ref.item for ref in event.refs if ref.as_ == "input"]
    primary = [ref.item for ref in event.refs if ref.as_ == "primary"]
    if len(inputs) != event.data.input_count:
        raise NotAllowedError(
            "ref.form", f"input_count is {event.data.input_count}, {len(inputs)} inputs are named"
        )
    if (len(inputs) > 1 and not primary) or not set(primary) <= set(inputs):
        raise NotAllowedError("ref.form", "name one of several inputs as primary")


def chain_of(kind: Kind, form: str) -> str:
    """Which chain the first event of this kind opens under an id of this form.

    Raises NotAllowedError `life.chain`.
    """
    for chain in kind.chains:
        if form in CHAIN_FORMS[chain]:
            return chain
    raise NotAllowedError("life.chain", f"{kind.name} is not for ids of the form {form}")
