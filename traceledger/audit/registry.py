"""Who signed, and what was changed afterwards: a second fold, for reports.

The figures of the account need neither, so a verification carries this fold only for a report.
"""

from __future__ import annotations

import msgspec

from traceledger.audit.scope import Scope
from traceledger.events.keys import Jwk
from traceledger.events.token import Event
from traceledger.identifiers.items import kid_of
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["Change", "Key", "RegistryFold", "RegistryState"]

_CHANGES = frozenset({"correct", "void"})


class Key(msgspec.Struct):
    """A registered key: its party, its roles, and the log indexes at which it began and ended.

    `ended` is when the event that revoked it was signed, in seconds since 1970.
    `disputed` is the index from which its events are disputed. `events` counts those that it signed
    and that the rules allow.
    """

    kid: str
    party: str
    roles: tuple[str, ...]
    jwk: Jwk
    added: int
    revoked: int | None = None
    disputed: int | None = None
    events: int = 0
    ended: int | None = None


class Change(msgspec.Struct):
    """A correction or a void: the event `event` at a log index, of the event `target`.

    `at` is when it was signed, in seconds since 1970. `fields` are the corrected fields that can be
    seen.
    """

    kind: str
    index: int
    event: str
    item: str
    target: str
    at: int
    kid: str
    reason: str
    fields: tuple[str, ...]


class RegistryState(msgspec.Struct):
    """The keys by id, and the changes in the order of the log."""

    keys: dict[str, Key] = {}
    changes: list[Change] = []


class RegistryFold:
    """Lists keys, corrections and voids in the pass of a verification, up to the scope's end."""

    def __init__(self, scope: Scope) -> None:
        self._end = scope.end
        self.resume(RegistryState())

    @property
    def state(self) -> RegistryState:
        """Everything read so far."""
        return self._state

    def resume(self, state: RegistryState) -> None:
        """Continues from a stopped run's state."""
        self._state = state

    def step(self, entry: ReplayedEntry) -> None:
        """Reads the next entry of the scope."""
        event, end = entry.event, self._end
        if event is None or entry.refused or (end is not None and entry.index >= end):
            return
        key = self._state.keys.get(event.kid)
        if key is not None:
            key.events += 1
        if event.kind_name in _CHANGES:
            self._state.changes.append(_change(event, entry))
        elif event.kind_name == "add_key":
            kid = kid_of(event.payload.sub)
            roles = tuple(event.data.roles)
            self._state.keys[kid] = Key(kid, event.payload.iss, roles, event.data.jwk, entry.index)
        elif event.kind_name == "revoke_key":
            self._revoke(event, entry.index)

    def finish(self) -> RegistryState:
        """Returns everything that was listed."""
        return self._state

    def _revoke(self, event: Event, index: int) -> None:
        key = self._state.keys.get(kid_of(event.payload.sub))
        if key is not None:
            since = event.data.compromised_since
            key.revoked, key.ended = index, event.payload.iat
            key.disputed = None if since is msgspec.UNSET else since


def _change(event: Event, entry: ReplayedEntry) -> Change:
    given = event.fields() | entry.values()
    groups = (given.get(f"set_{group}") for group in ("public", "customs", "internal"))
    fields = tuple(name for group in groups if isinstance(group, dict) for name in group)
    target = next((ref.event for ref in event.refs if ref.event), "") or ""
    return Change(
        kind=event.kind_name,
        index=entry.index,
        event=event.id,
        item=event.payload.sub,
        target=target,
        at=event.payload.iat,
        kid=event.kid,
        reason=given.get("reason", ""),
        fields=fields,
    )
