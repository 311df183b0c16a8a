"""The witness: what it checks before it cosigns, in the order of C2SP tlog-witness.

An append-only witness checks that the new tree extends the one it cosigned before. A replaying
witness (customs) also replays every new entry through the rules and recomputes the map of latest
heads; its cosignature is what spares a buyer the replay.

In one thing it is laxer than C2SP, because requests travel as files: for the very tree that was
cosigned last it answers again, whatever `old` says, where a server says 409. The answer may have
been lost on the way, and it says nothing new but its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from traceledger.errors import ConflictError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.files.lock import lock_writer
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteVerifier, format_signatures
from traceledger.formats.receipt import Receipt
from traceledger.formats.witness import WitnessRequest, parse_request
from traceledger.merkle.proofs import check_consistency
from traceledger.merkle.tree import Frontier
from traceledger.rules.lifecycle import RULES
from traceledger.rules.state import LedgerState
from traceledger.verify.log import LogReplay
from traceledger.witness.record import Memory, Replayed, read_memory, write_memory

__all__ = ["Witness"]


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of one log. `memory` is the file with what it cosigned; it must never go back."""

    cosigner: Cosigner
    log_key: NoteVerifier
    memory: Path

    @property
    def origin(self) -> str:
        """The origin of the log that is witnessed."""
        return self.log_key.name

    def size(self) -> int:
        """The size that was cosigned last, 0 for never."""
        memory = read_memory(self.memory, self.origin)
        return memory.size if memory else 0

    def cosign(self, request: bytes, now: int) -> bytes:
        """Checks that the tree only grew, remembers it, and answers with a signature line.

        `now` is in seconds since 1970. Raises ConflictError `witness.size` when the request starts
        from another size than the one remembered, `witness.kind` when this witness replays,
        BusyError `store.busy` while another process cosigns from the same memory, StorageError
        `witness.memory`, and VerificationError for everything false.
        """
        with lock_writer(self.memory):
            wanted, checkpoint, before = self._open(request)
            if before is not None and before.replayed is not None:
                raise ConflictError("witness.kind", "this witness replayed what it cosigned before")
            self._check_growth(wanted, checkpoint, before)
            return self._answer(wanted, checkpoint, now, before, None)

    def cosign_replayed(
        self,
        request: bytes,
        entries: Iterable[bytes],
        now: int,
        *,
        receipts: Iterable[Receipt] = (),
    ) -> bytes:
        """Replays the entries from the size remembered to the new one, then cosigns.

        Refuses, with VerificationError, dishonesty, illegal events, rules that are newer than this
        witness, and a tree without an event for which the witness's own party holds one of
        `receipts`. Raises as `cosign`; `witness.kind` when this witness never replayed.
        """
        with lock_writer(self.memory):
            wanted, checkpoint, before = self._open(request)
            self._check_growth(wanted, checkpoint, before)
            if before is None:
                replayed = Replayed(LogReplay.start(self.origin), Frontier())
            elif before.replayed is None:
                raise ConflictError("witness.kind", "this witness never replayed what it cosigned")
            else:
                replayed = before.replayed
            log = replayed.log
            coming = islice(iter(entries), checkpoint.size - log.size)
            frontier = replayed.frontier.extended(log.take(entry) for entry in coming)
            replayed = Replayed(log, frontier)
            self._check_replayed(replayed, checkpoint, receipts)
            return self._answer(wanted, checkpoint, now, before, replayed)

    def _open(self, request: bytes) -> tuple[WitnessRequest, Checkpoint, Memory | None]:
        wanted = parse_request(request)
        opened = open_checkpoint(wanted.checkpoint, self.origin, [self.log_key])
        before = read_memory(self.memory, self.origin)
        size = before.size if before else 0
        if wanted.old != size and not _is_same(opened.checkpoint, before):
            raise ConflictError("witness.size", f"old {wanted.old} given, {size} was cosigned last")
        return wanted, opened.checkpoint, before

    def _check_growth(
        self, wanted: WitnessRequest, checkpoint: Checkpoint, before: Memory | None
    ) -> None:
        if before is None:
            if wanted.proof or checkpoint.size == 0:
                raise VerificationError("merkle.proof", "nothing leads from size 0 by a proof")
            return
        if _is_same(checkpoint, before):
            return
        check_consistency(before.size, checkpoint.size, before.root, checkpoint.root, wanted.proof)

    def _check_replayed(
        self, replayed: Replayed, checkpoint: Checkpoint, receipts: Iterable[Receipt]
    ) -> None:
        log, frontier = replayed
        if log.size != checkpoint.size or frontier.root != checkpoint.root:
            raise VerificationError(
                "witness.entries", f"the entries given are not those of size {checkpoint.size}"
            )
        if log.last_seal != checkpoint.size - 1:
            raise VerificationError("seal.missing", "the checkpoint does not end in a seal")
        for illegal in log.world.illegal:
            raise VerificationError(
                "log.illegal", str(illegal.error), where=f"entry {illegal.index}"
            )
        ledger = log.world.state("ledger")
        if isinstance(ledger, LedgerState) and ledger.rules > RULES:
            raise VerificationError(
                "rules.newer",
                f"the ledger follows rules {ledger.rules}, this witness knows {RULES}",
            )
        promised = {encode_base64url(leaf.hash) for receipt in receipts for leaf in receipt.leaves}
        for trail in log.world.trails.values() if promised else ():
            promised.difference_update(trail)
        for event in sorted(promised):
            raise VerificationError(
                "witness.receipt", f"the ledger promised event {event} and does not have it"
            )

    def _answer(
        self,
        wanted: WitnessRequest,
        checkpoint: Checkpoint,
        now: int,
        before: Memory | None,
        replayed: Replayed | None,
    ) -> bytes:
        # A clock that went back must not make an older cosignature look newer.
        time = max(now, before.time if before else 0)
        memory = Memory(checkpoint.size, checkpoint.root, time, replayed)
        write_memory(self.memory, self.origin, memory)
        text = wanted.checkpoint.partition(b"\n\n")[0] + b"\n"
        return format_signatures([cosign(text, time, self.cosigner)])


def _is_same(checkpoint: Checkpoint, before: Memory | None) -> bool:
    """Tells whether this very tree was cosigned last: then the answer may have been lost."""
    return before is not None and (checkpoint.size, checkpoint.root) == (before.size, before.root)
