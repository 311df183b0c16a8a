"""The sentence of the verdict: why an account differs, in one place for console and reports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.audit.accounts import Plant, account, account_of, codes, fold_of
from tests.forging import Forger
from traceledger.audit.figures import Figure
from traceledger.audit.scope import Scope
from traceledger.audit.sentence import choose_sentence
from traceledger.reports.verdicts import describe_verdict
from traceledger.reports.words import words_of


@pytest.mark.parametrize(
    ("arrived", "quantity", "verdict", "found"),
    [
        ("1000.000", "1000", "balances", []),
        ("1000.000", "1000000", "differs", ["QTY-05"]),
        (None, "1000", "differs", ["QTY-05"]),
        ("990.000", "1000", "differs", ["QTY-05"]),
    ],
)
def test_a_line_in_kilograms_closes_only_by_its_weight(
    arrived: str | None, quantity: str, verdict: str, found: list[str]
) -> None:
    """With no pieces to compare, a line of which nothing arrived closed the account."""
    plant = Plant()
    total = {"amount": "1000.00", "currency": "USD"}
    line = plant.declare("declare_in", quantity, "1000.000", unit="035", total=total)
    if arrived:
        plant.import_core(line, kg=arrived, state="RECEIVED", unit_value=total)
    plant.add("close_line", line)
    described = account(plant)
    assert (described["verdict"], codes(described)) == (verdict, found)
    assert described["residual_zero"] is (verdict == "balances")


@pytest.mark.parametrize("state", ["DECLARED", "REJECTED"])
def test_account_with_events_that_nobody_judged_neither_closes_nor_balances(state: str) -> None:
    """Whoever logs newer events could hide goods in them behind a good verdict."""
    plant = Plant()
    core = plant.import_core(plant.declare_in(1, "1.000"), state=state)
    if state == "REJECTED":
        plant.send_back(core, plant.declare_out(1, "1.000"), "1.000")
    log = Forger(plant)
    for _ in range(2):
        log.add("glow", core, {"colour": "blue"}, by="operator")
    log.publish()
    described = account_of(log, Scope(book=plant.book_id))
    assert codes(described) == ["INT-10"]
    assert (described["verdict"], described["residual_zero"]) == ("not_evaluated", True)
    found = choose_sentence(described, {})
    assert (found.name, found.unjudged) == ("unjudged", 2)
    assert "cannot judge 2 events" in describe_verdict(described, {}, words_of("en"))


@pytest.mark.parametrize("known", [True, False])
def test_count_that_opens_a_book_under_newer_rules_is_not_judged(*, known: bool) -> None:
    """The audit ended in an error when no record of the book existed, because nobody judged it."""
    plant = Plant()
    log = Forger(plant)
    log.add("rules", "ledger", {"version": 2}, by="root")
    book = plant.book_id if known else "book/NEWBOOK-000000001"
    if not known:
        log.add("open_book", book, by=plant.first_actor("open_book", book))
    for _ in range(2):
        log.add("stocktake", book, {"opening": True}, by=plant.first_actor("stocktake", book))
    log.publish()
    fold = fold_of(log, Scope())
    described = fold.finish()
    assert "INT-10" in codes(described)
    assert not set(fold.state.snapshots) - {1}  # a count that opens nothing costs no sums


def described(verdict: str, *, zero: bool, high: int = 0) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "residual_zero": zero,
        "findings": [{"severity": "H", "code": "QTY-02", "count": 1}] * high,
        "open_cores": "1",
        "books": [{"lines_in": [{"imported": "4"}]}],
        "no_book": {"fate": {"in_plant": "2"}},
        "not_evaluated": [],
    }


@pytest.mark.parametrize(
    ("given", "differences", "name"),
    [
        (described("closes", zero=True), {}, "closes"),
        (described("differs", zero=True, high=1), {}, "findings"),
        (described("differs", zero=False), {}, "residuals"),
        (described("differs", zero=False), {"a": Decimal(-1), "b": None}, "differs"),
        (described("differs", zero=False), {"a": None}, "weights"),
    ],
)
def test_sentence_says_why_an_account_differs(
    given: dict[str, Any], differences: dict[str, Figure], name: str
) -> None:
    found = choose_sentence(given, differences)
    assert found.name == name
    assert (found.open, found.cores, found.lines) == (1, 6, len(differences))
    assert found.pieces == (1 if name == "differs" else 0)
