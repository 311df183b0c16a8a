"""Writing passports: the complete history of an item with its proofs, for one reader."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import NotFoundError
from traceledger.events.disclosure import format_wire
from traceledger.events.token import Event, parse_token
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import OrderEntry, Passport, PassportChain, format_passport
from traceledger.formats.trust import TrustFile
from traceledger.ledger.reading.finality import find_final, keep_named
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.sealed_map import SealedMap
from traceledger.verify.completeness import needed_chains, needed_order
from traceledger.views.history import Reader, visible
from traceledger.views.rows import Entry

__all__ = ["build_passport"]


class _Chain(NamedTuple):
    entries: tuple[Entry, ...]
    events: tuple[Event, ...]


def build_passport(
    ledger: LedgerReader,
    item: str,
    reader: Reader,
    *,
    trust: TrustFile | None = None,
    size: int | None = None,
) -> bytes:
    """Builds the passport of an item as of the newest checkpoint, or that of `size`.

    With the reader's `trust` file, it is as of the newest checkpoint with all cosignatures that the
    file requires, unless an event of the passport is later: no known event is omitted. The
    checkpoint keeps only signature lines that the trust file names. Raises NotFoundError
    `item.unknown` or `ledger.unpublished`, also for an item whose first event is not covered by a
    checkpoint yet, and ConflictError `passport.size` for a history that is too large.
    """
    if size is None:
        size = parse_checkpoint(parse_note(ledger.checkpoint()).text).size
    chains: dict[str, _Chain] = {}

    def read_chain(name: str) -> tuple[Event, ...]:
        if name not in chains:
            chains[name] = _read_sealed(ledger, name, size)
        return chains[name].events

    order = needed_chains(item, read_chain)
    if not chains[item].events:
        raise NotFoundError("item.unknown", f"{item} is unknown or not covered by a checkpoint yet")
    shown = {name: chains[name].events for name in order}
    places = {
        event.id: entry.leaf_index
        for name in order
        for entry, event in zip(*chains[name], strict=True)
    }
    last = max(places.values())
    final = None if trust is None else find_final(ledger, trust, last, size=size)
    snapshot = ledger.snapshot(final or size)
    passport = Passport(
        item=item,
        checkpoint=keep_named(snapshot.note, trust.policy) if trust else snapshot.note,
        seal=snapshot.seal,
        seal_proof=snapshot.prove(snapshot.size - 1),
        chains=tuple(_show(snapshot.heads, name, chains[name], reader) for name in order),
        order=tuple(
            OrderEntry(event, places[event], snapshot.prove(places[event]))
            for event in sorted(needed_order(shown), key=places.__getitem__)
        ),
    )
    return format_passport(passport)


def _read_sealed(ledger: LedgerReader, item: str, size: int) -> _Chain:
    """Reads the events of a chain that the checkpoint of that size covers."""
    chain = ledger.read_chain(item)
    entries = tuple(entry for entry in chain if entry.leaf_index < size)
    return _Chain(entries, tuple(parse_token(entry.body) for entry in entries))


def _show(heads: SealedMap, item: str, chain: _Chain, reader: Reader) -> PassportChain:
    wires = tuple(
        format_wire(entry.body, [part.text for part in visible(event, entry.disclosures, reader)])
        for entry, event in zip(*chain, strict=True)
    )
    return PassportChain(item, wires, heads.find_path(item).siblings)
