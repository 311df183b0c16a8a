"""Offline verification of a passport: the checks of docs/spec/passport.md, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from traceledger.errors import VerificationError
from traceledger.formats.passport import Passport, parse_passport
from traceledger.formats.trust import TrustFile, parse_trust
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.items import parse_item
from traceledger.verify import summary
from traceledger.verify.chains import check_founding, check_heads, check_places, read_chains
from traceledger.verify.checkpoint import check_seal, judge_finality, open_note
from traceledger.verify.former import Companion, follow_former
from traceledger.verify.joins import check_joins, list_unfollowed
from traceledger.verify.life import replay_lives
from traceledger.verify.refusal import refusing
from traceledger.verify.signers import check_order, check_signatures, check_signers
from traceledger.verify.unjudged import Unjudged
from traceledger.verify.verdict import Verdict

__all__ = ["verify_passport"]


def verify_passport(
    data: bytes,
    trust: bytes | TrustFile,
    item: str,
    *,
    now: int,
    first_use: bool = False,
    companions: Sequence[Companion] = (),
) -> Verdict:
    """Verifies the passport of an item against a trust file, without a network.

    `item` is the expected id, which comes from the object's label or from the user, never from the
    passport. `now` is in seconds since 1970. `first_use` states that the trust file came from the
    ledger itself. `companions` are passports of other ledgers, in which parts had an earlier life.
    Returns a verdict *verified* or *incomplete*. Raises RefusedError when a check
    fails, and MalformedError when the trust file or the expected id cannot be parsed.
    """
    trusted = trust if isinstance(trust, TrustFile) else parse_trust(trust)
    parse_item(item)
    with refusing():
        passport = parse_passport(data)
    shown = read_chains(passport)
    _check_item(passport, trusted, item)
    opened = open_note(passport, trusted)
    seal = check_seal(passport, opened.checkpoint)
    check_heads(shown, seal.map_root)
    check_places(shown, trusted.origin)
    check_founding(shown, trusted.founding)
    doubts = Unjudged(shown)
    indices = check_order(shown, passport.order, opened.checkpoint)
    signers = check_signers(shown, indices, doubts)
    check_signatures(shown, signers)
    fields = summary.open_fields(shown)
    check_joins(shown, doubts)
    lives = replay_lives(shown, signers, doubts)
    former = follow_former(
        shown,
        doubts,
        companions,
        lambda one, wanted: verify_passport(one.passport, one.trust, wanted, now=now),
    )

    finality = judge_finality(opened, trusted, now)
    first = ("trust.first-use",) if first_use else ()
    codes = (*first, *finality.codes, *doubts.codes)
    attested, asserted = summary.list_attested(shown, signers, doubts, trusted.customs)
    return Verdict(
        result="incomplete" if codes else "verified",
        codes=codes,
        item=item,
        origin=trusted.origin,
        size=opened.checkpoint.size,
        as_of=finality.as_of,
        cosigners=finality.cosigners,
        things=summary.describe_things(shown, lives, fields, signers.disputed, doubts),
        parties=signers.parties,
        holds=summary.list_holds(lives),
        recalls=summary.list_recalls(lives, shown, doubts),
        disputed=signers.disputed,
        attested=attested,
        asserted=asserted,
        unchecked=summary.list_unchecked(shown, doubts),
        not_followed=list_unfollowed(shown),
        former=former,
    )


def _check_item(passport: Passport, trust: TrustFile, item: str) -> None:
    with refusing(passport.item):
        if passport.item != item:
            raise VerificationError(
                "passport.item", f"the passport is about {passport.item}, not {item}"
            )
        if not item.startswith(trust.items):
            allowed = ", ".join(excerpt(prefix) for prefix in trust.items)
            raise VerificationError(
                "trust.item",
                f"this ledger is trusted only for ids that begin with {allowed}",
            )
