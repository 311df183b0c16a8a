"""Lives in other ledgers: their passports, where they are at hand.

Implements check 14 of docs/spec/passport.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from traceledger.errors import TraceledgerError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.events.kinds.cores import Former
from traceledger.events.token import Event
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import parse_passport
from traceledger.formats.trust import TrustFile
from traceledger.verify.chains import Shown, goods_of
from traceledger.verify.refusal import refusing
from traceledger.verify.unjudged import Unjudged
from traceledger.verify.verdict import FormerLife, Verdict

__all__ = ["Companion", "follow_former"]

_STALE = "age.stale"


class Companion(NamedTuple):
    """A passport of another ledger that is at hand, and the trust file for that ledger."""

    passport: bytes
    trust: TrustFile


Verify = Callable[[Companion, str], Verdict]
"""Verifies a companion's passport for an item."""


def follow_former(
    shown: Shown, doubts: Unjudged, companions: Sequence[Companion], verify: Verify
) -> tuple[FormerLife, ...]:
    """Verifies the passports of former lives that are at hand, in the order of the passport.

    A passport is found by its SHA-256. Raises RefusedError `former.refused` or `former.checkpoint`
    at the `import` that names it.
    """
    known = {sha256(one.passport).hexdigest(): one for one in companions}
    return tuple(_follow(shown, doubts, known, verify))


def _follow(
    shown: Shown, doubts: Unjudged, known: Mapping[str, Companion], verify: Verify
) -> Iterator[FormerLife]:
    for chain in goods_of(shown):
        opening = chain.events[0]
        former = _read_former(opening)
        if former is None or doubts.has(opening):
            continue
        named = (chain.item, opening.id, former.origin, former.item)
        companion = known.get(former.passport_sha256)
        if companion is None or companion.trust.origin != former.origin:
            yield FormerLife(*named, "missing")
            continue
        with refusing(chain.item, opening.id):
            verdict = _check(companion, former, verify)
        # It was written when the part left that ledger, so its age says nothing.
        codes = tuple(code for code in verdict.codes if code != _STALE)
        yield FormerLife(*named, "incomplete" if codes else "verified", codes, verdict.as_of)


def _read_former(event: Event) -> Former | None:
    former = event.data.former if event.kind_name == "import" and event.kind is not None else None
    return former if isinstance(former, Former) else None


def _check(companion: Companion, former: Former, verify: Verify) -> Verdict:
    try:
        verdict = verify(companion, former.item)
    except TraceledgerError as error:
        raise VerificationError(
            "former.refused", f"the passport of {former.item} in {former.origin}: {error}"
        ) from error
    note = parse_note(parse_passport(companion.passport).checkpoint)
    checkpoint = parse_checkpoint(note.text)
    if (checkpoint.size, encode_base64url(checkpoint.root)) != (former.size, former.root):
        raise VerificationError(
            "former.checkpoint", f"the passport of {former.item} is as of another checkpoint"
        )
    return verdict
