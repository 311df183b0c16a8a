"""Rebuilding what is known of each item from the log alone, and comparing it with what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from traceledger.errors import VerificationError
from traceledger.events.token import parse_token
from traceledger.formats.seal import is_seal
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.writing.projection import project
from traceledger.rules.state import format_state
from traceledger.verify.log import LogReplay
from traceledger.views.rows import HeadRow

__all__ = ["Rebuilt", "rebuild"]


class Rebuilt(NamedTuple):
    """What the log says, and the items of which something else is kept."""

    entries: int
    rows: tuple[HeadRow, ...]
    differing: tuple[str, ...]


def rebuild(ledger: LedgerReader, progress: Callable[[int], None] = lambda _done: None) -> Rebuilt:
    """Replays the whole log, every signature and rule, and compares; writes nothing.

    Raises VerificationError where the log itself is false, `log.illegal` included.
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
            rows[item] = project(item, state, rows.get(item), [(index, event)])
        progress(index + 1)
    for illegal in replay.world.illegal:
        raise VerificationError("log.illegal", str(illegal.error), where=f"entry {illegal.index}")
    # An admission also changes the ledger's own state; the last state of each chain counts.
    said = {
        item: row._replace(state=format_state(replay.world.states[item]))
        for item, row in rows.items()
    }
    kept = {row.item: row for row in ledger.read_all_heads()}
    differing = sorted(
        item for item in said.keys() | kept.keys() if said.get(item) != kept.get(item)
    )
    return Rebuilt(size, tuple(said[item] for item in sorted(said)), tuple(differing))
