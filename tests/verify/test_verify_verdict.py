from __future__ import annotations

import pytest

from tests.passports import CUSTOMS, NOW, PLAIN, Log, change_wire, verify
from tests.world import LINE_OUT, World
from traceledger.errors import MalformedError
from traceledger.events.disclosure import split_wire
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import RetiredKey, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.verify import describe_result


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.unit("EXPORTED", (world.core("IN_PROCESS"), world.core("IN_PROCESS")))
    return world


@pytest.fixture
def log(world: World) -> Log:
    return Log(world)


@pytest.fixture
def unit(world: World) -> str:
    return next(event.payload.sub for event in world.events if event.kind_name == "export")


def test_a_good_passport_is_verified(log: Log, unit: str) -> None:
    data = format_passport(log.passport(unit))
    verdict = verify(data, format_trust(log.trust()), unit)
    assert (verdict.result, verdict.codes) == ("verified", ())
    assert verdict.as_of == NOW - 60
    assert verdict.cosigners == (("plain", NOW - 60), ("customs", NOW - 30))
    lives = {thing.item: thing.life for thing in verdict.things}
    assert list(lives.values()) == ["EXPORTED", "CONSUMED", "CONSUMED"]
    assert verdict.things[0].item == unit
    assert [one.event for one in verdict.things[0].events] == log.chain(unit)
    assert verdict.parties == (("party/plant", "plant", {}),)


def test_a_core_has_a_passport_too_and_its_unit_is_not_followed(log: Log) -> None:
    core = "8004/9521234C000001"
    verdict = verify(log.passport(core), log.trust(), core)
    assert (verdict.result, verdict.things[0].life) == ("verified", "CONSUMED")
    assert [link.name for link in verdict.not_followed] == ["declaration", "unit"]


def test_says_which_fields_are_shown_and_which_withheld(log: Log, unit: str) -> None:
    passport = log.passport(unit)
    wire = next(chain for chain in passport.chains if chain.item == unit).events[0]
    verdict = verify(passport, log.trust(), unit)
    assert verdict.things[0].events[0].values["net_kg"] == "0.951"
    assert describe_result(verdict)["withheld"] == []
    token, _ = split_wire(wire)
    verdict = verify(change_wire(passport, unit, 0, token + b"~"), log.trust(), unit)
    assert verdict.result == "verified"
    assert verdict.things[0].events[0].values == {}
    first = log.chain(unit)[0].id
    assert describe_result(verdict)["withheld"] == [
        {"chain": unit, "event": first, "kind": "assemble", "fields": ["net_kg"]}
    ]


def test_says_which_fields_were_erased(log: Log, unit: str) -> None:
    core = log.chain(unit)[0].refs[0].item
    imported = log.chain(core)[0]
    data = {"fields": ["net_kg", "pallet"]}  # it has no pallet
    log.add("erase", core, data, by="operator", refs=[("target", core, imported.id)])
    passport = log.passport(unit)
    verdict = verify(passport, log.trust(), unit)
    assert describe_result(verdict)["erased"] == []  # this reader still holds the disclosure
    seq = 0
    token = split_wire(next(one for one in passport.chains if one.item == core).events[seq])[0]
    verdict = verify(change_wire(passport, core, seq, token + b"~"), log.trust(), unit)
    where = {"chain": core, "event": imported.id, "kind": "import"}
    assert verdict.result == "verified"
    assert describe_result(verdict)["erased"] == [where | {"fields": ["net_kg"]}]
    assert describe_result(verdict)["withheld"] == [where | {"fields": ["unit_value"]}]


def test_fields_of_a_correction_can_be_erased(log: Log, unit: str) -> None:
    first = log.chain(unit)[0]
    values = {"set_customs": {"net_kg": "0.950"}}
    target = ("target", unit, first.id)
    corrected = log.add("correct", unit, values, by="operator", refs=[target])
    target = ("target", unit, corrected.id)
    log.add("erase", unit, {"fields": ["set_customs"]}, by="operator", refs=[target])
    passport = log.passport(unit)
    seq = corrected.payload.seq
    verdict = verify(change_wire(passport, unit, seq, corrected.token + b"~"), log.trust(), unit)
    (erased,) = describe_result(verdict)["erased"]
    assert (erased["event"], erased["fields"]) == (corrected.id, ["set_customs"])


def test_a_recall_and_holds_on_any_part_are_shown(log: Log, unit: str) -> None:
    core = log.chain(unit)[0].refs[0].item
    recall = log.add("recall", unit, {"action": "stop_use"}, by="approver")
    hold = log.add("hold", core, {"authority": "quality"}, by="quality")
    other = log.add("hold", unit, {"authority": "customs"}, by="customs")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.result == "verified"
    assert verdict.things[0].overlays == ("hold_customs", "recalled")
    assert [(one.chain, one.event, one.authority) for one in verdict.holds] == [
        (unit, other.id, "customs"),
        (core, hold.id, "quality"),
    ]
    (found,) = verdict.recalls
    assert (found.event, found.party, found.action) == (recall.id, "party/plant", "stop_use")
    assert found.contact == "recall desk, +86 23 5550 0100"
    assert next(t for t in verdict.things if t.item == core).overlays == ("hold_quality",)


def test_a_recall_is_stated_as_corrected(log: Log, unit: str) -> None:
    """A buyer who calls a contact that was corrected reaches nobody."""
    recall = log.add("recall", unit, by="approver")
    target = ("target", unit, recall.id)

    def correct(**fields: str) -> str:
        return log.add("correct", unit, {"set_public": fields}, by="approver", refs=[target]).id

    def shown() -> tuple[str, str]:
        (found,) = verify(log.passport(unit), log.trust(), unit).recalls
        return found.contact, found.severity

    correct(contact="new desk", severity="low")
    assert shown() == ("new desk", "low")
    last = correct(contact="newest desk")
    assert shown() == ("newest desk", "low")
    log.add("void", unit, by="approver", refs=[("target", unit, last)])
    assert shown() == ("new desk", "low")


def test_a_release_ends_what_it_names(log: Log, unit: str) -> None:
    hold = log.add("hold", unit, {"authority": "quality"}, by="quality")
    log.add("release", unit, by="quality", refs=[("target", unit, hold.id)])
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.things[0].overlays == ()


def test_attested_is_what_trusted_customs_signed_or_confirmed(log: Log, unit: str) -> None:
    export = log.chain(unit)[-1]
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert export.id in {one.event for one in verdict.asserted}
    assert verdict.attested == ()
    confirm = log.add("confirm", unit, by="customs", refs=[("target", unit, export.id)])
    passport = log.passport(unit)
    verdict = verify(passport, log.trust(), unit)
    assert [one.event for one in verdict.attested] == [export.id, confirm.id]
    assert export.id not in {one.event for one in verdict.asserted}
    verdict = verify(passport, log.trust(customs=()), unit)
    assert verdict.attested == ()


def test_a_refusal_by_customs_takes_its_confirmation_back(log: Log, unit: str) -> None:
    export = log.chain(unit)[-1]
    for result in ("confirmed", "refused"):
        target = ("target", unit, export.id)
        log.add("confirm", unit, {"result": result}, by="customs", refs=[target])
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert export.id not in {one.event for one in verdict.attested}


def test_a_carriers_confirmation_is_only_asserted(log: Log, unit: str) -> None:
    export = log.chain(unit)[-1]
    confirm = log.add("confirm", unit, by="carrier", refs=[("target", unit, export.id)])
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.attested == ()
    assert {export.id, confirm.id} <= {one.event for one in verdict.asserted}


def test_lists_links_that_are_not_followed(log: Log, unit: str) -> None:
    export = log.chain(unit)[-1]
    verdict = verify(log.passport(unit), log.trust(), unit)
    described = {"chain": unit, "event": export.id, "as": "declaration", "item": LINE_OUT}
    assert described in describe_result(verdict)["not_followed"]


def test_first_use_is_never_verified(log: Log, unit: str) -> None:
    verdict = verify(log.passport(unit), log.trust(), unit, first_use=True)
    assert (verdict.result, verdict.codes) == ("incomplete", ("trust.first-use",))


@pytest.mark.parametrize(
    ("times", "policy", "codes"),
    [
        ((NOW, 0), "both", ("quorum.missing", "replay.missing")),
        ((0, NOW), "both", ("quorum.missing",)),
        ((0, 0), "both", ("quorum.missing", "replay.missing")),
        ((NOW, 0), "plain", ("replay.missing",)),
        ((NOW, 0), "customs", ("quorum.missing", "replay.missing")),
        ((NOW, NOW), "none", ("quorum.none",)),
        ((NOW, NOW + 301), "both", ("quorum.missing", "replay.missing")),
        ((NOW - 86_401, NOW), "both", ("age.stale",)),
        ((NOW, NOW - 86_401), "plain", ("age.stale",)),
    ],
)
def test_too_few_cosignatures_make_it_incomplete(
    log: Log, unit: str, times: tuple[int, int], policy: str, codes: tuple[str, ...]
) -> None:
    trust = log.trust(quorum=policy)
    verdict = verify(log.passport(unit, times=times), trust, unit)
    assert (verdict.result, verdict.codes) == ("incomplete", codes)


def test_without_a_replaying_witness_nothing_is_verified(log: Log, unit: str) -> None:
    verdict = verify(log.passport(unit), log.trust(replayed_by=""), unit)
    assert (verdict.result, verdict.codes) == ("incomplete", ("replay.missing",))
    assert verdict.as_of is None
    assert "as_of" not in describe_result(verdict)


def test_a_cosignature_five_minutes_ahead_still_counts(log: Log, unit: str) -> None:
    verdict = verify(log.passport(unit, times=(NOW + 300, NOW + 300)), log.trust(), unit)
    assert (verdict.result, verdict.as_of) == ("verified", NOW + 300)


def test_as_of_is_the_older_of_what_quorum_and_replay_ask_for(log: Log, unit: str) -> None:
    trust = log.trust(quorum="plain")
    verdict = verify(log.passport(unit, times=(NOW, NOW - 500)), trust, unit)
    assert verdict.as_of == NOW - 500


def test_exactly_as_old_as_allowed_is_not_stale(log: Log, unit: str) -> None:
    verdict = verify(log.passport(unit, times=(NOW - 86_400, NOW)), log.trust(), unit)
    assert verdict.result == "verified"


def test_a_witness_key_that_was_replaced_does_not_count(log: Log, unit: str) -> None:
    retired = RetiredKey(format_vkey(CUSTOMS.verifier), 5, bytes(32))
    verdict = verify(log.passport(unit), log.trust(until=(retired,)), unit)
    assert verdict.codes == ("quorum.missing", "replay.missing")
    assert [one.name for one in verdict.cosigners] == ["plain"]
    retired = RetiredKey(format_vkey(PLAIN.verifier), 5, bytes(32))
    trust = log.trust(until=(retired,), quorum="customs")
    assert verify(log.passport(unit), trust, unit).result == "verified"


def test_the_report_is_plain_json_of_one_shape(log: Log, unit: str) -> None:
    described = describe_result(verify(log.passport(unit), log.trust(), unit))
    assert described["result"] == "verified"
    assert described["item"] == unit
    assert (described["state"], described["overlays"]) == ("EXPORTED", [])
    assert described["cosigners"][0] == {"name": "plain", "time": NOW - 60}
    assert described["parties"] == [{"party": "party/plant", "name": "plant"}]
    assert [part["state"] for part in described["parts"]] == ["CONSUMED", "CONSUMED"]


@pytest.mark.parametrize("wanted", ["", "8004/lower", "01/09521234543214/21/U0002"])
def test_what_is_wanted_must_be_an_item_id(log: Log, unit: str, wanted: str) -> None:
    with pytest.raises(MalformedError) as caught:
        verify(log.passport(unit), log.trust(), wanted)
    assert caught.value.code in {"item.form", "item.check-digit"}
    assert describe_result(caught.value)["result"] == "unchecked"


def test_a_trust_file_that_is_no_trust_file_is_malformed(log: Log, unit: str) -> None:
    with pytest.raises(MalformedError, match=r"trust\.form"):
        verify(log.passport(unit), b"{}", unit)
