"""One run of `traceledger audit`: its folds, and the report that is made of them."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from traceledger.audit.ahead import Ahead
from traceledger.audit.comparison import ListRow
from traceledger.audit.cores import list_cores
from traceledger.audit.findings.all import find_all
from traceledger.audit.fold import AccountFold
from traceledger.audit.output import describe_account, hash_report
from traceledger.audit.registry import RegistryFold
from traceledger.audit.sampling import DrawnFrom
from traceledger.audit.scope import Scope
from traceledger.files.installation import find_installation
from traceledger.formats.encoding import encode_base64
from traceledger.formats.sample import RegisteredKey, Revocation, SignedSample, open_registered
from traceledger.formats.trust import TrustFile, fingerprint, format_trust
from traceledger.reports.front import Basis, GivenList
from traceledger.reports.model import Report
from traceledger.reports.report import make_report
from traceledger.reports.sheets.source import Source
from traceledger.reports.words import Language
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.archive.verification import Folds

__all__ = ["AccountRun"]


class AccountRun:
    """The folds of one audit; a report needs a second fold, signed samples a third.

    `notes` are the signed samples. `ahead` is what later entries state about earlier ones.
    """

    def __init__(
        self,
        scope: Scope,
        rows: tuple[ListRow, ...],
        notes: tuple[bytes, ...] = (),
        *,
        for_report: bool,
    ) -> None:
        self._scope = scope
        self._rows = rows
        self._notes = notes
        self._for_report = for_report
        self.ahead = Ahead()

    def make_folds(self, trust: TrustFile) -> Folds:
        """Makes the folds that ride on the verification."""
        self._trust = trust
        self.account = AccountFold(self._scope, trust.customs, self._rows, self.ahead)
        self._registry = RegistryFold(self._scope)
        # Samples are signed after the end of their scope, so the keys are those of the whole log.
        self._signers = RegistryFold(Scope())
        folds: Folds = {"account": self.account}
        if self._for_report:
            folds = {**folds, "registry": self._registry}
        return {**folds, "signers": self._signers} if self._notes else folds

    def open_samples(self, origin: str, now: float) -> tuple[SignedSample, ...]:
        """Checks the signed results of samples of the finished account.

        They were read before; `now` is in seconds since 1970. Raises VerificationError
        `note.signature`, `sample.signer`, `sample.time` or `sample.differs`.
        """
        if not self._notes:
            return ()
        keys = self._signers.finish().keys
        account = self.account.finished[0].as_drawn()
        digest = hash_report(describe_account(account, find_all(account)))
        drawn_from = DrawnFrom(origin, digest, tuple(list_cores(account)))

        def find_key(kid: str) -> RegisteredKey | None:
            key = keys.get(kid)
            if key is None:
                return None
            if key.revoked is None or key.ended is None:
                return RegisteredKey(key.party, key.jwk)
            return RegisteredKey(key.party, key.jwk, Revocation(key.revoked, key.ended))

        latest = self.account.state.records.as_of
        opened = tuple(
            open_registered(note, find_key, latest=latest, now=now) for note in self._notes
        )
        for signed in opened:
            drawn_from.check(signed.statement)
        return opened

    def make_report(
        self,
        account: dict[str, Any],
        verdict: ArchiveVerdict,
        root: bytes,
        *,
        command: str,
        lists: tuple[GivenList, ...],
        samples: tuple[SignedSample, ...],
        language: Language,
        zone: tzinfo,
    ) -> Report:
        """Makes the report of the finished account; `root` is the hash of the verified tree."""
        program = find_installation()
        basis = Basis(
            verdict=verdict,
            root=encode_base64(root).decode(),
            fingerprint=fingerprint(format_trust(self._trust)),
            program=(program.distribution, program.version, program.digest),
            command=command,
            lists=lists,
            documents=self._scope.documents is not None,
        )
        source = Source(account, self.account.details(), self._registry.finish(), zone, samples)
        return make_report(source, basis, language)
