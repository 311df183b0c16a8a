"""A label as evidence: what its statement proves alone, and with the passport of the part.

Source: docs/spec/label.md.
"""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import VerificationError
from traceledger.events.disclosure import split_wire
from traceledger.events.token import Event, parse_token
from traceledger.formats.label import (
    OpenedLabel,
    is_label_statement,
    open_label,
    read_statement,
)
from traceledger.formats.passport import Passport, parse_passport
from traceledger.formats.trust import LabelKey, TrustFile
from traceledger.identifiers.digital_link import DigitalLink
from traceledger.identifiers.items import item_of_key
from traceledger.verify.passport import verify_passport
from traceledger.verify.verdict import Verdict

__all__ = ["CheckedLabel", "ConfirmedLabel", "check_label", "confirm_label"]


class CheckedLabel(NamedTuple):
    """The link on a label, its statement if that is signed by a trusted key, and what is missing.

    `code` is `label.none` without a statement, `label.key` where its key is not known, and
    `label.alone` where only the part's history is missing.
    """

    link: DigitalLink
    opened: OpenedLabel | None
    code: str

    @property
    def item(self) -> str:
        """The part that the label names."""
        return self.link.item.text


class ConfirmedLabel(NamedTuple):
    """The verdict on a label's part, and the statement that its record confirms.

    `code` is empty if it does, `label.none` without a statement, and `label.unjudged` where this
    version could not judge the approval.
    """

    verdict: Verdict
    opened: OpenedLabel | None
    code: str


def check_label(link: DigitalLink, trust: TrustFile) -> CheckedLabel:
    """Checks the statement in a label's link by the label keys of a trust file.

    Raises MalformedError `label.form`, and VerificationError for a statement that is false.
    """
    if not is_label_statement(link.fragment):
        return CheckedLabel(link, None, "label.none")
    try:
        opened = open_label(link.fragment, link.item.text, trust.origin, trust.label_keys)
    except VerificationError as error:
        if error.code != "label.key":
            raise
        return CheckedLabel(link, None, error.code)  # an unknown key proves nothing either way
    return CheckedLabel(link, opened, "label.alone")


def confirm_label(
    label: CheckedLabel, passport: bytes, trust: TrustFile, *, now: int
) -> ConfirmedLabel:
    """Verifies the part's passport, and that the key of the approval signed the label's statement.

    Raises what `verify_passport` raises, and VerificationError `label.event`, `label.signer` or
    `signature.false`.
    """
    verdict = verify_passport(passport, trust, label.item, now=now)
    if not is_label_statement(label.link.fragment):
        return ConfirmedLabel(verdict, None, "label.none")
    opened = _confirm_statement(label.link, verdict, parse_passport(passport))
    return ConfirmedLabel(verdict, opened, "" if opened else "label.unjudged")


def _confirm_statement(
    link: DigitalLink, verdict: Verdict, passport: Passport
) -> OpenedLabel | None:
    item, origin = link.item.text, verdict.origin
    statement = read_statement(link.fragment, item, origin)
    unjudged = {mention.event for mention in verdict.unchecked}
    events = [one.event for one in verdict.things[0].events]
    approvals = {event.id: event for event in events if event.kind_name == "approve"}
    approval = approvals.get(statement.event)
    voids = [
        event
        for event in events
        if event.kind_name == "void" and statement.event in {ref.event for ref in event.refs}
    ]
    if approval is None or any(event.id not in unjudged for event in voids):
        raise VerificationError("label.event", f"the history has no approval {statement.event}")
    if approval.kid != statement.kid:
        raise VerificationError(
            "label.signer", f"key {statement.kid} signed the label, {approval.kid} the approval"
        )
    if voids or approval.id in unjudged:
        return None
    return open_label(link.fragment, item, origin, [_key_of(approval, passport)])


def _key_of(event: Event, passport: Passport) -> LabelKey:
    """Finds the key of an event in the chain that granted it, which the passport shows."""
    chain = next(one for one in passport.chains if one.item == item_of_key(event.kid))
    grant = parse_token(split_wire(chain.events[0])[0])
    return LabelKey(grant.data.jwk, event.payload.iss)
