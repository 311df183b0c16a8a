"""A label as evidence: what its statement proves alone, and with the passport of the part.

Source: docs/spec/label.md.
"""

from __future__ import annotations

from typing import NamedTuple

from traceledger.errors import VerificationError
from traceledger.formats.label import OpenedLabel, is_label_statement, open_label
from traceledger.formats.trust import TrustFile
from traceledger.identifiers.digital_link import DigitalLink
from traceledger.verify.passport import verify_passport
from traceledger.verify.verdict import Verdict

__all__ = ["CheckedLabel", "check_label", "confirm_label"]


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


def confirm_label(label: CheckedLabel, passport: bytes, trust: TrustFile, *, now: int) -> Verdict:
    """Verifies the part's passport, and that it has the approval that the label states.

    Raises what `verify_passport` raises, and VerificationError `label.event`.
    """
    verdict = verify_passport(passport, trust, label.item, now=now)
    if label.opened is not None:
        wanted = label.opened.statement.event
        events = (one.event for one in verdict.things[0].events)
        if not any(event.id == wanted and event.kind_name == "approve" for event in events):
            raise VerificationError("label.event", f"the history has no approval {wanted}")
    return verdict
