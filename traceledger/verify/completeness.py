"""What a passport must contain: which chains, and the log positions of which events.

Builder and verifier share these pure functions, so they cannot disagree (docs/spec/passport.md,
"Chains" and "Order"). They read only envelopes and the admin keys of `admit`, so they also apply to
kinds that future versions add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from traceledger.errors import VerificationError
from traceledger.events.token import Event
from traceledger.identifiers.items import item_of_key
from traceledger.rules.links import MAX_DEPTH, SOURCES

__all__ = ["Basis", "find_bases", "later_changes", "needed_chains", "needed_order"]

Chains = Mapping[str, Sequence[Event]]


class Basis(NamedTuple):
    """An event that a signer's authority depends on: its chain and its position there."""

    chain: str
    seq: int


def needed_chains(item: str, read_chain: Callable[[str], Sequence[Event]]) -> tuple[str, ...]:
    """Finds the chains that a passport of the item shows, in order.

    They are the item, `ledger`, and, by ascending id, inputs and parents down to the cores, and the
    parties and keys of all signers. `read_chain` returns all events of a chain, or none. Raises
    VerificationError `ref.depth` when parts are nested more than eight deep.
    """
    chains = _things(item, read_chain)
    chains["ledger"] = read_chain("ledger")
    waiting = [event for events in chains.values() for event in events]

    def add(name: str) -> Sequence[Event]:
        if name not in chains:
            chains[name] = read_chain(name)
            waiting.extend(chains[name])
        return chains[name]

    while waiting:
        event = waiting.pop()
        party = event.payload.iss
        if party != "ledger" and event.kid not in _admin_kids(add(party)):
            add(item_of_key(event.kid))
    return (item, "ledger", *sorted(chains.keys() - {item, "ledger"}))


def needed_order(chains: Chains) -> tuple[str, ...]:
    """Finds the events whose positions in the log a passport must prove, by ascending id.

    If the authority of a key changed after it was granted, only positions distinguish its use
    before and after the change. So these are the changes, and the shown events that the key signed.
    """
    needed: set[str] = set()
    for events in chains.values():
        for event in events:
            changes = [
                change.id
                for basis in find_bases(event, chains)
                for change in later_changes(basis, chains)
            ]
            if changes:
                needed.update((event.id, *changes))
    return tuple(sorted(needed))


def find_bases(event: Event, chains: Chains) -> tuple[Basis, ...]:
    """Finds the events that the authority of the event's key depends on, as its `auth` claims.

    For a station key they are its `add_key` and the `admit` that this depends on; for an admin key,
    the `admit`; for a root key, the `found` or `rotate_root`. An `auth` that names no event of the
    chain yields nothing here; the rules refuse it.
    """
    party, key = event.payload.iss, item_of_key(event.kid)
    auth = event.payload.auth or event.id
    if party == "ledger":
        return _find("ledger", auth, chains)
    added = _find(key, auth, chains)
    if added:
        auth = chains[key][added[0].seq].payload.auth or ""
    return (*added, *_find(party, auth, chains))


def later_changes(basis: Basis, chains: Chains) -> Sequence[Event]:
    """Lists the later events of the chain that change the authority that the basis grants.

    In `ledger` these are all `rotate_root` events, in the chain of a party or key all events except
    `profile`.
    """
    later = chains[basis.chain][basis.seq + 1 :]
    if basis.chain == "ledger":
        return [event for event in later if event.kind_name == "rotate_root"]
    return [event for event in later if event.kind_name != "profile"]


def _things(item: str, read_chain: Callable[[str], Sequence[Event]]) -> dict[str, Sequence[Event]]:
    chains: dict[str, Sequence[Event]] = {}
    level = {item}
    depth = 0
    while level:
        if depth > MAX_DEPTH:
            raise VerificationError(
                "ref.depth", f"{min(level)} is {depth} links deep, {MAX_DEPTH} are allowed"
            )
        for name in level:
            chains[name] = read_chain(name)
        level = set(_sources(chains[name] for name in level)) - chains.keys()
        depth += 1
    return chains


def _sources(opened: Iterable[Sequence[Event]]) -> list[str]:
    """Lists the inputs and parents of items, which the first events of their chains name."""
    return [
        ref.item
        for events in opened
        for event in events[:1]
        for ref in event.refs
        if ref.as_ in SOURCES
    ]


def _admin_kids(party: Sequence[Event]) -> set[str]:
    return {event.data.admin_jwk.kid for event in party if event.kind_name == "admit"}


def _find(chain: str, event_id: str, chains: Chains) -> tuple[Basis, ...]:
    return tuple(
        Basis(chain, seq) for seq, event in enumerate(chains.get(chain, ())) if event.id == event_id
    )
