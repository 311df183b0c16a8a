"""The witness, which checks a tree and then cosigns it, in the order of C2SP tlog-witness.

An append-only witness checks that the new tree extends the tree that it cosigned last. A replaying
witness (customs) also replays every new entry through the rules and recomputes the map of latest
heads; its cosignature spares buyers the replay.

A server (`answer`) follows C2SP to the letter. For requests that travel as files, one check is
laxer: the tree that was cosigned last is cosigned again, whatever the value of `old`, where a
server answers 409. The previous answer may have been lost, and the new one differs in its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from traceledger.errors import (
    ConflictError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    StorageError,
    VerificationError,
)
from traceledger.events.encoding import encode_base64url
from traceledger.files.lock import lock_writer
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteVerifier, format_signatures, parse_note
from traceledger.formats.receipt import Receipt
from traceledger.formats.witness import WitnessRequest, parse_request
from traceledger.merkle.proofs import check_consistency
from traceledger.rules.lifecycle import RULES
from traceledger.rules.state import LedgerState
from traceledger.witness.record import Record, read_record, write_record
from traceledger.witness.replay import WitnessReplay, open_replay

__all__ = ["Fetch", "Witness"]

Fetch = Callable[[Checkpoint, int], Iterable[bytes]]
"""Returns the entries of a checkpoint's log from an index on."""

_UNPROVEN = (
    "Create the request again. If it fails again, the log may have two histories: keep both"
    " checkpoints as evidence and report it."
)


@dataclass(frozen=True, slots=True)
class _Request:
    """A request whose checkpoint the log signed, and the record of the tree cosigned last."""

    request: WitnessRequest
    checkpoint: Checkpoint
    record: Record | None

    @property
    def size(self) -> int:
        """The size of the tree cosigned last, 0 if there is none."""
        return self.record.size if self.record else 0

    @property
    def repeats(self) -> bool:
        """Whether the request is for the tree cosigned last, whose answer may have been lost."""
        record, tree = self.record, self.checkpoint
        return record is not None and (tree.size, tree.root) == (record.size, record.root)

    def check_history(self) -> None:
        """Raises VerificationError `witness.fork` for a second tree of the size cosigned last."""
        if self.record and self.checkpoint.size == self.record.size and not self.repeats:
            raise VerificationError(
                "witness.fork",
                f"at size {self.record.size}, the log signed a different tree from the one that"
                " this witness cosigned",
            )

    def check_served(self) -> None:
        """Performs the checks of C2SP tlog-witness on the sizes and the proof, in its order.

        Raises MalformedError `witness.request`, ConflictError `witness.size`, VerificationError
        `witness.fork` or `merkle.proof`.
        """
        old, new = self.request.old, self.checkpoint.size
        if old > new:
            raise MalformedError("witness.request", f"old size {old} exceeds the size {new}")
        self._check_old()
        self.check_history()
        if old == new and self.request.proof:
            raise VerificationError("merkle.proof", "a request for the same size needs no proof")
        if new:
            self.check_growth()

    def check_growth(self) -> None:
        """Checks that the tree extends the tree cosigned last.

        Raises ConflictError `witness.size`, VerificationError `merkle.proof`.
        """
        old, proof = self.request.old, self.request.proof
        if self.repeats:
            return
        self._check_old()
        if self.record is not None:
            new = self.checkpoint
            try:
                check_consistency(old, new.size, self.record.root, new.root, proof)
            except VerificationError as error:
                raise VerificationError(error.code, error.message, hint=_UNPROVEN) from error
        elif proof or self.checkpoint.size == 0:
            raise VerificationError(
                "merkle.proof", "a first request needs a tree with entries, and no proof"
            )

    def _check_old(self) -> None:
        if self.request.old != self.size:
            raise ConflictError(
                "witness.size",
                f"the request starts at size {self.request.old};"
                f" the witness last cosigned size {self.size}",
            )


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of one log.

    `record` is the file that records the tree cosigned last; it must never be rolled back. A
    replaying witness keeps its replay beside this file; the replay can be rebuilt.
    """

    cosigner: Cosigner
    log_key: NoteVerifier
    record: Path

    @property
    def origin(self) -> str:
        """The origin of the witnessed log."""
        return self.log_key.name

    @property
    def replay(self) -> Path:
        """The path of the replay."""
        return self.record.with_suffix(".replay")

    def size(self) -> int:
        """The size of the tree cosigned last, 0 if there is none."""
        record = read_record(self.record, self.origin)
        return record.size if record else 0

    def check_mode(self, *, replaying: bool) -> None:
        """Raises ConflictError `witness.kind` if the witness cosigned in its other mode before."""
        record = read_record(self.record, self.origin)
        if record is not None and record.replayed != replaying:
            before = "with" if record.replayed else "without"
            raise ConflictError("witness.kind", f"this witness cosigned {before} a replay before")

    def check(self, request: bytes) -> None:
        """Performs the checks of `cosign` and raises its errors; writes nothing."""
        with self._checking(request):
            pass

    def cosign(self, request: bytes, now: int) -> bytes:
        """Checks that the tree only grew, records it and returns a signature line.

        `now` is in seconds since 1970. Raises ConflictError `witness.size` when the request does
        not start at the recorded size, `witness.kind` when this witness replays, BusyError
        `store.busy` while another process cosigns with the same record, StorageError
        `witness.memory`, VerificationError `witness.fork` for a second tree of the recorded size,
        and other VerificationErrors for false signatures and proofs.
        """
        with self._checking(request) as checked:
            return self._answer(checked, now, None)

    def check_replayed(
        self, request: bytes, entries: Iterable[bytes], *, receipts: Iterable[Receipt] = ()
    ) -> None:
        """Performs the checks of `cosign_replayed` and raises its errors; writes nothing."""
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
        """Replays the entries from the request's old size to its new size, then cosigns.

        If the replay is behind the record, the request must start at the end of the replay or
        earlier; the message of `witness.size` gives that size. Raises VerificationError for a
        dishonest log, illegal events, rules that are newer than this witness, and an event that is
        missing although one of `receipts`, held by the witness's party, promised it. Also raises
        the errors of `cosign`, ConflictError `witness.kind` when this witness never replayed, and
        StorageError `witness.replay` for a replay that is damaged or ahead of the record.
        """
        with self._replaying(self.replay, request, entries, receipts) as (checked, replay):
            return self._answer(checked, now, replay)

    def answer(
        self,
        request: bytes,
        clock: Callable[[], float],
        fetch: Fetch | None,
        *,
        receipts: Iterable[Receipt] = (),
    ) -> bytes:
        """Answers a request to a server, as C2SP tlog-witness prescribes; returns a signature line.

        `fetch` returns the entries from an index to the end of a checkpoint, in order; a replaying
        witness calls it for the entries that it has not replayed. None is for an append-only
        witness; see `check_mode`. `clock` is read after the checks. Raises the errors of `cosign`
        and `cosign_replayed`, MalformedError for a request that cannot be parsed or whose old size
        is larger than its checkpoint, NotFoundError `witness.origin` for another log,
        NotAllowedError `witness.signature` if the log did not sign, and the errors of `fetch`.
        """
        with lock_writer(self.record):
            checked = self._open_served(request)
            checked.check_served()
            if fetch is None:
                return self._answer(checked, int(clock()), None)
            with open_replay(self.replay, self.origin) as replay:
                _check_position(replay, checked.record)
                start = replay.size
                _catch_up(replay, checked, fetch(checked.checkpoint, start), start)
                _check_replayed(replay, checked.checkpoint, receipts)
                return self._answer(checked, int(clock()), replay)

    @contextmanager
    def _checking(self, request: bytes) -> Iterator[_Request]:
        with lock_writer(self.record):
            checked = self._open(request)
            checked.check_history()
            checked.check_growth()
            if checked.record is not None and checked.record.replayed:
                raise ConflictError("witness.kind", "this witness cosigns only after a replay")
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
            checked.check_history()
            if checked.record is not None and not checked.record.replayed:
                checked.check_growth()
                raise ConflictError("witness.kind", "this witness cosigned without a replay before")
            with open_replay(path, self.origin) as replay:
                _check_position(replay, checked.record)
                _check_start(replay, checked)
                _catch_up(replay, checked, entries, checked.request.old)
                _check_replayed(replay, checked.checkpoint, receipts)
                yield checked, replay

    def _open(self, request: bytes) -> _Request:
        parsed = parse_request(request)
        opened = open_checkpoint(parsed.checkpoint, self.origin, [self.log_key])
        return _Request(parsed, opened.checkpoint, read_record(self.record, self.origin))

    def _open_served(self, request: bytes) -> _Request:
        lines = parse_note(parse_request(request).checkpoint).text.split(b"\n")
        if lines[0] != self.origin.encode():
            raise NotFoundError("witness.origin", f"this witness observes {self.origin}")
        try:
            return self._open(request)
        except VerificationError as error:
            raise NotAllowedError("witness.signature", error.message) from error
        except MalformedError as error:
            if lines[1:2] == [b"0"]:  # what is false is the tree, not the form
                raise VerificationError(error.code, error.message) from error
            raise

    def _answer(self, checked: _Request, now: int, replay: WitnessReplay | None) -> bytes:
        before, new = checked.record, checked.checkpoint
        # After a clock was set back, a newer cosignature must not look older than the last one.
        time = max(now, before.time if before else 0)
        record = Record(new.size, new.root, time, replayed=replay is not None)
        write_record(self.record, self.origin, record)
        if replay is not None:
            replay.keep()
        text = checked.request.checkpoint.partition(b"\n\n")[0] + b"\n"
        return format_signatures([cosign(text, time, self.cosigner)])


def _check_position(replay: WitnessReplay, record: Record | None) -> None:
    """Checks that the replay is not ahead of the record, and has its root if it has its size."""
    size = record.size if record else 0
    if replay.size > size:
        raise StorageError(
            "witness.replay",
            f"the log was replayed up to size {replay.size}, but the record has size {size}:"
            " the record is an older copy",
        )
    if record is not None and replay.size == size and replay.frontier.root != record.root:
        raise StorageError("witness.replay", "replay and record belong to different trees")


def _check_start(replay: WitnessReplay, checked: _Request) -> None:
    """Checks that the entries of a request folder begin where the replay ends, or earlier."""
    before, new, old = checked.record, checked.checkpoint, checked.request.old
    behind = before is not None and replay.size < before.size
    if not (behind and old <= replay.size):
        checked.check_growth()
    if old > replay.size and new.size > replay.size:
        raise ConflictError(
            "witness.size",
            f"the request starts at size {old}; the replay continues from {replay.size}",
        )


def _catch_up(
    replay: WitnessReplay, checked: _Request, entries: Iterable[bytes], first: int
) -> None:
    """Replays up to the new size and compares the tree cosigned last on the way.

    `first` is the log index of the first of `entries`.
    """
    before, new = checked.record, checked.checkpoint
    skipped = max(replay.size - first, 0)
    remaining = islice(iter(entries), skipped, skipped + max(new.size - replay.size, 0))
    if before is not None:
        replay.take(islice(remaining, before.size - replay.size))
        if replay.frontier.root != before.root:
            raise VerificationError(
                "merkle.proof",
                f"at size {before.size}, the log differs from the tree cosigned last",
                hint=_UNPROVEN,
            )
    replay.take(remaining)


def _check_replayed(
    replay: WitnessReplay, checkpoint: Checkpoint, receipts: Iterable[Receipt]
) -> None:
    log = replay.log
    if replay.size != checkpoint.size or replay.frontier.root != checkpoint.root:
        raise VerificationError(
            "witness.entries", f"the entries do not match the tree of size {checkpoint.size}"
        )
    if log.last_seal != checkpoint.size - 1:
        raise VerificationError("seal.missing", "the checkpoint does not end in a seal")
    for illegal in log.world.illegal:
        raise VerificationError("log.illegal", str(illegal.error), where=f"entry {illegal.index}")
    ledger = log.world.state("ledger")
    if isinstance(ledger, LedgerState) and ledger.rules > RULES:
        raise VerificationError(
            "rules.newer",
            f"the ledger follows rules version {ledger.rules}; this witness knows version {RULES}",
        )
    for leaf in (leaf for receipt in receipts for leaf in receipt.leaves):
        if replay.leaf(leaf.index) != leaf.hash:
            raise VerificationError(
                "witness.receipt",
                f"the ledger promised event {encode_base64url(leaf.hash)} as entry {leaf.index},"
                " but the log does not contain it there",
            )
