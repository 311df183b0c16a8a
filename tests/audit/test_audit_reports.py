"""Reports for write-off, which customs recompute from the log before they confirm them."""

from __future__ import annotations

import pytest

from tests.audit.accounts import Json, Plant, account_of
from tests.audit.faults import core_of
from tests.forging import Forger, audit
from traceledger.audit.fold import AccountFold
from traceledger.audit.output import hash_report
from traceledger.audit.reports import Ahead, Report, look_ahead
from traceledger.audit.scope import Scope


def recomputed(plant: Plant, log: Forger) -> Json:
    """The account of a plant's book with all reports recomputed."""
    trust = log.trust()
    fold = AccountFold(Scope(book=plant.book_id), trust.customs, ahead=look_ahead(log.entries))
    audit(log.files(), trust, folds={"account": fold})
    return fold.finish()


def report(plant: Plant, log: Forger, start: int, book: str = "", **lies: object) -> int:
    """Reports the period from a size to now, as the plant computes it; returns its end."""
    log.follow()
    size = log.publish()
    described = account_of(log, Scope(start, size, book))
    data = {
        "from_size": start,
        "to_size": size,
        "report_sha256": hash_report(described),
        "residual_zero": bool(described["residual_zero"]),
        **lies,
    }
    plant.add("writeoff", plant.book_id, data)
    plant.confirm(plant.book_id)
    log.follow()
    log.publish()
    return size


@pytest.mark.parametrize("alone", [True, False], ids=["its book", "all books"])
def test_true_reports_of_two_periods_have_no_finding(alone: bool) -> None:  # noqa: FBT001 - a case
    plant = Plant()
    log = Forger(plant)
    book = plant.book_id if alone else ""
    core_of(plant)
    first = report(plant, log, 1, book)
    core_of(plant)
    second = report(plant, log, first, book)
    assert [one for one in recomputed(plant, log)["findings"] if one["severity"] == "H"] == []
    periods = {Report(plant.book_id, 1, first), Report(plant.book_id, first, second)}
    assert look_ahead(log.entries).reports == periods


@pytest.mark.parametrize("lie", [{"report_sha256": "ab" * 32}, {"residual_zero": False}])
def test_report_of_other_figures_is_found(lie: dict[str, object]) -> None:
    """A plant must not have customs confirm figures that its own log contradicts."""
    plant = Plant()
    log = Forger(plant)
    core_of(plant)
    report(plant, log, 1, plant.book_id, **lie)
    found = recomputed(plant, log)["findings"]
    assert [(one["code"], one["subject"]) for one in found] == [("WOF-03", plant.book_id)]


def test_entries_that_are_no_events_are_skipped() -> None:
    assert look_ahead([b"", b"seal", b"a.!.c", b"a.eyJraW5kIjoid3JpdGVvZmYifQ.c"]) == Ahead()


def test_disputed_events_are_the_evidence_of_a_dispute() -> None:
    """An officer must see what to compare with the papers, not only the revocation."""
    plant = Plant()
    signer = plant.actors["importer"].signer.key.kid
    line = plant.declare_in(2, "2.000")
    before, disputed = plant.import_core(line), plant.import_core(line)
    log = Forger(plant)
    log.follow()
    size = log.publish()
    since = max(at for at, one in enumerate(log.entries) if one == plant.events[-1].token)
    data = {"reason": "compromised", "compromised_since": since}
    revoked = plant.add("revoke_key", f"key/{signer}", data, by="plant admin")
    log.follow()
    assert log.publish() > size
    (found,) = recomputed(plant, log)["findings"]
    imported = [event for event in plant.events if event.payload.sub in {before, disputed}]
    assert (found["code"], found["count"]) == ("INT-08", 2)
    assert found["evidence"] == [imported[1].id, revoked.id]
