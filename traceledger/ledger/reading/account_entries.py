"""Entries of a ledger as the account reads them, with the fields that one reader may see."""

from __future__ import annotations

import msgspec

from traceledger.events.token import parse_token
from traceledger.formats.seal import is_seal
from traceledger.verify.archive.fold import ReplayedEntry
from traceledger.views.history import Reader, visible
from traceledger.views.rows import Entry

__all__ = ["as_replayed"]

_encode = msgspec.msgpack.Encoder().encode


def as_replayed(entry: Entry, reader: Reader) -> ReplayedEntry:
    """Returns an entry as an archive for this reader would contain it.

    Signatures and rules were checked when the entry was appended, so no entry is refused here.
    """
    if is_seal(entry.body):
        return ReplayedEntry(entry.leaf_index)
    event = parse_token(entry.body, leaf=entry.leaf)
    parts = visible(event, entry.disclosures, reader)
    shown = {part.name: part.value for part in parts}
    fields = event.kind.fields if event.kind else {}
    return ReplayedEntry(
        index=entry.leaf_index,
        event=event,
        shown=len(shown),
        disclosed=_encode(shown) if shown else b"",
        undisclosed=tuple(
            name
            for name in event.digests
            if name not in shown and name in fields and fields[name].visibility == "customs"
        ),
    )
