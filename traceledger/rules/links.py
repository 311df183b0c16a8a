"""Checks of links between chains: they exist, name the right event and are mutual."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from traceledger.errors import NotAllowedError
from traceledger.events.kind import Kind, RefRule
from traceledger.events.payload import Ref
from traceledger.events.token import Event
from traceledger.identifiers.items import CHAIN_FORMS, Chain, parse_item
from traceledger.rules.authority import Authority
from traceledger.rules.lifecycle import VOIDED
from traceledger.rules.state import Goods, PolicyState, State, World
from traceledger.rules.targets import LASTING, check_target

__all__ = [
    "DIRECTIONS",
    "DRAWN",
    "MAX_DEPTH",
    "SOURCES",
    "WEIGHED",
    "chain_of",
    "check_links",
    "check_refs_form",
    "cite",
]

MAX_DEPTH = 8
"""The maximum depth of parts within parts, which bounds the size of a passport."""

_COUNTS = {"1": "one", "?": "at most one", "+": "one or more"}
_USED = frozenset({"CONSUMED", "RETURNED", "DISASSEMBLED", "SCRAPPED", "DIVERTED"})
_GONE = frozenset({"DESTROYED", "RETURNED"})
_INTO_WASTE = frozenset({"scrap", "draw_lot", "clean", "disassemble"})
_OUT_OF_WASTE = _INTO_WASTE - LASTING  # what `void` can take back
SOURCES = frozenset({"input", "parent"})
"""Links of a first event to what the thing was made from."""
DIRECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "import": "declare_in",
        "reimport": "declare_in",
        "fill_lot": "declare_in",
        "export": "declare_out",
        "return": "declare_out",
        "draw_lot": "declare_out",
        "divert": "declare_out",
    }
)
"""The kind that declares the line of a link `declaration`, by the kind of the event."""
DRAWN: Mapping[str, str] = MappingProxyType({"lot": "scrapped", "declaration": "returned"})
"""The reason for which new parts are drawn, by the link that says where they went."""
WEIGHED: Mapping[str, str] = MappingProxyType({"disassemble": "waste_kg", "clean": "residue_kg"})
"""The field with the weight of what goes into a linked waste lot, by kind."""


def chain_of(kind: Kind, form: str) -> str:
    """Finds the chain that a first event of this kind opens under an id of this form.

    Raises NotAllowedError `life.chain`.
    """
    for chain in kind.chains:
        if form in CHAIN_FORMS[chain]:
            return chain
    raise NotAllowedError("life.chain", f"{kind.name} does not apply to ids of the form {form}")


def check_refs_form(event: Event, kind: Kind) -> None:
    """Checks the links against the kind's declaration, without reading another chain.

    Raises NotAllowedError `ref.form`, or `ref.unknown` for an id of another sort than declared.
    """
    rules = kind.links
    if not rules and not event.refs:
        return
    counts = dict.fromkeys(rules, 0)
    seen = set()
    for ref in event.refs:
        rule = rules.get(ref.as_)
        if rule is None:
            allowed = ", ".join(rules) or "none"
            raise NotAllowedError("ref.form", f"link {ref.as_} given, allowed: {allowed}")
        if rule.chains and not _may_be(ref.item, rule.chains):
            wanted = " or ".join(rule.chains)
            raise NotAllowedError("ref.unknown", f"{ref.item} is not the id of a {wanted}")
        if (ref.as_, ref.item) in seen:
            raise NotAllowedError("ref.form", f"{ref.item} is named twice as {ref.as_}")
        if bool(ref.event) == (rule.at == "none"):
            rule_text = "must not name an event" if rule.at == "none" else "must name an event"
            raise NotAllowedError("ref.form", f"link {ref.as_} {rule_text}")
        seen.add((ref.as_, ref.item))
        counts[ref.as_] += 1
    for name, rule in rules.items():
        least = 0 if rule.count == "?" else 1
        if counts[name] < least or (rule.count != "+" and counts[name] > 1):
            raise NotAllowedError(
                "ref.form", f"{counts[name]} links {name} given, allowed: {_COUNTS[rule.count]}"
            )
    _check_counts(event)


def check_links(
    world: World, event: Event, kind: Kind, signer: Authority, before: State | None
) -> None:
    """Checks each link against the chain that it names; raises NotAllowedError `ref.*`, `life.*`.

    `before` is the state of the event's own chain.
    """
    for ref in event.refs:
        rule = kind.links[ref.as_]
        if rule.at == "target":
            target = world.trace(event.payload.sub, ref.event or "")
            own = before if isinstance(before, Goods) else None
            check_target(target, event, ref, signer.roles, own)
            if event.kind_name == "void" and target and target.kind in _OUT_OF_WASTE and own:
                _check_scrap_here(world, own)
            continue
        state = world.state(ref.item)
        if rule.at != "none":
            state = _check_end(state, ref, rule)
        check_use = _USES.get((event.kind_name, ref.as_))
        if check_use is not None:
            check_use(world, state, event, ref)
    if event.kind_name == "export":
        policy = world.state("policy")
        if isinstance(policy, PolicyState) and event.data.destination == policy.zone_country:
            raise NotAllowedError(
                "ref.destination", f"{policy.zone_country} is the country of the zone"
            )


def cite(world: World, event: Event, own: Goods) -> dict[str, State]:
    """Returns the states that the event's links change, and its own state with its depth.

    Raises NotAllowedError `ref.depth`.
    """
    changes: dict[str, State] = {}
    depth = own.depth
    for ref in event.refs:
        state = world.state(ref.item)
        if ref.item == event.payload.sub or not isinstance(state, Goods):
            continue
        if event.payload.seq == 0 and ref.as_ in SOURCES:
            depth = max(depth, state.depth + 1)
        successor = event.kind_name == "import" and ref.as_ == "parent"
        if successor or (ref.event == state.head and not state.cited):
            named = event.payload.sub if successor else state.successor
            changes[ref.item] = replace(state, cited=True, successor=named)
    if depth > MAX_DEPTH:
        raise NotAllowedError(
            "ref.depth", f"parts are nested {depth} deep, {MAX_DEPTH} are allowed"
        )
    changes[event.payload.sub] = own if depth == own.depth else replace(own, depth=depth)
    return changes


def _may_be(item: str, chains: Iterable[Chain]) -> bool:
    form = parse_item(item).form
    return any(form in CHAIN_FORMS[chain] for chain in chains)


def _check_end(state: State | None, ref: Ref, rule: RefRule) -> Goods:
    if not isinstance(state, Goods) or state.chain not in rule.chains:
        allowed = " or ".join(rule.chains)
        raise NotAllowedError("ref.unknown", f"{ref.item} is not a {allowed} in this ledger")
    if state.life == VOIDED:
        raise NotAllowedError("ref.unknown", f"the first event of {ref.item} was voided")
    expected = state.first if rule.at == "first" else state.head
    if ref.event != expected:
        raise NotAllowedError(
            "ref.event", f"link {ref.as_} names {ref.event}, the {rule.at} event is {expected}"
        )
    return state


def _check_output(_world: World, state: State | None, _event: Event, ref: Ref) -> None:
    if state is not None:
        raise NotAllowedError("ref.used", f"{ref.item} already has a chain")


def _check_input(_world: World, state: State | None, _event: Event, ref: Ref) -> None:
    if isinstance(state, Goods):
        if state.life in _USED:
            raise NotAllowedError("ref.used", f"{ref.item} is already {state.life}")
        if state.holds:
            raise NotAllowedError("ref.held", f"{ref.item} is on hold")
        if state.pending is not None:
            raise NotAllowedError(
                "life.pending", f"a {state.pending.kind} of {ref.item} is waiting for confirmation"
            )


def _check_unit(_world: World, state: State | None, event: Event, ref: Ref) -> None:
    if isinstance(state, Goods) and event.payload.sub not in state.parts:
        raise NotAllowedError("ref.join", f"{ref.item} does not name this part")


def _check_taken_apart(world: World, state: State | None, event: Event, ref: Ref) -> None:
    named = world.trace(ref.item, ref.event or "")
    if named is None or named.kind != "disassemble":
        raise NotAllowedError("ref.join", f"{ref.event} did not disassemble {ref.item}")
    if isinstance(state, Goods) and event.payload.sub not in state.parts:
        raise NotAllowedError("ref.join", f"{ref.item} does not name this part")


def _check_former_life(world: World, state: State | None, _event: Event, ref: Ref) -> None:
    if isinstance(state, Goods):
        if state.life != "REIMPORTED":
            raise NotAllowedError("ref.parent", f"{ref.item} was not reimported")
        successor = world.state(state.successor) if state.successor else None
        if isinstance(successor, Goods) and successor.life != VOIDED:
            raise NotAllowedError("ref.used", f"{ref.item} already came back as {state.successor}")


def _check_waste_lot(_world: World, state: State | None, _event: Event, ref: Ref) -> None:
    if isinstance(state, Goods) and (
        state.life != "OPEN" or state.lot_class != "waste" or state.holds
    ):
        raise NotAllowedError("ref.lot", f"{ref.item} is not an open waste lot")


def _check_scrap_here(world: World, own: Goods) -> None:
    """Checks that scrap that is to be voided is not gone with its lot."""
    lot = world.state(own.lot) if own.lot else None
    if isinstance(lot, Goods) and lot.life in _GONE:
        raise NotAllowedError("life.void", f"{own.lot}, which contains the scrap, is {lot.life}")


def _check_line(world: World, state: State | None, event: Event, ref: Ref) -> None:
    opening, wanted = world.trace(ref.item, ref.event or ""), DIRECTIONS[event.kind_name]
    found = opening.kind if opening else "no declaration"
    if found != wanted:
        raise NotAllowedError(
            "ref.direction", f"{event.kind_name} needs a line of {wanted}; {ref.item} is {found}"
        )
    if isinstance(state, Goods) and state.life == "CLOSED":
        raise NotAllowedError("ref.closed", f"{ref.item} is closed; it takes nothing more")


# Checks of the item that a link names, by kind and name of the link.
_USES: Mapping[tuple[str, str], Callable[[World, State | None, Event, Ref], None]] = (
    MappingProxyType(
        {
            ("disassemble", "output"): _check_output,
            ("assemble", "input"): _check_input,
            ("consume", "unit"): _check_unit,
            ("harvest", "parent"): _check_taken_apart,
            ("import", "parent"): _check_former_life,
            **{(kind, "lot"): _check_waste_lot for kind in _INTO_WASTE},
            **{(kind, "declaration"): _check_line for kind in DIRECTIONS},
        }
    )
)


def _check_counts(event: Event) -> None:
    weight = WEIGHED.get(event.kind_name)
    if weight and weight not in event.digests and any(ref.as_ == "lot" for ref in event.refs):
        raise NotAllowedError("ref.form", f"what goes into a lot is weighed: {weight} is missing")
    if event.kind_name == "disassemble":
        outputs = [ref.item for ref in event.refs if ref.as_ == "output"]
        if len(outputs) != event.data.output_count:
            raise NotAllowedError(
                "ref.form",
                f"output_count is {event.data.output_count}, {len(outputs)} outputs are named",
            )
    elif event.kind_name == "assemble":
        inputs = [ref.item for ref in event.refs if ref.as_ == "input"]
        primary = [ref.item for ref in event.refs if ref.as_ == "primary"]
        if len(inputs) != event.data.input_count:
            raise NotAllowedError(
                "ref.form",
                f"input_count is {event.data.input_count}, {len(inputs)} inputs are named",
            )
        if (len(inputs) > 1 and not primary) or not set(primary) <= set(inputs):
            raise NotAllowedError("ref.form", "one of several inputs must be named as primary")
    elif event.kind_name == "draw_lot":
        reason = event.data.reason
        for name, wanted in DRAWN.items():
            count, needed = sum(ref.as_ == name for ref in event.refs), int(reason == wanted)
            if count != needed:
                raise NotAllowedError(
                    "ref.form", f"{count} links {name} given; {reason} new parts need {needed}"
                )
