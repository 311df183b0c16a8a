"""The check on acceptance that new parts come from a lot of new parts.

`new_parts` is a customs field, so it is not a rule of the log; an audit reports what a replay
accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from traceledger.errors import NotAllowedError
from traceledger.events.kinds.values import NewPart
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.lifecycle import VOIDED
from traceledger.rules.state import Goods

__all__ = ["check_new_parts", "lots_of"]


_FIELDS = ("new_parts", "set_customs")


def lots_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the lots that an event or a correction with these fields takes new parts from.

    What a correction sets has no type yet; a malformed part has no lot here and is refused later.
    """
    if values.keys().isdisjoint(_FIELDS):  # as in nearly every event
        return ()
    parts: Sequence[NewPart] = values.get("new_parts", ())
    corrected = (values.get("set_customs") or {}).get("new_parts")
    lots = [part.get("lot") for part in _mappings(corrected)]
    return (*(part.lot for part in parts), *(lot for lot in lots if isinstance(lot, str)))


def check_new_parts(world: StoreWorld, lots: Iterable[str]) -> None:
    """Checks the lots that new parts are taken from; raises NotAllowedError `part.lot`."""
    for lot in lots:
        state = world.state(lot)
        if not isinstance(state, Goods) or state.lot_class != "new_part" or state.life == VOIDED:
            raise NotAllowedError("part.lot", f"{lot} is no lot of new parts in this ledger")


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []
