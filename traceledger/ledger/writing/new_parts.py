"""The check on acceptance that new parts come from a lot of new parts.

`new_parts` is a customs field, so it is not a rule of the log; an audit reports what a replay
accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traceledger.errors import NotAllowedError
from traceledger.events.kinds.parts import NewPart
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.lifecycle import VOIDED
from traceledger.rules.state import Goods

__all__ = ["check_new_parts"]


def check_new_parts(world: StoreWorld, values: Mapping[str, Any]) -> None:
    """Checks the lots that an event or a correction takes new parts from.

    Raises NotAllowedError `part.lot`.
    """
    corrected = values.get("set_customs") or {}
    parts: Iterable[NewPart | Mapping[str, Any]] = (
        *values.get("new_parts", ()),
        *corrected.get("new_parts", ()),
    )
    for part in parts:
        lot = part["lot"] if isinstance(part, Mapping) else part.lot
        state = world.state(lot)
        if not isinstance(state, Goods) or state.lot_class != "new_part" or state.life == VOIDED:
            raise NotAllowedError("part.lot", f"{lot} is no lot of new parts in this ledger")
