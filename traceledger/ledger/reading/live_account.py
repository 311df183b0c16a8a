"""The account's records of a growing log, for one reader: each new entry is read once.

Three kinds of event change what was read before them: `erase` removes fields of earlier events,
`writeoff` needs the figures as of an earlier size, and `revoke_key` can dispute earlier events.
After any of them, the log is read again from its beginning.

What was read is hashed, so that no figure is shown of entries that contradict a signed checkpoint.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from traceledger.audit.account import Account
from traceledger.audit.ahead import Report, look_ahead
from traceledger.audit.cores import CoreRow, list_cores
from traceledger.audit.findings.all import find_all
from traceledger.audit.findings.finding import Finding
from traceledger.audit.fold import AccountFold, AccountState
from traceledger.audit.output import Json, describe_account, hash_report
from traceledger.audit.picture import Picture
from traceledger.audit.registry import RegistryFold, RegistryState
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Snapshot, Sums
from traceledger.errors import StorageError
from traceledger.events.encoding import encode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import parse_note
from traceledger.identifiers.items import kid_of
from traceledger.ledger.reading.account_entries import as_replayed
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tree import Frontier
from traceledger.verify.archive.fold import ReplayedEntry
from traceledger.views.history import Reader

__all__ = ["Computed", "LiveAccount", "Records", "compute", "take_snapshot"]

Progress = Callable[[int], None]


class Records(NamedTuple):
    """What was read of a log up to a size: the account's records, keys and changes, the tree."""

    account: AccountState
    registry: RegistryState
    tree: Frontier

    @property
    def size(self) -> int:
        """The number of entries read."""
        return self.account.records.size


@dataclass(frozen=True)
class Computed:
    """An account with its JSON, its findings, keys and changes, as of a published size.

    What pages ask for again and again is computed once.
    """

    account: Account
    described: Json
    findings: tuple[Finding, ...]
    registry: RegistryState

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the JSON, in hex."""
        return hash_report(self.described)

    @cached_property
    def cores(self) -> tuple[CoreRow, ...]:
        """All cores, in log order."""
        return tuple(list_cores(self.account))

    @cached_property
    def findings_by_subject(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings by subject."""
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.subject, []).append(finding)
        return {subject: tuple(findings) for subject, findings in found.items()}


class LiveAccount:
    """Reads a log into the records of the account; any number of threads may share it.

    `trusted` are the ids of the `admit` events whose parties attest.
    """

    def __init__(self, ledger: LedgerReader, reader: Reader, trusted: tuple[str, ...]) -> None:
        self._ledger = ledger
        self._reader = reader
        self._trusted = trusted
        self._lock = threading.Lock()
        self.passes = 0
        self.size = 0
        self._begin()

    def follow(self, size: int, on_progress: Progress = lambda _size: None) -> None:
        """Reads the entries up to a size; `on_progress` receives the number of those read."""
        with self._lock:
            while self.size < size and self._read(size, on_progress):
                self._begin()

    def freeze(self, size: int) -> Records | None:
        """Returns the records as of a size, which later entries do not change.

        Returns None if the log was read further than that. Raises StorageError `ledger.damaged` if
        the entries contradict the signed checkpoint of that size.
        """
        with self._lock:
            if self.size != size:
                return None
            self._check_tree()
            return _copy(Records(self._fold.state, self._registry.state, self._tree))

    def past(self, records: Records | None) -> LiveAccount:
        """Returns another account for the same reader, which continues from earlier records."""
        found = LiveAccount(self._ledger, self._reader, self._trusted)
        if records is not None:
            copied = _copy(records)
            found._fold.resume(copied.account)
            found._registry.resume(copied.registry)
            found._tree = records.tree
            found.size = records.size
        return found

    def _begin(self) -> None:
        self._known = self._ledger.size
        self._ahead = look_ahead(self._ledger.read_bodies(0, self._known))
        self._fold = AccountFold(Scope(), self._trusted, (), self._ahead)
        self._registry = RegistryFold(Scope())
        self._tree = Frontier()
        self.size = 0
        self.passes += 1

    def _read(self, size: int, on_progress: Progress) -> bool:
        """Reads entries up to a size; returns True if an entry changed what was read before it."""
        for entry in self._ledger.read_entries(self.size, size):
            replayed = as_replayed(entry, self._reader)
            if replayed.index >= self._known and self._changes_the_past(replayed):
                return True
            self._fold.step(replayed)
            self._registry.step(replayed)
            self._tree = self._tree.extended((leaf_hash(entry.body),))
            self.size = replayed.index + 1
            on_progress(self.size)
        return False

    def _check_tree(self) -> None:
        row = self._ledger.read_checkpoint(self.size)
        if row is None or not row.note:
            return
        signed = parse_checkpoint(parse_note(row.note.encode()).text).root
        if signed != self._tree.root:
            raise StorageError(
                "ledger.damaged",
                f"the {self.size:,} entries hash to {encode_base64(self._tree.root).decode()}, the"
                f" signed checkpoint states {encode_base64(signed).decode()}",
            )

    def _changes_the_past(self, entry: ReplayedEntry) -> bool:
        event = entry.event
        if event is None:
            return False
        match event.kind_name:
            case "erase":
                return self._loses_field(event)
            case "writeoff":
                data = event.data
                report = Report(event.payload.sub, data.from_size, data.to_size)
                return report not in self._ahead.reports
            case "revoke_key":
                since, kid = event.data.compromised_since, kid_of(event.payload.sub)
                known = self._ahead.disputes.get(kid, frozenset())
                return since is not msgspec.UNSET and since not in known
            case _:
                return False

    def _loses_field(self, erasing: Event) -> bool:
        """Reports whether an event erases a field that this reader could see."""
        target = erasing.refs[0].event
        for entry in self._ledger.read_chain(erasing.payload.sub):
            if encode_base64url(entry.leaf) == target:
                event = parse_token(entry.body, leaf=entry.leaf)
                fields = event.kind.fields if event.kind else {}
                seen = (
                    self._reader.may_see(fields[name].visibility, event)
                    for name in erasing.data.fields
                    if name in fields
                )
                return any(seen)
        return True


def compute(records: Records, scope: Scope, opening: Snapshot | None = None) -> Computed:
    """Computes the account of a scope whose end is the size of the records.

    `opening` contains the sums where the period begins; it is not needed for a period from 1.
    """
    state = records.account
    snapshots = state.snapshots if opening is None else {**state.snapshots, scope.start: opening}
    account = Account(Picture(state.records, scope.as_of), scope, snapshots, (), state.reports)
    findings = tuple(find_all(account))
    return Computed(account, describe_account(account, findings), findings, records.registry)


def take_snapshot(records: Records) -> Snapshot:
    """Returns the sums of the records, at which a later period can begin."""
    return Sums(Picture(records.account.records)).snapshot()


def _copy(records: Records) -> Records:
    """Copies what later entries change."""
    registry = records.registry
    keys = {kid: replace(key) for kid, key in registry.keys.items()}
    copied = RegistryState(keys, list(registry.changes))
    return Records(_copy_account(records.account), copied, records.tree)


def _copy_account(state: AccountState) -> AccountState:
    """Copies the containers that later entries change; what they contain is never changed."""
    records = state.records
    return AccountState(
        records=replace(
            records,
            things=dict(records.things),
            parties=replace(
                records.parties,
                keys=dict(records.parties.keys),
                parties=dict(records.parties.parties),
                attesting=set(records.parties.attesting),
            ),
            seals=list(records.seals),
            notes=dict(records.notes),
            here={book: dict(counts) for book, counts in records.here.items()},
            disputed=dict(records.disputed),
        ),
        snapshots=dict(state.snapshots),
        reports=dict(state.reports),
    )
