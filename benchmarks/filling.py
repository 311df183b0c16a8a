"""Filling a ledger with many items, without signing an event for each.

They are logged through the store, with entries that are not events, and sealed: the store, the tree
and the map treat them as they treat real ones.
"""

from __future__ import annotations

from hashlib import sha256, shake_128

from benchmarks.workload import LOG, ORIGIN, Plant
from traceledger.ledger.reading.log_end import read_log_end
from traceledger.ledger.sealing.sealer import Sealer
from traceledger.merkle.hashing import leaf_hash
from traceledger.storage.opening import open_store
from traceledger.storage.store import Batch, Latest
from traceledger.views.rows import Entry, HeadRow

__all__ = ["fill", "filled_item"]

_CHUNK = 50_000  # entries per transaction


def filled_item(number: int) -> str:
    """Returns the id of an item that `fill` logs; ids are spread like serials of many plants."""
    return f"8004/9521234F{sha256(b'%d' % number).hexdigest()[:16].upper()}"


def fill(plant: Plant, first: int, last: int, *, events: int = 1, size: int = 8) -> None:
    """Logs and seals items `first` to `last` (exclusive), each with `events` entries.

    An entry has `size` bytes.
    """
    (core,) = plant.cores(1)
    pattern = plant.ledger.read_heads([core])[core]
    plant.ledger.publish()
    store = open_store(plant.place, write=True, beside=True)
    sealer = Sealer(store, ORIGIN, plant.ledger.maps)
    end = read_log_end(store, store.size())
    step = _CHUNK // events
    for start in range(first, last, step):
        items = [filled_item(number) for number in range(start, min(start + step, last))]
        entries: list[Entry] = []
        heads: dict[str, HeadRow] = {}
        for seq in range(events):
            for item in items:
                body = shake_128(f"{item} {seq}".encode()).digest(size)
                at, leaf = end.size + len(entries), leaf_hash(body)
                entries.append(Entry(at, leaf, item, seq, "clean", body))
                heads[item] = pattern._replace(item=item, seq=seq, head=leaf, latest=at)
        after, tiles = end.extended([entry.leaf for entry in entries])
        store.append(Batch(end.frontier, after.frontier, entries, tiles, list(heads.values())))
        rows = heads.values()
        end = sealer.seal(after, [Latest(row.item, row.seq, row.head, row.latest) for row in rows])
        sealer.sign(LOG)
    store.close()
    plant.reopen()
