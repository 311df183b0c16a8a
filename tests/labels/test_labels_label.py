from __future__ import annotations

from typing import Any

import pytest

from traceledger.errors import MalformedError
from traceledger.events.draft import Draft, DraftRef, Place, sign_draft
from traceledger.events.keys import SoftwareSigner
from traceledger.events.token import Event, parse_token
from traceledger.labels.label import read_label

UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
CORE = "8004/9521234C000001"
BASE = "https://id.example/reman"
SIGNER = SoftwareSigner.from_seed(bytes(32))
ID = "A" * 43


def event(kind: str, data: dict[str, Any], *refs: DraftRef, item: str = UNIT) -> Event:
    draft = Draft(kind=kind, item=item, data=data, refs=refs)
    place = Place("ledger.example", "party/plant", ID, 1, ID, 1_750_000_000)
    wire = sign_draft(draft, place, SIGNER, bytes)
    return parse_token(wire.partition(b"~")[0])


def texts(item: str, *events: Event) -> list[str]:
    return [line.text for line in read_label(BASE, item, events).lines]


ASSEMBLE = event(
    "assemble",
    {
        "part_no": "RM-24261870",
        "input_count": 1,
        "production_date": "2025-04-02",
        "net_kg": "0.951",
    },
    DraftRef("input", CORE, ID),
)
APPROVE = event(
    "approve",
    {
        "decision": "pass",
        "standards": ["GB/T 39895", "GB/T 28618"],
        "warranty": {"months": 24},
    },
)
PACK = event(
    "pack",
    {
        "label_text": "再制造 / Remanufactured",
        "remanufacturer": "重庆雨翔智能科技有限公司",
        "batch": "2025-04",
    },
)


def test_label_of_a_packed_unit_states_maker_part_and_standard() -> None:
    assert texts(UNIT, ASSEMBLE, APPROVE, PACK) == [
        "再制造 / Remanufactured",
        "重庆雨翔智能科技有限公司",
        "RM-24261870",
        "批次 / Batch 2025-04",
        "GB/T 39895, GB/T 28618",
        "id.example/reman",
        "7KQ2 X4PM 9ATR WC",
        "(01)09521234543213",
        "(21)7KQ2X4PM9ATRWC",
    ]


def test_symbol_holds_the_address_under_the_ledgers_base() -> None:
    assert read_label(BASE, UNIT, [PACK]).link == f"{BASE}/{UNIT}"


def test_label_before_packing_has_the_date_and_no_empty_lines() -> None:
    assert texts(UNIT, ASSEMBLE) == [
        "再制造 / Remanufactured",
        "RM-24261870",
        "日期 / Date 2025-04-02",
        "id.example/reman",
        "7KQ2 X4PM 9ATR WC",
        "(01)09521234543213",
        "(21)7KQ2X4PM9ATRWC",
    ]


def test_corrected_batch_is_the_one_on_the_label() -> None:
    correct = event(
        "correct",
        {"reason": "typing error", "set_public": {"batch": "2025-05"}},
        DraftRef("target", UNIT, PACK.id),
    )
    printed = "\n".join(texts(UNIT, ASSEMBLE, PACK, correct))
    assert "Batch 2025-05" in printed
    assert "2025-04" not in printed


def test_voided_values_are_never_printed() -> None:
    """A label is printed once and read for years: a voided batch must not be on it."""
    correct = event(
        "correct",
        {"reason": "typing error", "set_public": {"batch": "2025-05"}},
        DraftRef("target", UNIT, PACK.id),
    )
    for voided, batch in ((correct, "2025-04"), (PACK, "2025-04-02")):
        void = event("void", {"reason": "wrong"}, DraftRef("target", UNIT, voided.id))
        events = (ASSEMBLE, PACK, correct, void) if voided is correct else (ASSEMBLE, PACK, void)
        printed = "\n".join(texts(UNIT, *events))
        assert batch in printed
        assert "2025-05" not in printed


def test_core_is_not_labelled_remanufactured() -> None:
    data = {
        "category": "TCM",
        "part_no": "24261870",
        "origin": "USA",
        "net_kg": "0.942",
        "unit_value": {"amount": "85.00", "currency": "USD"},
    }
    assert texts(CORE, event("import", data, item=CORE)) == [
        "TCM 24261870",
        "id.example/reman",
        "(8004)9521234C000001",
    ]


def test_number_without_a_gs1_key_is_printed_as_it_is() -> None:
    assert texts("x/unit/7KQ2", PACK)[-1] == "x/unit/7KQ2"


def test_unit_that_is_not_packed_yet_names_the_company_that_assembled_it() -> None:
    """A label without the maker is a label that anyone could have printed."""
    lines = read_label(BASE, UNIT, [ASSEMBLE], maker="Plant One").lines
    assert lines[1].text == "Plant One"
    lines = read_label(BASE, UNIT, [ASSEMBLE, PACK], maker="Plant One").lines
    assert lines[1].text == "重庆雨翔智能科技有限公司"


def test_number_is_monospaced_bold_and_never_broken() -> None:
    numbers = [line for line in read_label(BASE, UNIT, [PACK]).lines if line.text[0] == "("]
    assert [(line.weight, line.whole) for line in numbers] == [("mono", True)] * 2


@pytest.mark.parametrize("item", ["decl/M3VZT8R2KQ7XW4PB9HNC", "party/plant", "ledger"])
def test_item_without_address_has_no_label(item: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_label(BASE, item, [])
    assert caught.value.code == "link.form"
