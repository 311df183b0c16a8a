"""A ledger read from its archive, in memory and unverified, without a database."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

from traceledger.errors import MalformedError, NotFoundError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.formats.archive import (
    CHECKPOINT,
    DISCLOSURES,
    MAX_BUNDLE,
    MAX_DISCLOSURES,
    disclosures_path,
    entries_path,
    parse_disclosures,
)
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note
from traceledger.formats.seal import is_seal
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tiles import ENTRIES, TILE_WIDTH, bundles_of, tile_width
from traceledger.merkle.tree import Frontier
from traceledger.rules.replay import Replay
from traceledger.rules.state import LedgerState, State, format_state, parse_state
from traceledger.verify.archive.source import ArchiveSource
from traceledger.views.answers import Item, ItemRow
from traceledger.views.items import describe_item, describe_rows, find_row
from traceledger.views.projection import project
from traceledger.views.rows import Entry, Head, HeadRow, Search, matches

__all__ = ["ArchiveLedger"]

_RECENT = 64  # bundles kept in memory


class ArchiveLedger:
    """A `LedgerView` over an archive, as of its newest checkpoint.

    Only the root of the entries is compared with the checkpoint: signatures and disclosures are not
    verified. Fields that the archive does not disclose are withheld from every reader.
    """

    def __init__(
        self,
        source: ArchiveSource,
        *,
        clock: Callable[[], float],
        on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> None:
        """Reads all entries and computes the state of every item.

        `on_progress` receives the number of entries read and the total. Raises VerificationError
        `archive.*`, `chain.*` or `log.entry`, and the errors of `ArchiveSource.read`.
        """
        self.clock = clock
        self._source = source
        self._note = source.read(CHECKPOINT, MAX_NOTE_SIZE)
        checkpoint = parse_checkpoint(parse_note(self._note).text)
        self.origin = checkpoint.origin
        self.size = checkpoint.size
        self._has_disclosures = bool(source.names(DISCLOSURES))
        self._bodies = functools.lru_cache(_RECENT)(self._read_bodies)
        self._disclosures = functools.lru_cache(_RECENT)(self._read_disclosures)
        self._places: dict[str, list[int]] = {}
        self._rows: dict[str, HeadRow] = {}
        if self._replay(on_progress) != checkpoint.root:
            raise VerificationError("archive.root", "the entries do not hash to the signed root")
        self._items = sorted(self._rows)

    @property
    def founding(self) -> str:
        """The id of the `found` event; raises NotFoundError `ledger.empty`."""
        state = self.state("ledger")
        if not isinstance(state, LedgerState):
            raise NotFoundError("ledger.empty", "this ledger is not founded yet")
        return state.first

    def state(self, item: str) -> State | None:
        """Returns the current state of an item, None for an unknown item."""
        row = self._rows.get(item)
        return parse_state(row.state) if row else None

    def heads(self, items: Iterable[str]) -> Mapping[str, Head]:
        """Returns first and latest events of items; unknown items are omitted."""
        rows = self.read_heads(items).values()
        return {
            row.item: Head(
                parse_state(row.state).first, row.seq, encode_base64url(row.head), row.life
            )
            for row in rows
        }

    def chain(self, item: str) -> list[Entry]:
        """Returns all events of an item in order; raises NotFoundError `item.unknown`."""
        chain = self.read_chain(item)
        if not chain:
            raise NotFoundError("item.unknown", f"this ledger has no {item}")
        return chain

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id."""
        start = bisect.bisect_right(self._items, wanted.after)
        rows = (self._rows[item] for item in itertools.islice(self._items, start, None))
        return list(itertools.islice((row for row in rows if matches(row, wanted)), wanted.limit))

    def count_declared(self, line: str) -> int:
        """Returns the number of items that are linked to a declaration line."""
        return sum(line in row.declaration.split() for row in self._rows.values())

    def describe(self, item: str) -> Item:
        """Describes an item's current status; raises NotFoundError `item.unknown`."""
        return describe_item(self, find_row(self, item))

    def find_items(self, wanted: Search) -> list[ItemRow]:
        """Finds items as `search` does and describes them for a list."""
        return describe_rows(self, self.search(wanted))

    def checkpoint(self) -> bytes:
        """Returns the archive's newest checkpoint."""
        return self._note

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items; unknown items are omitted."""
        return {item: self._rows[item] for item in items if item in self._rows}

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item in order, up to position `last` if given."""
        places = self._places.get(item, [])
        return [self._read_entry(index) for index in places[: None if last is None else last + 1]]

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""
        places = self._places.get(item, [])
        return self._read_entry(places[seq]) if seq < len(places) else None

    def _replay(self, on_progress: Callable[[int, int], None]) -> bytes:
        """Computes the places and rows of all items; returns the root over all entries."""
        world, tree = Replay(self.origin), Frontier()
        for bundle in bundles_of(self.size):
            start = bundle.index * TILE_WIDTH
            bodies = self._bodies(bundle.index)
            tree = tree.extended(map(leaf_hash, bodies))
            for index, body in enumerate(bodies, start):
                if is_seal(body):
                    world.seal(index)
                else:
                    self._add(index, _parse(index, body), world)
            on_progress(start + bundle.width, self.size)
        # An event can also change the state of another chain, as an admission changes the ledger's.
        for item, row in self._rows.items():
            self._rows[item] = row._replace(state=format_state(world.states[item]))
        return tree.root

    def _add(self, index: int, event: Event, world: Replay) -> None:
        item = event.payload.sub
        try:
            world.apply(index, event, signature_checked=True)
        except VerificationError as error:
            raise error.at(f"entry {index}") from error
        earlier = functools.partial(self._read_events, item)
        before = self._rows.get(item)
        self._rows[item] = project(item, world.states[item], before, [(index, event)], earlier)
        self._places.setdefault(item, []).append(index)

    def _read_events(self, item: str) -> Iterator[Event]:
        for index in self._places.get(item, ()):
            yield parse_token(self._bodies(index // TILE_WIDTH)[index % TILE_WIDTH])

    def _read_entry(self, index: int) -> Entry:
        number, place = divmod(index, TILE_WIDTH)
        event = parse_token(self._bodies(number)[place])
        claims = event.payload
        shown = self._disclosures(number)[place] if self._has_disclosures else ()
        disclosures = b"".join(disclosure + b"~" for disclosure in shown)
        return Entry(
            index, event.leaf, claims.sub, claims.seq, event.kind_name, event.token, disclosures
        )

    def _read_bodies(self, number: int) -> tuple[bytes, ...]:
        width = tile_width(ENTRIES, number, self.size)
        path = entries_path(number, width)
        try:
            return parse_bundle(self._source.read(path, MAX_BUNDLE), width)
        except MalformedError as error:
            raise VerificationError("archive.bundle", error.message, where=path) from error

    def _read_disclosures(self, number: int) -> tuple[tuple[bytes, ...], ...]:
        width = tile_width(ENTRIES, number, self.size)
        data = self._source.read(disclosures_path(number, width), MAX_DISCLOSURES)
        return parse_disclosures(data, width)


def _parse(index: int, body: bytes) -> Event:
    try:
        return parse_token(body)
    except MalformedError as error:
        raise VerificationError("log.entry", error.message, where=f"entry {index}") from error
