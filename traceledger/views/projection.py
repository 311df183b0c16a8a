"""The row of an item for look-ups: derived from the log, and always rebuildable from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event
from traceledger.rules.effective import EffectiveEvent, public_fields, read_effective
from traceledger.rules.state import Goods, KeyState, PartyState, State, format_state
from traceledger.views.rows import HeadRow

__all__ = ["project"]

_CHANGING = frozenset({"correct", "void"})  # kinds that change the effect of earlier events


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
    events = [event for _, event in added]
    part_no = before.part_no if before else ""
    lines = before.declaration.split() if before else []
    if any(event.kind_name in _CHANGING for event in events):
        part_no, lines = "", []
        chain_events = [*read_chain(), *events]
        found = [
            (effective.event, effective.values.get("part_no"))
            for effective in _effective(chain_events)
        ]
    else:
        found = [(event, getattr(event.data, "part_no", None)) for event in events]
    for event, number in found:
        part_no = number if isinstance(number, str) else part_no
        lines += [ref.item for ref in event.refs if ref.as_ == "declaration"]
    if added:
        latest = added[-1][0]
    elif before is not None:
        latest = before.latest
    else:
        raise AssertionError(f"{item} changed before it had an event")
    return HeadRow(
        item=item,
        seq=state.seq,
        head=decode_base64url(state.head.encode()),
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
