"""Rebuilding the rows of all items from the log alone, and comparing them with the stored rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from traceledger.errors import VerificationError
from traceledger.events.token import Event, parse_token
from traceledger.formats.seal import is_seal
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.rules.state import format_state
from traceledger.verify.log import LogReplay
from traceledger.views.projection import project
from traceledger.views.rows import HeadRow

__all__ = ["Rebuilt", "rebuild"]


class Rebuilt(NamedTuple):
    """The number of entries, the rebuilt rows and the items whose stored rows differ."""

    entries: int
    rows: tuple[HeadRow, ...]
    differing: tuple[str, ...]


def rebuild(ledger: LedgerReader, progress: Callable[[int], None] = lambda _done: None) -> Rebuilt:
    """Replays the whole log with all signatures and rules, and compares rows; writes nothing.

    `progress` receives the number of replayed entries. Raises VerificationError when the log itself
    is invalid, including `log.illegal`.
    """
    replay = LogReplay.start(ledger.origin)
    rows: dict[str, HeadRow] = {}
    size = ledger.size
    for index, body in enumerate(ledger.read_bodies(0, size)):
        replay.take(body)
        if not is_seal(body):
            event = parse_token(body)
            item = event.payload.sub
            state = replay.world.states[item]
            earlier = functools.partial(_read_earlier, ledger, event)
            rows[item] = project(item, state, rows.get(item), [(index, event)], earlier)
        progress(index + 1)
    for illegal in replay.world.illegal:
        raise VerificationError("log.illegal", str(illegal.error), where=f"entry {illegal.index}")
    # An admission also changes the ledger's own state; the last state of each chain counts.
    rebuilt = {
        item: row._replace(state=format_state(replay.world.states[item]))
        for item, row in rows.items()
    }
    stored = {row.item: row for row in ledger.read_all_heads()}
    differing = sorted(
        item for item in rebuilt.keys() | stored.keys() if rebuilt.get(item) != stored.get(item)
    )
    return Rebuilt(size, tuple(rebuilt[item] for item in sorted(rebuilt)), tuple(differing))


def _read_earlier(ledger: LedgerReader, event: Event) -> Iterator[Event]:
    """The events before this one in its chain."""
    for entry in ledger.read_chain(event.payload.sub, event.payload.seq - 1):
        yield parse_token(entry.body)
