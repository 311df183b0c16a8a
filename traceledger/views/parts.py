"""The parts of an item at any depth, and the holds and recalls in force on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from traceledger.events.token import Event, parse_token
from traceledger.rules.links import MAX_DEPTH, SOURCES
from traceledger.rules.state import Goods, State, parse_state
from traceledger.views.answers import MarkedPart
from traceledger.views.ledger import Lookups

__all__ = ["describe_marked_parts", "overlays_of", "walk_parts"]


def overlays_of(state: Goods) -> list[str]:
    """Lists the marks in force on an item itself: `hold_AUTHORITY`, then `recalled`."""
    holds = sorted({f"hold_{hold.authority}" for hold in state.holds})
    return [*holds, "recalled"] if state.recalls else holds


def walk_parts(
    item: str,
    read_states: Callable[[Collection[str]], Mapping[str, State]],
    read_first: Callable[[str], Event | None],
) -> Iterator[tuple[str, Goods]]:
    """Yields the inputs and parents of an item at any depth, each once, as its passport shows them.

    `read_states` returns the states of items, `read_first` the first event of a chain.
    """
    seen = {item}
    level = [item]
    for _ in range(MAX_DEPTH + 1):
        states = read_states(level)
        sources: dict[str, None] = {}
        for name in level:
            state = states.get(name)
            if not isinstance(state, Goods):
                continue
            if name != item:
                yield name, state
            first = read_first(name) if state.depth else None  # without depth, there are no sources
            if first is not None:
                sources.update((ref.item, None) for ref in first.refs if ref.as_ in SOURCES)
        level = [name for name in sources if name not in seen]
        seen.update(level)
        if not level:
            return


def describe_marked_parts(ledger: Lookups, item: str) -> list[MarkedPart]:
    """Describes the parts of an item, at any depth, that are on hold or recalled."""

    def read_states(items: Collection[str]) -> Mapping[str, State]:
        return {name: parse_state(row.state) for name, row in ledger.read_heads(items).items()}

    def read_first(name: str) -> Event | None:
        entry = ledger.find_place(name, 0)
        return parse_token(entry.body) if entry else None

    return [
        MarkedPart(item=name, state=state.life, overlays=overlays)
        for name, state in walk_parts(item, read_states, read_first)
        if (overlays := overlays_of(state))
    ]
