"""The row of an item for look-ups: derived from the log, and always rebuildable from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.token import Event
from traceledger.rules.effective import public_fields, read_effective
from traceledger.rules.state import Goods, KeyState, PartyState, State, format_state
from traceledger.views.rows import HeadRow

__all__ = ["project"]

_CHANGING = frozenset({"correct", "void"})  # kinds that change the effect of earlier events
_NUMBERED = frozenset(kind.name for kind in CATALOGUE.values() if "part_no" in kind.fields)


def project(
    item: str,
    state: State,
    before: HeadRow | None,
    added: Sequence[tuple[int, Event]],
    read_chain: Callable[[], Iterable[Event]],
) -> HeadRow:
    """Returns the row of an item after a batch.

    `added` are the item's events in the batch with their log indexes; none if an event of another
    chain changed the state, as an admission changes the ledger's. `read_chain` reads the item's
    events before the batch; it is called only when a correction or a void was added.
    """
    chain, life = _describe(item, state)
    part_no, lines = (before.part_no, before.declaration.split()) if before else ("", [])
    if any(event.kind_name in _CHANGING for _, event in added):
        part_no, lines = _effects([*read_chain(), *(event for _, event in added)])
    else:
        for _, event in added:
            if event.kind_name in _NUMBERED:
                part_no = _read_claims(event.claims).data.part_no or part_no
            if event.refs:
                lines += _declarations(event)
    if added:
        latest, head = added[-1][0], added[-1][1].leaf
    elif before is not None:
        latest, head = before.latest, before.head
    else:
        raise AssertionError(f"{item} changed before it had an event")
    return HeadRow(
        item=item,
        seq=state.seq,
        head=head,
        latest=latest,
        chain=chain,
        life=life,
        part_no=part_no,
        declaration=" ".join(dict.fromkeys(lines)),
        state=format_state(state),
    )


class _Fields(msgspec.Struct, gc=False):
    part_no: str = ""


class _Claims(msgspec.Struct, gc=False):
    """The only field of an event that is read here; the others are skipped."""

    data: _Fields


_read_claims = msgspec.json.Decoder(_Claims).decode


def _effects(events: Iterable[Event]) -> tuple[str, list[str]]:
    """Returns part number and declaration lines after corrections and voids in a chain."""
    part_no, lines = "", []
    for effective in read_effective((event, public_fields(event)) for event in events):
        if effective.voided:
            continue
        number = effective.values.get("part_no")
        part_no = number if isinstance(number, str) else part_no
        lines += _declarations(effective.event)
    return part_no, lines


def _declarations(event: Event) -> list[str]:
    return [ref.item for ref in event.refs if ref.as_ == "declaration"]


def _describe(item: str, state: State) -> tuple[str, str]:
    if isinstance(state, Goods):
        return state.chain, state.life
    if isinstance(state, KeyState):
        return "key", "ENDED" if state.ended else "VALID"
    if isinstance(state, PartyState):
        return "party", "ADMITTED"
    return item, ""
