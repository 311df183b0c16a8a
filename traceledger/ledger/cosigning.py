"""Asking the witnesses of a policy for cosignatures over HTTP (C2SP tlog-witness, the log's side).

Each witness has a thread of its own, so that a slow one delays neither the log nor the others. The
log publishes with the cosignatures that it has. A witness is asked for each new checkpoint, and
again for an unchanged one, so that its age is known; after a failure, with growing pauses.

Only one answer stops the log: a checkpoint that the log itself signed and does not contain. What a
witness merely states about its size is not signed, so that it cannot stop a log by it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from traceledger.errors import (
    MalformedError,
    NotFoundError,
    RemoteError,
    StorageError,
    TraceledgerError,
    VerificationError,
)
from traceledger.formats.checkpoint import open_checkpoint, parse_checkpoint
from traceledger.formats.encoding import parse_decimal
from traceledger.formats.note import NoteVerifier, parse_note
from traceledger.formats.policy import PolicyWitness
from traceledger.formats.problem import parse_problem
from traceledger.identifiers.excerpt import printable
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.witness_requests import make_request
from traceledger.merkle.nodes import StoredTree

__all__ = [
    "AskedWitness",
    "Cosigning",
    "Reply",
    "WitnessConnection",
    "ask_witness",
]

_REPEATS = 2  # further requests, if the witness states another size than the log expects
_SIZE = "text/x.tlog.size"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # seconds after a failure
_START = 5.0  # seconds in which the witnesses may show their checkpoints at the start
_END = 5.0  # seconds to wait for a request in progress at the end
_AGAIN = 240.0  # seconds until an unchanged checkpoint is cosigned again


class Reply(NamedTuple):
    """A witness's answer: HTTP status, media type and body."""

    status: int
    media_type: str
    body: bytes


class WitnessConnection(NamedTuple):
    """How a witness is reached: `submit` posts a request, `monitor` returns what it cosigned last.

    Both raise RemoteError if there is no answer. `close` ends the connection.
    """

    submit: Callable[[bytes], Reply]
    monitor: Callable[[], Reply]
    close: Callable[[], None] = lambda: None


Keep = Callable[[StorageError, bytes], None]
"""Receives the error that stops the log, and the checkpoint that proves it."""


class AskedWitness(NamedTuple):
    """The state of a witness: the size and time that it cosigned last, and its latest error."""

    name: str
    size: int
    time: int
    error: TraceledgerError | None


def ask_witness(
    ledger: Ledger,
    witness: PolicyWitness,
    connection: WitnessConnection,
    log_keys: Sequence[NoteVerifier],
    old: int,
    *,
    keep: Keep = lambda _error, _note: None,
) -> AskedWitness:
    """Asks a witness to cosign the newest checkpoint and stores its cosignature.

    `old` is the size that it presumably cosigned last; if it states another one, it is asked again
    from there. Raises RemoteError `witness.unproven` if it states a larger size than the log has
    published, RemoteError `witness.refused` with its finding, and the errors of `_check_shown`,
    `open_answer` and the connection.
    """
    # A database that was put back has published less than this witness cosigned: it states so.
    old = min(old, _published(ledger))
    reply = connection.submit(make_request(ledger, old))
    for _ in range(_REPEATS):
        if reply.status != 409 or reply.media_type != _SIZE:
            break
        old = parse_decimal(reply.body.removesuffix(b"\n"), "remote.answer")
        if old > _published(ledger):
            _check_shown(ledger, witness, connection, log_keys, keep=keep)
            raise RemoteError(
                "witness.unproven",
                f"{witness.name} states size {old:,}, the log has published {_published(ledger):,};"
                " no larger checkpoint that the log signed is shown",
            )
        reply = connection.submit(make_request(ledger, old))
    if reply.status != 200:
        # The log may be an older copy that has grown beyond what the witness cosigned.
        with contextlib.suppress(RemoteError):
            _check_shown(ledger, witness, connection, log_keys, keep=keep)
        raise RemoteError("witness.refused", f"{witness.name}: {_finding(reply)}")
    (row,) = ledger.accept_answer(reply.body, [witness.key])
    return AskedWitness(witness.name, row.size, row.time, None)


def _check_shown(
    ledger: Ledger,
    witness: PolicyWitness,
    connection: WitnessConnection,
    log_keys: Sequence[NoteVerifier],
    *,
    keep: Keep = lambda _error, _note: None,
) -> None:
    """Compares the log with the checkpoint that a witness shows.

    Raises StorageError `witness.ahead` if one of `log_keys` signed it and the log does not contain
    its tree, after `keep` received error and checkpoint; RemoteError if there is no answer.
    """
    note = connection.monitor().body
    try:
        shown = open_checkpoint(note, ledger.origin, log_keys).checkpoint
    except (MalformedError, VerificationError):
        return  # the log did not sign it
    # Read after the witness answered: it may show what the log published meanwhile.
    newest = _published(ledger)
    another = "" if shown.size > newest else " and has another tree of that size"
    if another and StoredTree(shown.size, ledger).root == shown.root:
        return
    ahead = StorageError(
        "witness.ahead",
        f"{witness.name} has a checkpoint of size {shown.size:,} that the log signed;"
        f" the log has published {newest:,}{another}",
    )
    keep(ahead, note)
    raise ahead


def _published(ledger: Ledger) -> int:
    """Returns the size of the newest checkpoint, 0 for none."""
    row = next(iter(ledger.newest_checkpoints(1)), None)
    return row.size if row else 0


def _size(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size


def _finding(reply: Reply) -> str:
    """What a witness states about its refusal."""
    try:
        return f"{parse_problem(reply.body)} (status {reply.status})"
    except MalformedError:
        text = reply.body[:500].decode(errors="replace").strip()
        return f"status {reply.status}: {printable(text, 200)}"


class Cosigning:
    """The threads that ask the witnesses of a policy, from `start` to `stop`."""

    def __init__(
        self,
        witnesses: Sequence[tuple[PolicyWitness, WitnessConnection]],
        *,
        log_keys: Sequence[NoteVerifier],
        open_ledger: Callable[[], AbstractContextManager[Ledger]],
        on_asked: Callable[[AskedWitness], None],
        keep: Callable[[bytes], None] = lambda _note: None,
        again: float = _AGAIN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepares a thread for each witness; `log_keys` are those of the log.

        `open_ledger` opens the ledger to add cosignatures; `on_asked` receives the state of a
        witness after each request, `keep` a checkpoint that the log signed and does not contain,
        which is then the `contradiction`, and `ahead` the error. `again` is in seconds.
        """
        self._log_keys = log_keys
        self.ahead: StorageError | None = None
        self._keep = keep
        self.contradiction = b""
        self._open_ledger = open_ledger
        self._on_asked = on_asked
        self._again = again
        self._monotonic = monotonic
        self._wake = threading.Condition()
        self._size = 0
        self._stopping = False
        self._compared: set[str] = set()
        self._states = {
            witness.name: AskedWitness(witness.name, 0, 0, None) for witness, _ in witnesses
        }
        self._threads = [
            threading.Thread(
                target=self._run, args=asked, name=f"witness {asked[0].name}", daemon=True
            )
            for asked in witnesses
        ]

    @property
    def states(self) -> tuple[AskedWitness, ...]:
        """The state of each witness."""
        return tuple(self._states.values())

    def check(self) -> None:
        """Raises StorageError `witness.ahead` if a witness ever showed a contradiction.

        What it answers later does not matter: the log signed that tree.
        """
        if self.ahead is not None:
            raise StorageError(self.ahead.code, self.ahead.message)

    def start(self) -> None:
        """Starts the threads, and compares the log with what the witnesses show.

        Returns once that was done, at the latest after five seconds.
        """
        for thread in self._threads:
            thread.start()
        with self._wake:
            self._wake.wait_for(lambda: self._compared >= self._states.keys(), _START)

    def update(self, size: int) -> None:
        """Wakes the threads for a new checkpoint of that size."""
        with self._wake:
            self._size = size
            self._wake.notify_all()

    def stop(self) -> None:
        """Ends the threads after the requests in progress, unless a witness is slow."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_END)

    def _run(self, witness: PolicyWitness, connection: WitnessConnection) -> None:
        pause, due = _FIRST_PAUSE, self._monotonic()
        with contextlib.closing(connection), contextlib.ExitStack() as opened:
            ledger = None
            while self._wait(witness.name, due):
                state = self._states[witness.name]
                try:
                    ledger = ledger or opened.enter_context(self._open_ledger())
                    if witness.name not in self._compared:
                        self._compare(ledger, witness, connection)
                    state = ask_witness(
                        ledger, witness, connection, self._log_keys, state.size, keep=self._note
                    )
                except NotFoundError:  # nothing has been published yet
                    due = self._monotonic() + pause
                    continue
                except TraceledgerError as error:
                    state = state._replace(error=error)
                    due, pause = self._monotonic() + pause, min(2 * pause, _LONGEST_PAUSE)
                else:
                    due, pause = self._monotonic() + self._again, _FIRST_PAUSE
                self._states[witness.name] = state
                self._on_asked(state)

    def _compare(
        self, ledger: Ledger, witness: PolicyWitness, connection: WitnessConnection
    ) -> None:
        """Compares the log with what a witness shows, once, before the log signs anything."""
        try:
            with contextlib.suppress(RemoteError):
                _check_shown(ledger, witness, connection, self._log_keys, keep=self._note)
        finally:
            with self._wake:
                self._compared.add(witness.name)
                self._wake.notify_all()

    def _note(self, ahead: StorageError, contradiction: bytes) -> None:
        """Stops the log, then keeps the largest checkpoint, so that both trees can be shown."""
        with self._wake:
            if self.ahead is None or _size(self.contradiction) <= _size(contradiction):
                self.ahead, self.contradiction = ahead, contradiction
        self._keep(contradiction)

    def _wait(self, name: str, due: float) -> bool:
        """Waits until the witness is to be asked; returns False at the end."""
        with self._wake:
            while not self._stopping:
                state = self._states[name]
                rest = due - self._monotonic()
                if rest <= 0 or (state.error is None and self._size > state.size):
                    return True
                self._wake.wait(rest)
            return False
