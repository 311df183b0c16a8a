"""The check on acceptance that no part inside a unit is on hold or recalled.

A part may be held or recalled after it was assembled. The rules of the log judge each chain by
itself, so a replay accepts what follows in the unit's chain, and the audit of the parts reports it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.state import State
from traceledger.views.parts import walk_parts

__all__ = ["check_inner_parts"]

_RELEASING = frozenset({"approve", "pack", "export"})


def check_inner_parts(
    world: StoreWorld, event: Event, read_first: Callable[[str], Event | None]
) -> None:
    """Refuses to approve, pack or export a unit while a part at any depth is held or recalled.

    `read_first` returns the first event of a chain. Raises NotAllowedError `part.held` or
    `part.recalled`.
    """
    kind = event.kind_name
    if kind not in _RELEASING or (kind == "approve" and event.data.decision == "reject"):
        return

    def read_states(items: Collection[str]) -> dict[str, State]:
        world.prefetch(items)
        return {item: state for item in items if (state := world.state(item)) is not None}

    for part, state in walk_parts(event.payload.sub, read_states, read_first):
        if state.holds:
            authority = state.holds[0].authority
            raise NotAllowedError("part.held", f"the part {part} is on hold by {authority}")
        if state.recalls:
            party = state.recalls[0].party
            raise NotAllowedError("part.recalled", f"the part {part} is recalled by {party}")
