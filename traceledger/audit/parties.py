"""Who speaks for customs: keys with that role, and parties that the auditor's trust file names."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from traceledger.events.token import Event
from traceledger.identifiers.items import kid_of

__all__ = ["Parties", "PartiesState"]


class PartiesState(msgspec.Struct):
    """The roles of keys by kid and of parties by item, and the parties that attest."""

    keys: dict[str, tuple[str, ...]] = {}
    parties: dict[str, tuple[str, ...]] = {}
    attesting: set[str] = set()


class Parties:
    """The customs keys of a ledger, as of the events read so far.

    `trusted` are the ids of the `admit` events of the trust file's `customs`.
    """

    def __init__(self, state: PartiesState, trusted: Iterable[str]) -> None:
        self._state = state
        self._trusted = frozenset(trusted)

    def read(self, event: Event) -> None:
        """Reads an event that grants roles."""
        item, state = event.payload.sub, self._state
        if event.kind_name == "admit":
            state.parties[item] = tuple(event.data.roles)
            # The word of a party is trusted as far as the admission in force is the trusted one.
            if event.id in self._trusted:
                state.attesting.add(item)
            else:
                state.attesting.discard(item)
        elif event.kind_name == "add_key":
            state.keys[kid_of(item)] = tuple(event.data.roles)

    def is_customs(self, event: Event) -> bool:
        """Reports whether a customs key signed the event."""
        keys, parties = self._state.keys, self._state.parties
        return "customs" in keys.get(event.kid, ()) and "customs" in parties.get(
            event.payload.iss, ()
        )

    def attests(self, event: Event) -> bool:
        """Reports whether the word of the event's signer counts as attested."""
        return event.payload.iss in self._state.attesting
