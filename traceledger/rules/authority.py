"""Who may sign what: the log's order decides which keys are valid, the catalogue which roles.

All authority is granted in the log: `found` names the root key, the root key admits parties with
their admin keys, and an admin key adds station keys. `auth` in each event names the granting event.
"""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import NotAllowedError
from traceledger.events.keys import Jwk
from traceledger.events.kind import ANY_ROLE, Kind
from traceledger.events.roles import MANAGERS
from traceledger.events.token import Event
from traceledger.identifiers.items import is_authority, item_of_key
from traceledger.rules.state import Goods, KeyState, LedgerState, PartyState, World

__all__ = ["MAKER_KINDS", "Authority", "check_authority", "find_key", "find_named_key"]

MAKER_KINDS = frozenset({"approve", "pack"})
"""Kinds that only the party that assembled the unit signs."""


class Authority(NamedTuple):
    """The party that signed, with the roles and prefixes in effect at that moment."""

    party: str
    roles: frozenset[str]
    prefixes: tuple[str, ...]


def find_key(world: World, event: Event) -> Jwk | None:
    """Finds the public key with the event's `kid`, if it was ever granted in this ledger."""
    if _founds(world, event):
        return event.data.root_jwk if event.kind is not None else None
    key = find_named_key(world, event.kid)
    if key is not None:
        return key
    party = world.state(event.payload.iss)
    if isinstance(party, PartyState) and party.admin_kid == event.kid:
        return party.admin
    return None


def find_named_key(world: World, kid: str) -> Jwk | None:
    """Finds the public key of a station, or the root key, by its kid alone."""
    key = world.state(item_of_key(kid))
    if isinstance(key, KeyState):
        return key.jwk
    ledger = world.state("ledger")
    if isinstance(ledger, LedgerState) and ledger.root_kid == kid:
        return ledger.root
    return None


def check_authority(world: World, event: Event, kind: Kind) -> Authority:
    """Checks that the key was authorized to sign this kind of event at this point in the log.

    Raises NotAllowedError `key.unknown`, `key.ended`, `key.auth`, `key.role` or `key.prefix`.
    """
    authority = _find_authority(world, event)
    required = kind.roles
    if required == ANY_ROLE:
        allowed = not authority.roles.issubset(MANAGERS)
    else:
        allowed = not authority.roles.isdisjoint(required)
    if not allowed:
        held = ", ".join(sorted(authority.roles)) or "no role"
        needed = "any role of a station key" if required == ANY_ROLE else " or ".join(required)
        raise NotAllowedError("key.role", f"{kind.name} requires {needed}; the key has {held}")
    sub = event.payload.sub
    if event.payload.seq == 0 and not is_authority(sub):
        if not sub.startswith(authority.prefixes):
            admitted = ", ".join(authority.prefixes) or "no ids"
            raise NotAllowedError(
                "key.prefix", f"{sub} given; {authority.party} is admitted for {admitted}"
            )
    elif kind.name in MAKER_KINDS:
        _check_maker(world, event)
    return authority


def _find_authority(world: World, event: Event) -> Authority:
    issuer, kid, given = event.payload.iss, event.kid, event.payload.auth or ""
    if issuer == "ledger":
        return _root_authority(world, event)
    party = world.state(issuer)
    if not isinstance(party, PartyState):
        raise NotAllowedError("key.unknown", f"{issuer} is not admitted to this ledger")
    if party.ended:
        raise NotAllowedError("key.ended", f"{issuer} was dismissed by event {party.ended}")
    if party.admin_kid == kid:
        _check_named(given, party.authority)
        return Authority(issuer, frozenset({"admin"}), party.prefixes)
    key = world.state(item_of_key(kid))
    if not isinstance(key, KeyState) or key.party != issuer:
        raise NotAllowedError("key.unknown", f"key {kid} does not belong to {issuer}")
    if key.ended:
        raise NotAllowedError("key.ended", f"key {kid} was revoked by event {key.ended}")
    _check_named(given, key.first)
    return Authority(issuer, frozenset(key.roles).intersection(party.roles), party.prefixes)


def _root_authority(world: World, event: Event) -> Authority:
    root = Authority("ledger", frozenset({"root"}), ())
    if _founds(world, event):
        if event.data.root_jwk.kid != event.kid or event.payload.auth:
            raise NotAllowedError("key.auth", "found must be signed by the root key that it names")
        return root
    ledger = world.state("ledger")
    if not isinstance(ledger, LedgerState):
        raise NotAllowedError("key.unknown", "the ledger has not been founded")
    if ledger.root_kid != event.kid:
        raise NotAllowedError("key.unknown", f"key {event.kid} is not the root key")
    _check_named(event.payload.auth or "", ledger.authority)
    return root


def _founds(world: World, event: Event) -> bool:
    """Tells whether the event founds the ledger; no other event contains the key that signed it."""
    return event.kind_name == "found" and world.state("ledger") is None


def _check_named(given: str, authority: str) -> None:
    if given != authority:
        raise NotAllowedError(
            "key.auth", f"auth {given or '-'} given, the key's authority is {authority}"
        )


def _check_maker(world: World, event: Event) -> None:
    unit = world.state(event.payload.sub)
    if isinstance(unit, Goods) and unit.party != event.payload.iss:
        raise NotAllowedError(
            "key.maker", f"only {unit.party}, which assembled the unit, may {event.kind_name} it"
        )
