from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.formats.worked import changed_bytes, refused_as, truncations
from tests.passports import CUSTOMS, LOG, policy_text
from tests.world import ORIGIN, make_signer
from traceledger.errors import MalformedError
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import (
    MAX_TRUST,
    LabelKey,
    RetiredKey,
    TrustFile,
    fingerprint,
    format_trust,
    parse_trust,
)
from traceledger.formats.vkey import format_vkey

FOUNDING = "Lf2O_5KOvNLVASUGGW7XPHOsR_u_37Af-tgEqjeEeFU"
ADMIT = "HJ1xjokjGnYovNlslQavEt5FnjkB6yix_zUWNmF3hEE"

SMALL = TrustFile(
    origin=ORIGIN,
    founding=FOUNDING,
    policy_text=policy_text(),
    policy=parse_policy(policy_text().encode()),
    customs=(),
    items=("01/0952123",),
    max_age=86_400,
)
FULL = TrustFile(
    origin=ORIGIN,
    founding=FOUNDING,
    policy_text="# the office's own\n" + policy_text("customs"),
    policy=parse_policy(policy_text("customs").encode()),
    customs=(ADMIT,),
    items=("01/0952123", "8004/9521234"),
    max_age=1,
    replayed_by="both",
    until=(RetiredKey(format_vkey(CUSTOMS.verifier), 4711, bytes(range(32))),),
    label_keys=(LabelKey(make_signer("approver").key.jwk, "party/plant"),),
    verifier="https://customs.example/check/",
)


def changed(change: Callable[[dict[str, Any]], object], trust: TrustFile = FULL) -> bytes:
    document = msgspec.json.decode(format_trust(trust))
    change(document)
    return msgspec.json.encode(document, order="sorted")


@pytest.mark.parametrize("trust", [SMALL, FULL])
def test_a_trust_file_round_trips(trust: TrustFile) -> None:
    data = format_trust(trust)
    assert parse_trust(data) == trust
    assert format_trust(parse_trust(data)) == data


def test_retired_keys_are_named_by_their_vkeys() -> None:
    assert FULL.retired == {format_vkey(CUSTOMS.verifier)}
    assert SMALL.retired == frozenset()


def test_a_fingerprint_has_8_groups_of_4_digits() -> None:
    assert fingerprint(b"") == "e3b0 c442 98fc 1c14 9afb f4c8 996f b924"


def test_every_change_alters_the_fingerprint_or_is_refused() -> None:
    data = format_trust(SMALL)
    for other in changed_bytes(data):
        assert fingerprint(other) != fingerprint(data)
        try:
            assert parse_trust(other) != SMALL
        except MalformedError:
            continue


def test_rejects_every_truncation() -> None:
    for cut in truncations(format_trust(FULL)):
        with pytest.raises(MalformedError):
            parse_trust(cut)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(extra=1),
        lambda d: d.pop("policy"),
        lambda d: d.pop("customs"),
        lambda d: d.update(format="traceledger/trust/v2"),
        lambda d: d.update(max_age=0),
        lambda d: d.update(max_age=1.5),
        lambda d: d.update(max_age="86400"),
        lambda d: d.update(max_age=True),
        lambda d: d.update(max_age=2**53),
        lambda d: d.update(items=[]),
        lambda d: d.update(items=["01/0952123", "01/0952123"]),
        lambda d: d.update(items=[""]),
        lambda d: d.update(items=["party/"]),
        lambda d: d.update(items=["01/0952123/"]),
        lambda d: d.update(customs=[ADMIT, ADMIT]),
        lambda d: d.update(customs=["short"]),
        lambda d: d.update(founding=FOUNDING[:-1] + "V"),
        lambda d: d.update(origin="ledger.example/other"),
        lambda d: d.update(origin="traceledger/x"),
        lambda d: d.update(origin="a b"),
        lambda d: d.update(replayed_by=""),
        lambda d: d.update(replayed_by="nobody"),
        lambda d: d.update(replayed_by="none"),
        lambda d: d.update(until=[]),
        lambda d: d.update(until=d["until"] * 2),
        lambda d: d["until"][0].update(size=0),
        lambda d: d["until"][0].update(root="A" * 43),
        lambda d: d["until"][0].update(root="é" * 44),
        lambda d: d["until"][0].update(key="x+00000000+AQ"),
        lambda d: d.update(label_keys=[]),
        lambda d: d.update(label_keys=d["label_keys"] * 2),
        lambda d: d["label_keys"][0].update(party="plant"),
        lambda d: d["label_keys"][0].update(kid="x"),
        lambda d: d["label_keys"][0]["jwk"].update(y=FOUNDING),
    ],
)
def test_rejects_what_is_not_a_trust_file(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_trust(changed(change))
    assert caught.value.code in {"trust.form", "key.form"}


def test_rejects_an_invalid_policy() -> None:
    refused_as("policy.form", lambda: parse_trust(changed(lambda d: d.update(policy="log\n"))))


def test_rejects_a_policy_of_another_log() -> None:
    other = format_vkey(replace(LOG, name="ledger.example/cq-2").verifier)
    text = policy_text().replace(format_vkey(LOG.verifier), other)
    data = changed(lambda d: d.update(policy=text))
    refused_as("trust.form", lambda: parse_trust(data))


def test_rejects_a_weak_label_key() -> None:
    weak = {"crv": "Ed25519", "kty": "OKP", "x": "A" * 43}
    data = changed(lambda d: d["label_keys"][0].update(jwk=weak))
    refused_as("key.weak", lambda: parse_trust(data))


def test_rejects_other_encodings_of_the_same_json() -> None:
    data = format_trust(FULL)
    for other in [
        data + b"\n",
        b" " + data,
        data.replace(b":", b": ", 1),
        data.replace(b"customs", b"\\u0063ustoms", 1),
        data.replace(b'{"customs"', b'{"max_age":1,"customs"'),
        b"\xef\xbb\xbf" + data,
        data.replace(b"party/plant", b"party/pl\xff", 1),
    ]:
        with pytest.raises(MalformedError, match=r"trust\.form"):
            parse_trust(other)


def test_rejects_more_than_64_kib() -> None:
    data = format_trust(FULL)
    refused_as("trust.form", lambda: parse_trust(data + b" " * MAX_TRUST))


def test_refuses_to_format_a_policy_that_differs_from_its_text() -> None:
    wrong = replace(SMALL, policy=parse_policy(policy_text("customs").encode()))
    refused_as("trust.form", lambda: format_trust(wrong))
