"""The ledger: the one door to a store, for the command line and the server alike."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from traceledger.errors import (
    MalformedError,
    NotFoundError,
    StorageError,
    TraceledgerError,
    UsageError,
    VerificationError,
)
from traceledger.events.encoding import encode_base64url
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from traceledger.formats.note import NoteSigner, parse_note
from traceledger.formats.receipt import LoggedLeaf, Receipt, sign_receipt
from traceledger.ledger.sealing.sealed_map import MapKeeper, SealedMap
from traceledger.ledger.sealing.sealer import Sealer
from traceledger.ledger.writing.appending import Prepared, prepare
from traceledger.ledger.writing.group import Group
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.log_end import read_log_end
from traceledger.ledger.writing.signature_checks import SignatureChecks
from traceledger.merkle.nodes import StoredTree
from traceledger.rules.state import LedgerState, State, parse_state
from traceledger.storage.store import CheckpointRow, Latest, Store
from traceledger.views.appended import Appended, Logged
from traceledger.views.rows import Entry, Head, HeadRow, Search

__all__ = ["Ledger"]


class Ledger:
    """One log over one store.

    Not thread-safe: one owner at a time, and one writer per store. `signer` is the log's own key;
    without it the ledger can be read but not written. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        origin: str,
        *,
        clock: Callable[[], float],
        signer: NoteSigner | None = None,
        workers: int | None = None,
    ) -> None:
        """Opens the log and compares its end with what it signed last.

        Raises StorageError `ledger.damaged` when the two differ.
        """
        self.store = store
        self.origin = origin
        self.clock = clock
        self._signer = signer
        self._checks = SignatureChecks(workers)
        self._authority: dict[str, State] = {}
        self._unsealed: dict[str, Latest] = {}
        self._proofs = MapKeeper(store)
        self._load()

    @property
    def size(self) -> int:
        """The number of entries in the log, seals included."""
        return self._tip.size

    @property
    def is_dirty(self) -> bool:
        """Reports whether events were written that no seal covers yet."""
        return bool(self._unsealed)

    @property
    def founding(self) -> str:
        """The id of the `found` event; raises NotFoundError `ledger.empty`."""
        return self._ledger_state().first

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form, all or nothing, durably.

        Raises MalformedError, VerificationError, ConflictError or NotAllowedError; then nothing was
        written. The same events again get the same answer.
        """
        logged = self.append_received(wires)
        return Appended(self.receipt(logged), logged)

    def append_received(self, events: Sequence[bytes | Received]) -> tuple[Logged, ...]:
        """Appends a request as `append` does, also of events that were read already; no receipt."""
        self._require_signer()
        prepared = self._prepare(events)
        if prepared.batch.entries:
            with self._writing():
                self.store.append(prepared.batch, confirm=prepared.confirm)
            self._tip = prepared.tip
            self._authority.update(prepared.authority)
            self._unsealed.update(_latest(prepared.heads))
        else:
            prepared.confirm()
        return prepared.logged

    def append_group(
        self, requests: Sequence[Sequence[Received]]
    ) -> list[tuple[Logged, ...] | TraceledgerError]:
        """Appends many requests in one transaction, each all or nothing by itself.

        Returns for each where its events stand, or the error for which nothing of it was written.
        Raises StorageError when the transaction fails; then nothing is known of any.
        """
        self._require_signer()
        self._refresh()
        group = Group(
            self.store,
            self._tip,
            self._authority,
            origin=self.origin,
            now=self.clock(),
            checks=self._checks,
        )
        group.prefetch(requests)
        answers = [group.add(request) for request in requests]
        batch = group.batch
        if batch.entries:
            with self._writing():
                self.store.append(batch)
            self._tip = group.tip
            self._authority = group.authority
            self._unsealed.update(_latest(batch.heads))
        return answers

    def receipt(self, logged: Sequence[Logged]) -> bytes:
        """Signs the receipt of events that were written; may be called from any thread."""
        leaves = tuple(LoggedLeaf(one.leaf_index, one.leaf) for one in logged)
        return sign_receipt(Receipt(self.origin, leaves), self._require_signer())

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Says where a request of events would stand, with all checks of `append`; writes nothing.

        Works without the log's key. Raises what `append` raises.
        """
        prepared = self._prepare(wires)
        prepared.confirm()
        return prepared.logged

    def publish(self) -> bytes:
        """Seals what is new and returns the newest signed checkpoint, a note.

        Raises NotFoundError `ledger.empty` for a log without an event, StorageError
        `ledger.damaged` when what is read back is not what was written.
        """
        signer = self._require_signer()
        self._refresh()
        self._sealer.sign(signer)
        if self._unsealed:
            with self._writing():
                self._tip = self._sealer.seal(self._tip, self._unsealed.values())
            self._unsealed = {}
            self._sealer.sign(signer)
        return self.checkpoint()

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint with its witnesses' lines; raises `ledger.unpublished`."""
        size = self.store.signed_size()
        row = self.store.read_checkpoint(size)
        if row is None:
            raise NotFoundError("ledger.unpublished", "no checkpoint was published yet")
        return self.cosigned(row)

    def cosigned(self, row: CheckpointRow) -> bytes:
        """The note of a signed checkpoint with the newest line of each of its witnesses."""
        lines = (cosignature.line for cosignature in self.store.read_cosignatures(row.size))
        return row.note.encode() + "".join(f"{line}\n" for line in lines).encode()

    def state(self, item: str) -> State | None:
        """What the rules know of an item now."""
        row = self.store.read_heads((item,)).get(item)
        return parse_state(row.state) if row else None

    def heads(self, items: Iterable[str]) -> Mapping[str, Head]:
        """What signers must know of items; unknown items are left out."""
        found = {}
        for item, row in self.store.read_heads(items).items():
            state = parse_state(row.state)
            found[item] = Head(state.first, row.seq, encode_base64url(row.head), row.life)
        return found

    def chain(self, item: str) -> list[Entry]:
        """All events of an item, in order; raises NotFoundError `item.unknown`."""
        chain = self.store.read_chain(item)
        if not chain:
            raise NotFoundError("item.unknown", f"this ledger has no {item}")
        return chain

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id."""
        return self.store.search(wanted)

    def close(self) -> None:
        """Ends the workers and closes the store."""
        self._checks.close()
        self.store.close()

    def map_at(self, size: int) -> SealedMap:
        """The map of latest heads as of a published checkpoint, for proofs.

        Two are kept: that of the newest checkpoint and that of the one asked for last. Raises
        StorageError `map.stale`.
        """
        return self._sealer.map if size == self._sealer.size else self._proofs.at(size)

    def _prepare(self, wires: Sequence[bytes | Received]) -> Prepared:
        self._refresh()
        return prepare(
            self.store,
            self._tip,
            self._authority,
            wires,
            origin=self.origin,
            now=self.clock(),
            checks=self._checks,
        )

    def _require_signer(self) -> NoteSigner:
        if self._signer is None:
            raise UsageError("ledger.key", "the ledger was opened for reading only")
        return self._signer

    def _ledger_state(self) -> LedgerState:
        state = self.state("ledger")
        if not isinstance(state, LedgerState):
            raise NotFoundError("ledger.empty", "this ledger was not founded yet")
        return state

    def _load(self) -> None:
        """Reads the end of the log and compares it with the newest head chosen for signing."""
        # The checkpoint first: another process may be adding to the log, never taking away.
        newest = self.store.newest_checkpoint()
        self._tip = read_log_end(self.store)
        if newest is not None:
            self._check_end(newest)
        self._authority = {}
        self._sealer = Sealer(self.store, self.origin)
        start = newest.size if newest else 0
        self._unsealed = {
            entry.item: Latest(entry.item, entry.seq, entry.leaf, entry.leaf_index)
            for entry in self.store.read_entries(start, self._tip.size)
        }
        self._known = True

    def _refresh(self) -> None:
        if not self._known:
            self._load()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Remembers that only the store knows the end of the log, where a write broke off."""
        try:
            yield
        except VerificationError:
            raise  # a false signature; nothing was written
        except BaseException:
            self._known = False
            raise

    def _check_end(self, newest: CheckpointRow) -> None:
        try:
            if newest.note:
                self._check_note(newest)
            intact = StoredTree(newest.size, self.store).root == newest.root
        except (MalformedError, VerificationError) as error:
            raise StorageError("ledger.damaged", f"checkpoint {newest.size}: {error}") from error
        if not intact:
            raise StorageError(
                "ledger.damaged", f"the tree is not the one that was chosen at size {newest.size}"
            )

    def _check_note(self, newest: CheckpointRow) -> None:
        note = newest.note.encode()
        if self._signer is None:
            signed = parse_checkpoint(parse_note(note).text)
        else:
            signed = open_checkpoint(note, self.origin, [self._signer.verifier]).checkpoint
        if signed != Checkpoint(self.origin, newest.size, newest.root):
            raise VerificationError("ledger.damaged", "the signed note says something else")


def _latest(rows: Iterable[HeadRow]) -> Iterator[tuple[str, Latest]]:
    for row in rows:
        yield row.item, Latest(row.item, row.seq, row.head, row.latest)
