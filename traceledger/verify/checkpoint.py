"""The signed checkpoint, the seal that ends it, and its cosignatures.

Implements checks 3, 4 and 13 of docs/spec/passport.md.
"""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import VerificationError
from traceledger.events.encoding import MAX_INTEGER
from traceledger.formats.checkpoint import Checkpoint
from traceledger.formats.passport import Passport
from traceledger.formats.policy import NO_QUORUM, CosignedCheckpoint, open_cosigned
from traceledger.formats.seal import Seal, parse_seal
from traceledger.formats.trust import TrustFile
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.proofs import check_inclusion
from traceledger.verify.refusal import refusing
from traceledger.verify.verdict import Cosigner

__all__ = ["MAX_AHEAD", "Finality", "check_seal", "judge_finality", "open_note", "signed_by_log"]

MAX_AHEAD = 300
"""Seconds by which a cosignature may be ahead of the verifier's clock and still count."""


class Finality(NamedTuple):
    """The time up to which a checkpoint is final, its cosigners, and codes of what is missing."""

    as_of: int | None
    cosigners: tuple[Cosigner, ...]
    codes: tuple[str, ...]


def open_note(passport: Passport, trust: TrustFile) -> CosignedCheckpoint:
    """Verifies every signature line of the checkpoint's note.

    The log must have signed it with a key that is not retired. Lines of keys that the policy does
    not name are ignored. Raises RefusedError `note.*`, `checkpoint.form` or `cosignature.form`.
    """
    with refusing():
        opened = open_cosigned(passport.checkpoint, trust.origin, trust.policy)
        if opened.checkpoint.size > MAX_INTEGER:
            raise VerificationError(
                "checkpoint.form", f"size {opened.checkpoint.size} exceeds 2^53 - 1"
            )
        if signed_by_log(opened, trust):
            return opened
        raise VerificationError("note.signature", "the log signed only with a replaced key")


def signed_by_log(opened: CosignedCheckpoint, trust: TrustFile) -> bool:
    """Tells whether the log signed with a key of its own that is not retired."""
    lines = {(line.name, line.key_id) for line in opened.note.signatures}
    keys = (log.key for log in trust.policy.logs if log.key.name == trust.origin)
    return any(
        (key.name, key.key_id) in lines and format_vkey(key) not in trust.retired for key in keys
    )


def check_seal(passport: Passport, checkpoint: Checkpoint) -> Seal:
    """Checks that the seal is the checkpoint's last leaf, so that no leaf follows it.

    Raises RefusedError `seal.form`, `seal.last` or `merkle.proof`.
    """
    with refusing():
        seal = parse_seal(passport.seal)
        if seal.index != checkpoint.size - 1:
            raise VerificationError(
                "seal.last", f"the seal is leaf {seal.index} of a tree of size {checkpoint.size}"
            )
        leaf = leaf_hash(passport.seal)
        check_inclusion(seal.index, checkpoint.size, leaf, passport.seal_proof, checkpoint.root)
        return seal


def judge_finality(opened: CosignedCheckpoint, trust: TrustFile, now: int) -> Finality:
    """Finds the time as of which the result is final, and what the trust file still requires.

    `now` is in seconds since 1970. Raises nothing: a missing requirement makes a result incomplete.
    """
    retired = {by.name for by in trust.policy.witnesses if format_vkey(by.key) in trust.retired}
    times = {
        name: time
        for name, time in opened.times.items()
        if name not in retired and time <= now + MAX_AHEAD
    }
    quorum = trust.policy.latest_time(times)
    replay = trust.policy.latest_time(times, trust.replayed_by) if trust.replayed_by else None
    codes = []
    if trust.policy.quorum == NO_QUORUM:
        codes.append("quorum.none")
    elif quorum is None:
        codes.append("quorum.missing")
    if replay is None:
        codes.append("replay.missing")
    as_of = None if quorum is None or replay is None else min(quorum, replay)
    if as_of is not None and now - as_of > trust.max_age:
        codes.append("age.stale")
    cosigners = tuple(Cosigner(name, time) for name, time in times.items())
    return Finality(as_of, cosigners, tuple(codes))
