"""The row of an item for look-ups: derived from the log, and always rebuildable from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.token import Event
from traceledger.rules.effective import EffectiveEvent, public_fields, read_effective
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
    part_no = before.part_no if before else ""
    lines = before.declaration.split() if before and before.declaration else []
    found: Iterable[tuple[Event, object]]
    if any(event.kind_name in _CHANGING for _, event in added):
        part_no, lines = "", []
        chain_events = [*read_chain(), *(event for _, event in added)]
        found = (
            (effective.event, effective.values.get("part_no"))
            for effective in _effective(chain_events)
        )
    else:
        found = (
            (event, getattr(event.data, "part_no", None) if event.kind_name in _NUMBERED else None)
            for _, event in added
        )
    for event, number in found:
        if isinstance(number, str):
            part_no = number
        if event.refs:
            lines += [ref.item for ref in event.refs if ref.as_ == "declaration"]
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


def _effective(events: Iterable[Event]) -> list[EffectiveEvent]:
    chain = read_effective((event, public_fields(event)) for event in events)
    return [effective for effective in chain if not effective.voided]


def _describe(item: str, state: State) -> tuple[str, str]:
    if isinstance(state, Goods):
        return state.chain, state.life
    if isinstance(state, KeyState):
        return "key", "ENDED" if state.ended else "VALID"
    if isinstance(state, PartyState):
        return "party", "ADMITTED"
    return item, ""
