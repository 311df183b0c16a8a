"""The witness: what it checks before it cosigns, in the order of C2SP tlog-witness.

An append-only witness checks that the new tree extends the one it cosigned before. A replaying
witness (customs) also replays every new entry through the rules and recomputes the map of latest
heads; its cosignature is what spares a buyer the replay.

In one thing it is laxer than C2SP, because requests travel as files: for the very tree that was
cosigned last it answers again, whatever `old` says, where a server says 409. The answer may have
been lost on the way, and it says nothing new but its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from traceledger.errors import ConflictError, StorageError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.files.lock import lock_writer
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteVerifier, format_signatures
from traceledger.formats.receipt import Receipt
from traceledger.formats.witness import WitnessRequest, parse_request
from traceledger.merkle.proofs import check_consistency
from traceledger.rules.lifecycle import RULES
from traceledger.rules.state import LedgerState
from traceledger.witness.record import Record, read_record, write_record
from traceledger.witness.replay import WitnessReplay, open_replay

__all__ = ["Witness"]


@dataclass(frozen=True, slots=True)
class _Request:
    """A request whose checkpoint the log signed, and what was cosigned before it."""

    wanted: WitnessRequest
    checkpoint: Checkpoint
    before: Record | None

    @property
    def size(self) -> int:
        """The size that was cosigned last, 0 for never."""
        return self.before.size if self.before else 0

    @property
    def repeats(self) -> bool:
        """Whether this very tree was cosigned last: then the answer may have been lost."""
        before, tree = self.before, self.checkpoint
        return before is not None and (tree.size, tree.root) == (before.size, before.root)

    def check_growth(self) -> None:
        """Checks that the tree extends the one cosigned last.

        Raises ConflictError `witness.size`, VerificationError `merkle.proof`.
        """
        old, proof = self.wanted.old, self.wanted.proof
        if self.repeats:
            return
        if old != self.size:
            raise ConflictError("witness.size", f"old {old} given, {self.size} was cosigned last")
        if self.before is not None:
            new = self.checkpoint
            check_consistency(old, new.size, self.before.root, new.root, proof)
        elif proof or self.checkpoint.size == 0:
            raise VerificationError("merkle.proof", "nothing leads from size 0 by a proof")


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of one log.

    `record` is the file that says what it cosigned last; it must never go back. A replaying witness
    keeps its replay beside it, which can be built again.
    """

    cosigner: Cosigner
    log_key: NoteVerifier
    record: Path

    @property
    def origin(self) -> str:
        """The origin of the log that is witnessed."""
        return self.log_key.name

    @property
    def replay(self) -> Path:
        """The file that holds the replay."""
        return self.record.with_suffix(".replay")

    def size(self) -> int:
        """The size that was cosigned last, 0 for never."""
        before = read_record(self.record, self.origin)
        return before.size if before else 0

    def check(self, request: bytes) -> None:
        """Checks what `cosign` checks, and raises what it raises; writes nothing."""
        with self._checking(request):
            pass

    def cosign(self, request: bytes, now: int) -> bytes:
        """Checks that the tree only grew, records it, and answers with a signature line.

        `now` is in seconds since 1970. Raises ConflictError `witness.size` when the request starts
        from another size than the one recorded, `witness.kind` when this witness replays, BusyError
        `store.busy` while another process cosigns with the same record, StorageError
        `witness.memory`, and VerificationError for everything false.
        """
        with self._checking(request) as checked:
            return self._answer(checked, now, None)

    def check_replayed(
        self, request: bytes, entries: Iterable[bytes], *, receipts: Iterable[Receipt] = ()
    ) -> None:
        """Checks what `cosign_replayed` checks, and raises what it raises; writes nothing."""
        stored = self.replay if self.replay.exists() else None
        with self._replaying(stored, request, entries, receipts):
            pass

    def cosign_replayed(
        self,
        request: bytes,
        entries: Iterable[bytes],
        now: int,
        *,
        receipts: Iterable[Receipt] = (),
    ) -> bytes:
        """Replays the entries from the request's old size to the new one, then cosigns.

        When the replay is behind the record, the request must start where the replay ends, or
        earlier; `witness.size` says where that is. Refuses, with VerificationError, dishonesty,
        illegal events, rules that are newer than this witness, and a tree without an event for
        which the witness's own party holds one of `receipts`. Raises as `cosign`; `witness.kind`
        when this witness never replayed, StorageError `witness.replay` for a replay that is
        damaged or ahead of the record.
        """
        with self._replaying(self.replay, request, entries, receipts) as (checked, replay):
            return self._answer(checked, now, replay)

    @contextmanager
    def _checking(self, request: bytes) -> Iterator[_Request]:
        with lock_writer(self.record):
            checked = self._open(request)
            checked.check_growth()
            if checked.before is not None and checked.before.replayed:
                raise ConflictError("witness.kind", "this witness replayed what it cosigned before")
            yield checked

    @contextmanager
    def _replaying(
        self,
        path: Path | None,
        request: bytes,
        entries: Iterable[bytes],
        receipts: Iterable[Receipt],
    ) -> Iterator[tuple[_Request, WitnessReplay]]:
        with lock_writer(self.record):
            checked = self._open(request)
            if checked.before is not None and not checked.before.replayed:
                checked.check_growth()
                raise ConflictError("witness.kind", "this witness never replayed what it cosigned")
            with open_replay(path, self.origin) as replay:
                _check_place(replay, checked.before)
                _bring_forward(replay, checked, entries)
                _check_replayed(replay, checked.checkpoint, receipts)
                yield checked, replay

    def _open(self, request: bytes) -> _Request:
        wanted = parse_request(request)
        opened = open_checkpoint(wanted.checkpoint, self.origin, [self.log_key])
        return _Request(wanted, opened.checkpoint, read_record(self.record, self.origin))

    def _answer(self, checked: _Request, now: int, replay: WitnessReplay | None) -> bytes:
        before, new = checked.before, checked.checkpoint
        # A clock that went back must not make an older cosignature look newer.
        time = max(now, before.time if before else 0)
        record = Record(new.size, new.root, time, replayed=replay is not None)
        write_record(self.record, self.origin, record)
        if replay is not None:
            replay.keep()
        text = checked.wanted.checkpoint.partition(b"\n\n")[0] + b"\n"
        return format_signatures([cosign(text, time, self.cosigner)])


def _check_place(replay: WitnessReplay, before: Record | None) -> None:
    """Checks that the replay is not ahead of the record, and at its size has its root."""
    size = before.size if before else 0
    if replay.size > size:
        raise StorageError(
            "witness.replay",
            f"the log was replayed up to size {replay.size}, the record says {size}:"
            " it is an older copy",
        )
    if before is not None and replay.size == size and replay.frontier.root != before.root:
        raise StorageError("witness.replay", "the replay is of another tree than the record")


def _bring_forward(replay: WitnessReplay, checked: _Request, entries: Iterable[bytes]) -> None:
    """Replays up to the new size, through the tree that was cosigned last."""
    before, new, old = checked.before, checked.checkpoint, checked.wanted.old
    behind = before is not None and replay.size < before.size
    if not (behind and old <= replay.size):
        checked.check_growth()
    if old > replay.size and new.size > replay.size:
        raise ConflictError(
            "witness.size", f"old {old} given, the replay continues from {replay.size}"
        )
    skipped = max(replay.size - old, 0)
    coming = islice(iter(entries), skipped, skipped + max(new.size - replay.size, 0))
    if before is not None:
        replay.take(islice(coming, before.size - replay.size))
        if replay.frontier.root != before.root:
            raise VerificationError(
                "merkle.proof", f"at size {before.size} the log is not the one cosigned before"
            )
    replay.take(coming)


def _check_replayed(
    replay: WitnessReplay, checkpoint: Checkpoint, receipts: Iterable[Receipt]
) -> None:
    log = replay.log
    if replay.size != checkpoint.size or replay.frontier.root != checkpoint.root:
        raise VerificationError(
            "witness.entries", f"the entries given are not those of size {checkpoint.size}"
        )
    if log.last_seal != checkpoint.size - 1:
        raise VerificationError("seal.missing", "the checkpoint does not end in a seal")
    for illegal in log.world.illegal:
        raise VerificationError("log.illegal", str(illegal.error), where=f"entry {illegal.index}")
    ledger = log.world.state("ledger")
    if isinstance(ledger, LedgerState) and ledger.rules > RULES:
        raise VerificationError(
            "rules.newer",
            f"the ledger follows rules {ledger.rules}, this witness knows {RULES}",
        )
    for leaf in (leaf for receipt in receipts for leaf in receipt.leaves):
        if replay.leaf(leaf.index) != leaf.hash:
            raise VerificationError(
                "witness.receipt",
                f"the ledger promised event {encode_base64url(leaf.hash)} as entry {leaf.index}"
                " and does not have it there",
            )
