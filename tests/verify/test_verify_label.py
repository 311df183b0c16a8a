"""What a label proves alone, and which approval a passport confirms."""

from __future__ import annotations

import pytest

from tests.passports import NOW, Log
from tests.world import World, make_signer
from traceledger.errors import VerificationError
from traceledger.events.token import Event
from traceledger.formats.label import LabelStatement, sign_label
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import LabelKey, TrustFile
from traceledger.identifiers import parse_link
from traceledger.verify.label import CheckedLabel, check_label, confirm_label

APPROVER = make_signer("approver")


@pytest.fixture(scope="module")
def log() -> Log:
    world = World()
    world.unit("EXPORTED", (world.core("IN_PROCESS"),))
    return Log(world)


@pytest.fixture
def approval(log: Log) -> Event:
    return next(event for event in log.world.events if event.kind_name == "approve")


@pytest.fixture
def trust(log: Log) -> TrustFile:
    return log.trust(label_keys=(LabelKey(APPROVER.key.jwk, "party/plant"),))


def label(trust: TrustFile, item: str, event: str, *, key: str = "approver") -> CheckedLabel:
    signer = make_signer(key)
    statement = LabelStatement(trust.origin, item, event, signer.key.kid, "2025-06")
    return check_label(
        parse_link(f"https://id.example/{item}#{sign_label(statement, signer)}"), trust
    )


def test_statement_alone_says_who_signed(approval: Event, trust: TrustFile) -> None:
    found = label(trust, approval.payload.sub, approval.id)
    assert found.code == "label.alone"
    assert found.opened is not None
    assert found.opened.party == "party/plant"


@pytest.mark.parametrize("key", ["operator", "somebody else"])
def test_unknown_key_proves_nothing_either_way(approval: Event, trust: TrustFile, key: str) -> None:
    found = label(trust, approval.payload.sub, approval.id, key=key)
    assert (found.code, found.opened) == ("label.key", None)


def test_passport_confirms_the_approval(log: Log, approval: Event, trust: TrustFile) -> None:
    item = approval.payload.sub
    passport = format_passport(log.passport(item))
    verdict, opened, code = confirm_label(label(trust, item, approval.id), passport, trust, now=NOW)
    assert (verdict.result, code) == ("verified", "")
    assert opened is not None
    assert opened.party == "party/plant"


def test_rejects_a_statement_about_an_event_that_approved_nothing(
    log: Log, approval: Event, trust: TrustFile
) -> None:
    item = approval.payload.sub
    passport = format_passport(log.passport(item))
    other = log.chain(item)[0].id
    with pytest.raises(VerificationError, match=r"label\.event"):
        confirm_label(label(trust, item, other), passport, trust, now=NOW)


def test_plain_label_has_no_statement_to_confirm(approval: Event, trust: TrustFile) -> None:
    link = parse_link(f"https://id.example/{approval.payload.sub}")
    assert check_label(link, trust) == (link, None, "label.none")
