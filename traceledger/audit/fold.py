"""The account as a fold that rides on the verification of an archive."""

from __future__ import annotations

from typing import Any

import msgspec

from traceledger.audit.account import Account
from traceledger.audit.ahead import Ahead, Recomputed, Report
from traceledger.audit.comparison import ListRow
from traceledger.audit.details import Details, describe_details
from traceledger.audit.findings.all import find_all
from traceledger.audit.findings.finding import Finding
from traceledger.audit.output import describe_account, recompute
from traceledger.audit.picture import Picture
from traceledger.audit.recording import Recorder, RecorderState
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Snapshot, Sums
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["AccountFold", "AccountState"]

_NOTHING = Ahead()


class AccountState(msgspec.Struct):
    """The records of the log so far, the sums where periods begin, by size, and reports by name."""

    records: RecorderState = msgspec.field(default_factory=RecorderState)
    snapshots: dict[int, Snapshot] = {}
    reports: dict[str, list[Recomputed]] = {}


class AccountFold:
    """Computes the account of a scope in the pass of a verification.

    `customs` are the ids of the `admit` events whose parties attest, from the auditor's trust file;
    `rows` is customs' own list, if it is compared. `ahead` are the reported periods, which are
    recomputed, and the disputed events.
    """

    def __init__(
        self,
        scope: Scope,
        customs: tuple[str, ...],
        rows: tuple[ListRow, ...] = (),
        ahead: Ahead = _NOTHING,
    ) -> None:
        self._ahead = ahead
        self._starts = frozenset({scope.start, *(report.start for report in ahead.reports)})
        self._ends = frozenset(report.end for report in ahead.reports)
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
        self._recorder = Recorder(state.records, self._customs, self._ahead.disputes)
        self._finished: tuple[Account, list[Finding]] | None = None

    def step(self, entry: ReplayedEntry) -> None:
        """Reads the next entry of the scope."""
        index = entry.index
        if self._scope.end is not None and index >= self._scope.end:
            return
        opens = self._opens(entry)
        if index in self._starts or index in self._ends or opens:
            self._stop_at(index, opening=opens)
        self._recorder.read(entry)

    def finish(self) -> dict[str, Any]:
        """Returns the account as JSON (docs/spec/account.md, "Output")."""
        self._stop_at(self._state.records.size)
        picture = Picture(self._state.records, self._scope.as_of)
        account = Account(
            picture, self._scope, self._state.snapshots, self._rows, self._state.reports
        )
        self._finished = account, find_all(account)
        return describe_account(*self._finished)

    @property
    def finished(self) -> tuple[Account, list[Finding]]:
        """The account and its findings; call `finish` before it."""
        if self._finished is None:
            raise AssertionError("the account is not finished")
        return self._finished

    def details(self) -> Details:
        """Returns what a report lists beside the account; call `finish` before it."""
        return describe_details(*self.finished)

    def _stop_at(self, size: int, *, opening: bool = False) -> None:
        """Computes what later entries need of this size."""
        if size in self._starts or opening:
            self._take_snapshot()
        if size in self._ends:
            for report in sorted(self._ahead.reports):
                if report.end == size:
                    self._state.reports[report.name] = self._recompute(report)

    def _recompute(self, report: Report) -> list[Recomputed]:
        """Computes the account of a reported period once, and describes it of all books and one."""
        state, scope = self._state, Scope(report.start, report.end)
        account = Account(Picture(state.records), scope, state.snapshots, (), state.reports)
        found = []
        for one in (account, account.of_book(report.book)):
            described = describe_account(one, find_all(one))
            found.append(recompute(described))
        return found

    def _opens(self, entry: ReplayedEntry) -> bool:
        """Reports whether an entry is the first count of a book that starts in the middle."""
        event = entry.event
        if event is None or event.kind_name != "stocktake" or not entry.allowed:
            return False
        if event.data.opening is not True or self._state.records.newer:
            return False  # under newer rules no count is recorded, nor a new book
        book = self._recorder.things.get(event.payload.sub)
        return book is not None and not any(step.value("opening") for step in book.all("stocktake"))

    def _take_snapshot(self) -> None:
        records = self._state.records
        self._state.snapshots[records.size] = Sums(Picture(records)).snapshot()
