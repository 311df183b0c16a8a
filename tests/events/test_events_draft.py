from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import jwk, make_signer
from traceledger.errors import MalformedError, TraceledgerError
from traceledger.events.acceptance import MAX_AHEAD, check_acceptance, check_correction
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.draft import Draft, Place, parse_draft, sign_draft
from traceledger.events.token import MAX_TOKEN, Event, parse_token

SIGNER = make_signer("operator")
CORE = "8004/9521234C000001"
UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
PLACE = Place("ledger.example/cq-1", "party/plant", "A" * 43, 1, "A" * 43, 1_750_000_000)
PASS = {"decision": "pass", "standards": ["GB/T 28618"], "warranty": {"months": 24}}
IMPORT = {
    "category": "TCM",
    "part_no": "24261870",
    "origin": "USA",
    "unit_value": {"amount": "85.00", "currency": "USD"},
    "net_kg": "0.942",
}
ADMIT = {
    "name": "Plant",
    "roles": ["operator"],
    "prefixes": ["01/0952123"],
    "admin_jwk": jwk(SIGNER.key),
    "possession": "A" * 86,
}


def sign(kind: str, item: str, data: dict[str, Any], **more: Any) -> bytes:
    draft = Draft(kind=kind, item=item, data=data, **more)
    return sign_draft(draft, PLACE, SIGNER, random.Random(1).randbytes)


def refuse(kind: str, item: str, data: dict[str, Any], **more: Any) -> str:
    with pytest.raises(MalformedError) as caught:
        sign(kind, item, data, **more)
    return str(caught.value)


def test_signer_adds_the_rest() -> None:
    token, disclosures = split_wire(sign("import", CORE, IMPORT))
    event = parse_token(token)
    claims = event.payload
    assert claims.occurred == "2025-06-15T15:06:40Z"
    assert (claims.aud, claims.iss, claims.auth, claims.seq, claims.prev, claims.iat) == PLACE
    assert (claims.sub, event.kid, event.algorithm) == (CORE, SIGNER.key.kid, "Ed25519")
    assert open_disclosures(event, disclosures, complete=True)["net_kg"] == "0.942"
    assert event.data.origin == "USA"


def test_values_of_the_draft_are_kept() -> None:
    draft = parse_draft(
        json.dumps(
            {
                "kind": "consume",
                "item": CORE,
                "occurred": "2025-06-14T10:00:00.250+08:00",
                "site": "9521234000006",
                "refs": [{"as": "unit", "item": UNIT, "event": "A" * 43}],
                "data": {},
            }
        ).encode()
    )
    event = parse_token(split_wire(sign_draft(draft, PLACE, SIGNER, random.Random(1).randbytes))[0])
    assert event.payload.occurred == "2025-06-14T10:00:00.250+08:00"
    assert event.payload.site == "9521234000006"
    assert [(ref.as_, ref.item, ref.event) for ref in event.refs] == [("unit", UNIT, "A" * 43)]


MESSAGES = [
    (
        ("approve", UNIT, PASS | {"decision": "psss"}),
        f'{UNIT}, decision: "psss" given; allowed: "pass", "reject", "concession" [event.field]',
    ),
    (
        ("approve", UNIT, PASS | {"warranty": {"months": 2.5}}),
        f"{UNIT}, warranty.months: 2.5 given; allowed: a whole number from 0 to 600 [event.field]",
    ),
    (
        ("approve", UNIT, PASS | {"warranty": {"months": 601}}),
        f"{UNIT}, warranty.months: 601 given; allowed: a whole number from 0 to 600 [event.field]",
    ),
    (
        ("approve", UNIT, PASS | {"standards": "GB"}),
        (
            f'{UNIT}, standards: "GB" given; allowed: a list of 1 to 64: text of 1 to 64 printable'
            " characters [event.field]"
        ),
    ),
    (
        ("approve", UNIT, PASS | {"standardss": []}),
        (
            f"{UNIT}: Object contains unknown field `standardss` (did you mean 'standards'?);"
            " allowed: an object with decision, standards, warranty, certificate_sha256?,"
            " fits?, installation?, document?, deviation? [event.field]"
        ),
    ),
    (
        ("approve", UNIT, {"decision": "pass", "standards": ["GB"]}),
        (
            f"{UNIT}: Object missing required field `warranty`; allowed: an object with decision,"
            " standards, warranty, certificate_sha256?, fits?, installation?, document?, deviation?"
            " [event.field]"
        ),
    ),
    (
        ("import", CORE, IMPORT | {"net_kg": 0.942}),
        f'{CORE}, net_kg: 0.942 given; allowed: a decimal as text, like "0.942" [event.field]',
    ),
    (
        ("import", CORE, IMPORT | {"unit_value": "85.00"}),
        (
            f'{CORE}, unit_value: "85.00" given; allowed: an object with amount, currency'
            " [event.field]"
        ),
    ),
    (
        ("import", CORE, IMPORT | {"unit_value": {"amount": "85,00", "currency": "USD"}}),
        (
            f'{CORE}, unit_value.amount: "85,00" given; allowed: a decimal as text, like "0.942"'
            " [event.field]"
        ),
    ),
    (
        ("import", CORE, IMPORT | {"origin": "Germany"}),
        f'{CORE}, origin: "Germany" given; allowed: an ISO 3166 alpha-3 code [event.field]',
    ),
    (
        ("import", CORE, IMPORT | {"old_serial": None}),
        (
            f"{CORE}, old_serial: null given; allowed: a code of 1 to 64 characters in normal form"
            " (NFKC), with single spaces only inside [event.field]"
        ),
    ),
    (
        ("receive", CORE, {"result": "ok", "condition": "x", "seal_intact": "yes"}),
        f'{CORE}, seal_intact: "yes" given; allowed: true or false [event.field]',
    ),
    (
        ("repair", CORE, {"action": "x", "faults": [], "replaced": [{"part": "c"}]}),
        (
            f"{CORE}, replaced[0]: Object missing required field `quantity`; allowed: an object"
            " with part, quantity [event.field]"
        ),
    ),
    (
        ("admit", "party/plant", ADMIT | {"roles": ["operator", "boss"]}),
        (
            'party/plant, roles[1]: "boss" given; allowed: "importer", "broker", "operator",'
            ' "quality", "approver", "carrier", "recycler", "customs", "observer", "distributor"'
            " [event.field]"
        ),
    ),
    (
        ("set_policy", "policy", {"values": {"tolerances": {}}}),
        (
            "policy, values.tolerances: name at least one of weight, value, mass; allowed: an"
            " object with weight?, value?, mass? [event.field]"
        ),
    ),
    (
        ("import", CORE, IMPORT | {"origin": "XXX"}),
        (
            "origin: 'XXX' is not a country; allowed: the three-letter codes of ISO 3166, for"
            " example CHN, DEU, USA [value.country]"
        ),
    ),
    (
        ("admit", "party/plant", ADMIT | {"gln": "9521234000007"}),
        "gln: 9521234000007 ends in 7; the check digit is 6 [item.check-digit]",
    ),
    (
        ("admit", "party/plant", ADMIT | {"prefixes": ["01/0952123", "party/"]}),
        ('prefixes: "party/" is not the beginning of an item id such as 01/0952123 [item.form]'),
    ),
    (
        ("inspectt", CORE, {"grade": "A"}),
        (
            "\"inspectt\" given (did you mean 'inspect'?); allowed:"
            f" {', '.join(sorted(CATALOGUE))} [event.kind]"
        ),
    ),
]


@pytest.mark.parametrize(("draft", "message"), MESSAGES, ids=[m[1][-60:] for m in MESSAGES])
def test_message_names_field_value_and_allowed(
    draft: tuple[str, str, dict[str, Any]], message: str
) -> None:
    assert refuse(*draft) == message


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("import", IMPORT | {"unit_value": {"amount": "1", "currency": "ABC"}}, "value.currency"),
        ("inspect", {"grade": "A", "notes": "\ud800"}, "event.field"),
        ("inspect", {"grade": "\ud800"}, "event.field"),
        ("correct", {"reason": "x", "set_public": {"a": 0.5}}, "encoding.json"),
        ("correct", {"reason": "x", "set_public": {"a": None}}, "encoding.json"),
        ("correct", {"reason": "x", "set_customs": {"a": [0.5]}}, "encoding.json"),
        ("clean", {"method": "x", "_sd": {}}, "event.field"),
    ],
)
def test_refuses_values_that_only_programs_can_pass(
    kind: str, data: dict[str, Any], code: str
) -> None:
    assert refuse(kind, CORE, data).endswith(f"[{code}]")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"occurred": "2025-02-30T10:00:00Z"}, "value.time"),
        ({"occurred": "2025-02-28"}, "value.time"),
        ({"occurred": ""}, "value.time"),
        ({"site": ""}, "event.field"),
    ],
)
def test_refuses_invalid_times_and_sites(more: dict[str, str], code: str) -> None:
    assert refuse("clean", CORE, {"method": "x"}, **more).endswith(f"[{code}]")


def test_refuses_items_outside_the_grammar() -> None:
    assert refuse("clean", "8004/c1", {"method": "x"}).endswith("[item.form]")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'{"kind":"clean"}',
        b'{"kind":"clean","item":"x","data":[]}',
        b'{"kind":"clean","item":"x","data":{},"extra":1}',
        b'{"kind":"clean","item":"x","data":{},"refs":[{"as":"a"}]}',
        b'{"kind":"clean","item":"\xff","data":{}}',
        b"[" * 10_000,
        b" " * (MAX_TOKEN + 1),
    ],
)
def test_refuses_malformed_drafts(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_draft(data)
    assert caught.value.code == "draft.form"


def test_refusal_of_an_unknown_kind_lists_the_kinds() -> None:
    with pytest.raises(MalformedError, match='"teleport" given; allowed: add_key, admit') as caught:
        parse_draft(b'{"kind":"teleport","item":"ledger","data":{}}')
    assert caught.value.code == "event.kind"


@given(st.dictionaries(st.text(max_size=8), st.none() | st.floats() | st.text() | st.integers()))
def test_nothing_but_traceledger_errors_escape(data: dict[str, Any]) -> None:
    for kind in ("clean", "correct", "approve"):
        with pytest.raises(TraceledgerError):
            sign(kind, CORE, data | {"unknown field": 1})


def accept(event: Event, now: float) -> None:
    assert event.kind is not None
    check_acceptance(
        event.kind, {}, iat=event.payload.iat, occurred=event.payload.occurred, now=now
    )


def test_refuses_clocks_that_are_more_than_five_minutes_ahead() -> None:
    event = parse_token(split_wire(sign("clean", CORE, {"method": "x"}))[0])
    accept(event, PLACE.iat - MAX_AHEAD)
    accept(event, PLACE.iat + 1e9)
    with pytest.raises(MalformedError, match="301 seconds ahead") as caught:
        accept(event, PLACE.iat - MAX_AHEAD - 1)
    assert caught.value.code == "event.future"


def test_acceptance_checks_lists_and_objects() -> None:
    policy = CATALOGUE["set_policy"]
    policy_values = policy.types["values"]
    for country, right in (("CHN", True), ("XYZ", False)):
        values = {"values": policy_values(zone_country=country)}
        if right:
            check_acceptance(policy, values, iat=0, occurred="2025-06-15T15:06:40Z", now=0)
        else:
            with pytest.raises(MalformedError, match="values: 'XYZ' is not a country"):
                check_acceptance(policy, values, iat=0, occurred="2025-06-15T15:06:40Z", now=0)


@pytest.mark.parametrize(
    "values",
    [
        {"tolerances": {"weight": "5"}},
        {"tolerances": {"value": "0", "mass": "1.000000001"}},
        {"process_loss": "7"},
        {"yield_limits": [{"part_no": "P-1", "low": "0", "high": "1.1"}]},
        {"consumption": [{"part_no": "P-1", "new_part": "CAP", "net": "2", "loss": "2"}]},
    ],
)
def test_policy_cannot_allow_more_than_the_whole(values: dict[str, Any]) -> None:
    """A tolerance of 500 % finds nothing, whatever is missing."""
    with pytest.raises(MalformedError, match="more than 1; allowed: a fraction of one") as caught:
        sign("set_policy", "policy", {"values": values})
    assert caught.value.code == "value.fraction"


def test_policy_may_allow_the_whole() -> None:
    whole = {"tolerances": {"weight": "1.0", "value": "0"}, "process_loss": "1"}
    sign("set_policy", "policy", {"values": whole})


@pytest.mark.parametrize(
    "values",
    [
        {"set_public": {"origin": "USA"}},
        {"set_customs": {"net_kg": "0.95", "unit_value": {"amount": "1", "currency": "EUR"}}},
        {"set_internal": {"old_serial": "x"}},
        {"reason": "x"},
    ],
)
def test_correction_may_set_what_the_kind_allows(values: dict[str, Any]) -> None:
    check_correction(CATALOGUE["import"], values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"set_customs": {"origin": "USA"}},
            "set_customs.origin: import has no such customs field; allowed: unit_value, net_kg",
        ),
        (
            {"set_internal": {"colour": "red"}},
            "set_internal.colour: import has no such internal field; allowed: old_serial, pallet",
        ),
        (
            {"set_customs": {"net_kg": 1}},
            'set_customs.net_kg: 1 given; allowed: a decimal as text, like "0.942"',
        ),
        (
            {"set_customs": {"unit_value": {"amount": "x", "currency": "EUR"}}},
            'set_customs.unit_value.amount: "x" given; allowed: a decimal',
        ),
        ({"set_public": {"origin": "XXX"}}, "origin: 'XXX' is not a country"),
    ],
)
def test_refuses_corrections_that_the_kind_does_not_allow(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        check_correction(CATALOGUE["import"], values)
    assert str(caught.value).startswith(message)
