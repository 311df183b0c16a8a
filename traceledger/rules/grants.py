"""The effects of events of the ledger, its policy, parties and keys."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from traceledger.errors import MalformedError, NotAllowedError, VerificationError
from traceledger.events.keys import Jwk
from traceledger.events.roles import Role
from traceledger.events.token import Event
from traceledger.formats.possession import check_possession
from traceledger.identifiers.items import item_of_key
from traceledger.rules.state import (
    KeyState,
    LedgerState,
    PartyState,
    PolicyState,
    State,
    World,
)

__all__ = ["GRANTS", "SEPARATE_ROLES"]

SEPARATE_ROLES: frozenset[Role] = frozenset({"quality", "approver"})
"""Roles that no key has together: whoever tests does not approve."""

Changes = dict[str, State]


def _found(world: World, event: Event) -> Changes:
    data = event.data
    if event.payload.sub != "ledger" or world.state("ledger") is not None:
        raise NotAllowedError("life.transition", "a ledger is founded once, on the chain `ledger`")
    _check_new_key(event, data.root_jwk, data.possession)
    state = LedgerState(
        first=event.id,
        seq=0,
        head=event.id,
        origin=event.payload.aud,
        root=data.root_jwk,
        root_kid=event.kid,
        authority=event.id,
        rules=data.rules,
        granted=(event.kid,),
    )
    return {"ledger": state}


def _rotate_root(world: World, event: Event) -> Changes:
    data, ledger = event.data, _ledger(world)
    kid = data.root_jwk.kid
    _check_fresh(world, ledger, kid)
    _check_new_key(event, data.root_jwk, data.possession)
    state = msgspec.structs.replace(
        ledger,
        seq=event.payload.seq,
        head=event.id,
        root=data.root_jwk,
        root_kid=kid,
        authority=event.id,
        granted=(*ledger.granted, kid),
    )
    return {"ledger": state}


def _rules(world: World, event: Event) -> Changes:
    ledger, version = _ledger(world), event.data.version
    if version <= ledger.rules:
        raise NotAllowedError(
            "life.rules", f"rules {version} given, {ledger.rules} are already in force"
        )
    state = msgspec.structs.replace(ledger, seq=event.payload.seq, head=event.id, rules=version)
    return {"ledger": state}


def _set_policy(world: World, event: Event) -> Changes:
    before = world.state("policy")
    values = event.data.values
    return {
        "policy": PolicyState(
            first=before.first if before else event.id,
            seq=event.payload.seq,
            head=event.id,
            zone_country=values.zone_country or "",
        )
    }


def _admit(world: World, event: Event) -> Changes:
    data, before = event.data, world.state(event.payload.sub)
    ledger = _ledger(world)
    if isinstance(before, PartyState) and before.ended:
        raise NotAllowedError("key.ended", f"the party was dismissed by event {before.ended}")
    kid = data.admin_jwk.kid
    _check_fresh(world, ledger, kid)
    _check_new_key(event, data.admin_jwk, data.possession)
    party = PartyState(
        first=before.first if before else event.id,
        seq=event.payload.seq,
        head=event.id,
        authority=event.id,
        name=data.name,
        roles=tuple(data.roles),
        prefixes=tuple(data.prefixes),
        admin=data.admin_jwk,
        admin_kid=kid,
    )
    granted = msgspec.structs.replace(ledger, granted=(*ledger.granted, kid))
    return {event.payload.sub: party, "ledger": granted}


def _profile(world: World, event: Event) -> Changes:
    item, issuer = event.payload.sub, event.payload.iss
    party = world.state(item)
    if not isinstance(party, PartyState):
        raise NotAllowedError("key.unknown", f"{item} was never admitted")
    if issuer != item:
        raise NotAllowedError("key.role", f"only {item} signs its profile; {issuer} given")
    state = msgspec.structs.replace(party, seq=event.payload.seq, head=event.id)
    return {item: state}


def _dismiss(world: World, event: Event) -> Changes:
    party = world.state(event.payload.sub)
    if not isinstance(party, PartyState):
        raise NotAllowedError("key.unknown", f"{event.payload.sub} was never admitted")
    if party.ended:
        raise NotAllowedError("key.ended", f"the party was dismissed by event {party.ended}")
    state = msgspec.structs.replace(party, seq=event.payload.seq, head=event.id, ended=event.id)
    return {event.payload.sub: state}


def _add_key(world: World, event: Event) -> Changes:
    data, kid = event.data, event.data.jwk.kid
    own = item_of_key(kid)
    if event.payload.sub != own:
        raise NotAllowedError("key.auth", f"{event.payload.sub} given; the key's chain is {own}")
    _check_fresh(world, _ledger(world), kid)
    _check_new_key(event, data.jwk, data.possession)
    party = world.state(event.payload.iss)
    roles = frozenset(data.roles)
    if isinstance(party, PartyState) and not roles <= frozenset(party.roles):
        excess = ", ".join(sorted(roles - frozenset(party.roles)))
        raise NotAllowedError("key.role", f"{event.payload.iss} is not admitted as {excess}")
    if roles >= SEPARATE_ROLES:
        raise NotAllowedError("key.role", "a key cannot have both roles quality and approver")
    state = KeyState(
        first=event.id,
        seq=0,
        head=event.id,
        party=event.payload.iss,
        roles=tuple(data.roles),
        jwk=data.jwk,
    )
    return {event.payload.sub: state}


def _revoke_key(world: World, event: Event) -> Changes:
    key = world.state(event.payload.sub)
    if not isinstance(key, KeyState):
        raise NotAllowedError("key.unknown", f"{event.payload.sub} was never added")
    if event.payload.iss not in {"ledger", key.party}:
        raise NotAllowedError("key.role", f"only {key.party} or the root key may revoke this key")
    if key.ended:
        raise NotAllowedError("key.ended", f"the key was revoked by event {key.ended}")
    since = event.data.compromised_since
    state = msgspec.structs.replace(
        key,
        seq=event.payload.seq,
        head=event.id,
        ended=event.id,
        compromised_since=-1 if since is msgspec.UNSET else since,
    )
    return {event.payload.sub: state}


# One handler for each kind on the chains ledger, policy, party and key.
GRANTS: dict[str, Callable[[World, Event], Changes]] = {
    "found": _found,
    "rotate_root": _rotate_root,
    "rules": _rules,
    "set_policy": _set_policy,
    "admit": _admit,
    "profile": _profile,
    "dismiss": _dismiss,
    "add_key": _add_key,
    "revoke_key": _revoke_key,
}


def _ledger(world: World) -> LedgerState:
    ledger = world.state("ledger")
    if not isinstance(ledger, LedgerState):
        raise NotAllowedError("key.unknown", "the ledger has not been founded")
    return ledger


def _check_fresh(world: World, ledger: LedgerState, kid: str) -> None:
    if kid in ledger.granted or world.state(item_of_key(kid)) is not None:
        raise NotAllowedError("key.reused", f"key {kid} was already granted; create a new key")


def _check_new_key(event: Event, jwk: Jwk, possession: str) -> None:
    try:
        check_possession(possession, event.payload.aud, event.payload.sub, jwk)
    except (MalformedError, VerificationError) as error:
        raise NotAllowedError(error.code, error.message) from error
