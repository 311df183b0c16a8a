"""The account as a fold that rides on the verification of an archive."""

from __future__ import annotations

from typing import Any

import msgspec

from traceledger.audit.account import Account
from traceledger.audit.comparison import ListRow
from traceledger.audit.findings.all import find_all
from traceledger.audit.output import describe_account
from traceledger.audit.picture import Picture
from traceledger.audit.recording import Recorder, RecorderState
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Snapshot, Sums
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["AccountFold", "AccountState"]


class AccountState(msgspec.Struct):
    """The records of the log so far, and the sums where periods begin, by size."""

    records: RecorderState = msgspec.field(default_factory=RecorderState)
    snapshots: dict[int, Snapshot] = {}


class AccountFold:
    """Computes the account of a scope in the pass of a verification.

    `customs` are the ids of the `admit` events whose parties attest, from the auditor's trust file;
    `rows` is customs' own list, if it is compared.
    """

    def __init__(
        self, scope: Scope, customs: tuple[str, ...], rows: tuple[ListRow, ...] = ()
    ) -> None:
        self._scope = scope
        self._rows = rows
        self._customs = customs
        self.resume(AccountState())

    @property
    def state(self) -> AccountState:
        """Everything read so far."""
        return self._state

    def resume(self, state: AccountState) -> None:
        """Continues from a stopped run's state."""
        self._state = state
        self._recorder = Recorder(state.records, self._customs)

    def step(self, entry: ReplayedEntry) -> None:
        """Reads the next entry of the scope."""
        if self._scope.end is not None and entry.index >= self._scope.end:
            return
        if entry.index == self._scope.start or _opens(entry):
            self._take_snapshot()
        self._recorder.read(entry)

    def finish(self) -> dict[str, Any]:
        """Returns the account as JSON (docs/spec/account.md, "Output")."""
        if self._state.records.size == self._scope.start:
            self._take_snapshot()
        picture = Picture(self._state.records, self._scope.as_of)
        account = Account(picture, self._scope, self._state.snapshots, self._rows)
        return describe_account(account, find_all(account))

    def _take_snapshot(self) -> None:
        records = self._state.records
        self._state.snapshots[records.size] = Sums(Picture(records)).snapshot()


def _opens(entry: ReplayedEntry) -> bool:
    """Reports whether an entry is the first count of a book that starts in the middle."""
    event = entry.event
    if event is None or event.kind_name != "stocktake" or not entry.allowed:
        return False
    return event.data.opening is True
