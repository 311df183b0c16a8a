"""New parts that only a correction names: they count, and a withheld correction hides them."""

from __future__ import annotations

from typing import Any

from tests.audit.accounts import Plant, account_of, codes, row
from tests.audit.acts import new_parts
from tests.forging import Forger
from traceledger.audit.scope import Scope

TERMS = ("filled", "consumed", "close")


class Repaired(Plant):
    """A plant whose core was repaired, as recorded without new parts."""

    def __init__(self) -> None:
        super().__init__()
        self.new = self.lot(sort="new_part")
        self.add("fill_lot", self.new, {"quantity": "10"}, refs=())
        core = self.import_core(self.declare_in(1, "1.000"), state="ACCEPTED")
        self.step = self.add("repair", core)
        self.mended = core

    def correct(self, target: str, value: Any) -> Forger:
        """Corrects the new parts of an event; customs confirm. Returns the published log."""
        data = {"set_customs": {"new_parts": value}}
        self.add("correct", self.mended, data, refs=(("target", self.mended, target),))
        self.confirm(self.mended)
        log = Forger(self)
        log.publish()
        return log


def test_new_parts_that_a_correction_adds_are_consumed() -> None:
    """Defends against parts that leave a lot and stay in the books."""
    plant = Repaired()
    log = plant.correct(plant.step.id, new_parts(plant.new, "4")["new_parts"])
    assert row(account_of(log)["new_parts"], *TERMS) == ["10", "4", "6"]
    log = plant.correct(plant.step.id, new_parts(plant.new, "12")["new_parts"])
    described = account_of(log)
    assert row(described["new_parts"], *TERMS) == ["10", "12", "-2"]
    assert "LIN-05" in codes(described)


def test_new_parts_that_an_unseen_correction_may_add_are_unknown() -> None:
    """Defends against an unknown figure that counts as zero."""
    plant = Repaired()
    log = plant.correct(plant.step.id, new_parts(plant.new, "4")["new_parts"])
    log.erase_shown(next(one for one in log.events if one.kind_name == "correct"), "set_customs")
    described = account_of(log, Scope(book=plant.book_id))
    assert row(described["new_parts"], *TERMS) == ["10", None, None]
    assert "/new_parts/0/consumed" in described["not_evaluated"]
    assert described["verdict"] == "not_evaluated"


def test_correction_that_is_seen_ends_the_doubt() -> None:
    """Defends against a value that stays unknown although a later correction states it."""
    plant = Repaired()
    log = plant.correct(plant.step.id, new_parts(plant.new, "4")["new_parts"])
    unseen = log.events[-2].id
    log = plant.correct(plant.step.id, new_parts(plant.new, "3")["new_parts"])
    log.erase_shown(next(one for one in log.events if one.id == unseen), "set_customs")
    assert row(account_of(log)["new_parts"], *TERMS) == ["10", "3", "7"]


def test_correction_that_is_no_list_of_new_parts_is_unknown() -> None:
    """A correction of restricted fields is not typed: what cannot be read is not nothing."""
    for value in ("four", [{"part_no": "CAP", "quantity": "4"}], [4]):
        plant = Repaired()
        described = account_of(plant.correct(plant.step.id, value))
        assert row(described["new_parts"], *TERMS) == ["10", None, None]


def test_correction_of_an_event_without_new_parts_changes_no_lot() -> None:
    """Defends against unseen values of other events that make a lot unknown."""
    plant = Repaired()
    moved = plant.add("move", plant.mended)
    log = plant.correct(moved.id, new_parts(plant.new, "4")["new_parts"])
    assert row(account_of(log)["new_parts"], *TERMS) == ["10", "0", "10"]
