"""Each finding is provoked by a ledger with exactly that fault, and by no other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.audit.accounts import Plant, account, codes, fold_of, row
from tests.audit.acts import core_of, correct, counted, draw, exported, new_parts
from tests.audit.faults import FAULTS
from traceledger.audit.arithmetic import list_terms
from traceledger.audit.behind import find_figure
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.codes import CODES
from traceledger.codes.account import CODES as FINDINGS

# Findings that compare fields, for which there is nothing to add up.
FIELDS = frozenset({"QTY-02", "QTY-09", "QTY-10", "QTY-11", "QTY-12", "LIN-04", "LIN-08", "TIM-03"})
FIELDS |= frozenset({"WST-02", "WST-03", "WST-05", "WST-06", "WST-07", "DUP-01"})
COMPARED = ("INT", "REL", "DOM", "DOC", "COR", "CUS", "WOF")


def check_arithmetic(fold: AccountFold, described: dict[str, Any], size: int) -> None:
    """An officer must be able to follow the sum: its terms add up, and each has evidence."""
    account, findings = fold.finished
    for finding in findings:
        terms = list_terms(account, finding)
        single = finding.code in {"QTY-03", "QTY-04"} and not finding.subject.startswith("decl/")
        if finding.code in FIELDS or finding.code.startswith(COMPARED) or single:
            assert terms == ()
            continue
        rest = Decimal(0)
        for term in terms:
            if term.path:
                find_figure(described, term.path)
            assert all(place.at < size for place in term.entries)
            value = Decimal(term.value or "0") if term.sign else Decimal(0)
            match term.sign:
                case "+":
                    assert term.path or term.entries or term.name in {"as_of", "here"}
                    rest += value
                case "":
                    assert term.path or term.entries
                case "-":
                    assert term.path or term.entries
                    rest -= value
                case "=" if term.value is None:
                    assert any(one.value is None for one in terms if one.sign in {"+", "-"})
                case "=" if term.unit == "days":
                    assert value == rest // 86_400
                case "=":
                    assert value == rest
                    rest = Decimal(0)
        shown = {term.value for term in terms}
        assert {finding.expected, finding.actual} & {*shown, ""} or finding.code in {
            *("QTY-07", "LIN-07", "TIM-04", "STK-01", "YLD-01", "CON-01"),
        }


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_and_nothing_else(name: str) -> None:
    """An auditor acts on findings: a missing one hides a loss, a false one accuses a plant."""
    fault = FAULTS[name]
    plant = Plant(**fault.policy)
    log = fault.make(plant)
    fold = fold_of(log, Scope(book=plant.book_id))
    described = fold.finish()
    assert tuple(codes(described)) == fault.codes
    severities = {finding["severity"] for finding in described["findings"]}
    assert fault.severity in severities
    logged = {event.id for event in log.events}
    for finding in described["findings"]:
        assert set(finding["evidence"]) <= logged
        assert len(finding["evidence"]) == min(finding["count"], 64)
    check_arithmetic(fold, described, len(log.events))


def test_every_finding_has_a_fault() -> None:
    provoked = {code for fault in FAULTS.values() for code in fault.codes}
    # Lists of customs, documents and reports have tests of their own.
    others = {code for code in FINDINGS if code.startswith("LST")} | {"DOC-01", "WOF-03"}
    assert provoked == FINDINGS.keys() - others
    assert FINDINGS.keys() <= CODES.keys()


def test_document_that_is_not_at_hand_is_found() -> None:
    """A digest proves nothing to an auditor who cannot see the paper."""
    plant = Plant()
    line = plant.declare_in(0, "0.000", receipt_sha256="ab" * 32)

    def findings(*digests: str) -> list[tuple[str, str]]:
        scope = Scope(book=plant.book_id, documents=frozenset(digests))
        found = account(plant, scope)["findings"]
        return [(finding["code"], finding["subject"]) for finding in found]

    assert codes(account(plant)) == []
    assert findings("ab" * 32) == []
    assert findings("cd" * 32) == [("DOC-01", line)]
    given = {"receipt_sha256": "ab" * 32}
    core = plant.import_core(plant.declare_in(1, "1.000", **given), state="REJECTED")
    outward = plant.declare_out(1, "1.000", destination="ARE", **given)
    plant.send_back(core, outward, "1.000", answer="", **given)
    plant.confirm(core, by="carrier", result="confirmed", receipt_sha256="ef" * 32)
    assert findings("ab" * 32, "ef" * 32) == []
    assert findings("ab" * 32) == [("DOC-01", core)]
    plant.add("customs_check", core, {"receipt_sha256": "12" * 32}, by="customs")
    checked = ("ab" * 32, "ef" * 32)
    assert findings(*checked) == [("DOC-01", core)]
    known = (*checked, "12" * 32)
    assert findings(*known) == []
    spare = plant.declare_in(1, "1.000")
    unit = plant.build("1.000", plant.import_core(spare, state="ACCEPTED"))
    plant.release(unit)
    approved = plant.events[-2]
    certificate = {"set_public": {"certificate_sha256": "34" * 32}}
    target = ("target", unit, approved.id)
    plant.add("correct", unit, certificate, by="approver", refs=(target,))
    assert ("DOC-01", unit) in findings(*known)
    assert ("DOC-01", unit) not in findings(*known, "34" * 32)
    plant.amend(line, goods_name="a kind with a receipt and no certificate")
    assert ("DOC-01", line) not in findings("ab" * 32, "ef" * 32)
    plant.amend(line, receipt="aa" * 32, documents=["dd" * 32, "ee" * 32])
    papers = ("aa" * 32, "dd" * 32, "ee" * 32)
    assert ("DOC-01", line) not in findings(*known, *papers)
    for missing in papers:
        assert ("DOC-01", line) in findings(*known, *(one for one in papers if one != missing))


def test_clean_ledger_closes_without_a_finding() -> None:
    """Nothing that an honest plant does in order is reported."""
    plant = Plant()
    lot = plant.lot(sort="new_part")
    plant.add("fill_lot", lot, {"quantity": "5"}, refs=())
    line = plant.declare_in(4, "4.000")
    one, two, three, four = (plant.import_core(line, state="ACCEPTED") for _ in range(4))
    plant.add("repair", one, new_parts(lot, "2"))
    draw(plant, lot, "scrapped")
    for reason, by in (("returned", "carrier"), ("short", "customs")):
        draw(plant, lot, reason)
        plant.confirm(lot, by=by)
    counted(plant, "4")
    (housing,) = plant.strip(two, ("housing", "0.700"), waste_kg="0.299")
    plant.scrap(three, "1.000")
    outward = plant.declare_out(1, "1.695", destination="USA")
    plant.export(plant.build("1.695", one, housing), outward)
    plant.send_back(four, plant.declare_out(1, "1.000"), "1.000")
    plant.add("close_lot", plant.waste, {"net_kg": "1.010"})
    plant.add("destroy", plant.waste, {"net_kg": "1.010", "residue_kg": "0.900"})
    plant.confirm(plant.waste)
    exported(plant)
    plant.add("close_line", line)
    plant.add("close_line", outward)
    described = account(plant)
    assert codes(described) == []
    assert (described["verdict"], described["open_cores"]) == ("closes", "0")
    terms = ("filled", "consumed", "scrapped", "returned", "short", "close", "residual")
    assert row(described["new_parts"], *terms) == ["5", "2", "1", "1", "1", "0", "0"]
    assert described["waste"][-1]["in"] == "1.01"


def test_honest_count_agrees_after_customs_refused_a_part_number() -> None:
    """A refusal takes the corrected number back, so the stock must be counted under the old one."""
    plant = Plant()
    core = core_of(plant, "RECEIVED")
    correct(plant, core, "import", part_no="P-2")
    plant.confirm(core, result="refused")
    counted(plant, "1")
    assert "STK-01" not in codes(account(plant))


@pytest.mark.parametrize("corrected", [False, True], ids=["stated", "corrected"])
@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2025-06-16T00:30:00+08:00", True),  # still the 15th in UTC
        ("2025-06-15T20:00:00-08:00", False),  # the 16th in UTC
        ("2025-06-15T23:59:59Z", False),
    ],
)
def test_equipment_is_due_by_the_day_of_the_place(
    moment: str, *, found: bool, corrected: bool
) -> None:
    """Not by the day of UTC, which begins at 8 in the morning in China."""
    plant = Plant()
    unit = plant.build("1.000", core_of(plant))
    due = {"id": "B-1", "due": "2025-06-15"}
    stated = {**due, "due": "2030-01-01"} if corrected else due
    plant.add("test", unit, {"overall": "pass", "equipment": stated}, occurred=moment)
    if corrected:
        correct(plant, unit, "test", equipment=due)
    assert ("REL-05" in codes(account(plant))) is found


def test_core_that_is_missing_longest_is_settled_first() -> None:
    """By when it was found to be short, not by when it was imported."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    first, second = plant.import_core(line), plant.import_core(line)
    for core in (second, first):
        plant.add("receive", core, {"result": "short"})
    plant.amend(line, quantity="1")
    found = [one["subject"] for one in account(plant)["findings"] if one["code"] == "QTY-02"]
    assert found == [first]
