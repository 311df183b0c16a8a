"""The row of each item, for look-ups; it can always be rebuilt from the log."""

from __future__ import annotations

from collections.abc import Sequence

from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event
from traceledger.rules.state import Goods, KeyState, PartyState, State, format_state
from traceledger.views.rows import HeadRow

__all__ = ["project"]


def project(
    item: str, state: State, before: HeadRow | None, added: Sequence[tuple[int, Event]]
) -> HeadRow:
    """Computes the row of an item after a batch.

    `added` are the item's events in the batch with their log indexes. It is empty when an event of
    another chain changed the state, as an admission changes the ledger's.
    """
    chain, life = _describe(item, state)
    part_no = before.part_no if before else ""
    declaration = before.declaration if before else ""
    for _, event in added:
        if event.kind_name in {"import", "assemble"} and event.kind is not None:
            part_no = event.data.part_no
        for ref in event.refs:
            if ref.as_ == "declaration":
                declaration = ref.item
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
        declaration=declaration,
        state=format_state(state),
    )


def _describe(item: str, state: State) -> tuple[str, str]:
    if isinstance(state, Goods):
        return state.chain, state.life
    if isinstance(state, KeyState):
        return "key", "ENDED" if state.ended else "VALID"
    if isinstance(state, PartyState):
        return "party", "ADMITTED"
    return item, ""
