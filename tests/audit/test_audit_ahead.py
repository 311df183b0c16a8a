"""Reports for write-off, which customs recompute from the log before they confirm them."""

from __future__ import annotations

import pytest

from tests.audit.accounts import Json, Plant, account_of, codes
from tests.audit.acts import core_of, exported
from tests.forging import Forger, audit
from traceledger.audit.ahead import Ahead, Recomputed, Report, differs, look_ahead
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.errors import NotAllowedError
from traceledger.planning.writeoffs import check_recomputed, draft_report


def recomputed(
    plant: Plant, log: Forger, customs: tuple[str, ...] | None = None, *, disclosed: bool = True
) -> Json:
    """The account of a plant's book with all reports recomputed; `customs` replaces the trusted."""
    trust = log.trust()
    attesting = trust.customs if customs is None else customs
    fold = AccountFold(Scope(book=plant.book_id), attesting, ahead=look_ahead(log.entries))
    audit(log.files(disclosed=disclosed), trust, folds={"account": fold})
    return fold.finish()


def report(plant: Plant, log: Forger, start: int, book: str = "", **lies: object) -> int:
    """Reports the period from a size to now, as the plant computes it; returns its end."""
    log.follow()
    size = log.publish()
    described = account_of(log, Scope(start, size, book))
    known = {**described, "residual_zero": bool(described["residual_zero"])}
    plant.add("writeoff", plant.book_id, draft_report(plant.book_id, known).data | lies)
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


def attested_export(plant: Plant) -> None:
    """A unit left, and customs confirmed it themselves."""
    unit = exported(plant, answer="")
    plant.confirm(unit, by="customs")


def test_true_report_holds_for_an_auditor_who_trusts_nobody_as_customs() -> None:
    """A hash that depends on the auditor's trust file would call a true report false."""
    plant = Plant()
    log = Forger(plant)
    attested_export(plant)
    report(plant, log, 1, plant.book_id)
    assert recomputed(plant, log, ()) == recomputed(plant, log)
    assert "WOF-03" not in codes(recomputed(plant, log, ()))


@pytest.mark.parametrize("named", [True, False])
def test_answers_of_a_customs_party_that_nobody_trusts_are_counted(*, named: bool) -> None:
    """Defends against a ledger that admits a party as customs and has it confirm everything."""
    plant = Plant()
    attested_export(plant)
    line = plant.declare_in(2, "2.000")
    plant.import_core(line, state="MISSING")
    plant.amend(line, quantity="1")
    log = Forger(plant)
    log.publish()
    trust = log.trust()
    for book, count in (("", 2), (plant.book_id, 2), (plant.book(), 0)):
        fold = AccountFold(Scope(book=book), trust.customs if named else ())
        audit(log.files(), trust, folds={"account": fold})
        fold.finish()
        assert fold.finished[0].unattested == (0 if named else count)


@pytest.mark.parametrize("lie", [{}, {"report_sha256": "ab" * 32}, {"residual_zero": False}])
def test_report_is_not_judged_without_the_fields_that_it_rests_on(lie: dict[str, object]) -> None:
    """Whoever sees fewer fields than customs cannot tell a true report from a false one."""
    plant = Plant()
    log = Forger(plant)
    attested_export(plant)
    report(plant, log, 1, plant.book_id, **lie)
    found = codes(recomputed(plant, log, disclosed=False))
    assert "INT-09" in found
    assert "WOF-03" not in found


def test_true_report_holds_for_an_auditor_who_sees_internal_fields() -> None:
    """The plant sees more than customs, so a finding on it must be no part of a report."""
    plant = Plant()
    log = Forger(plant)
    line = plant.declare_in(2, "2.000")
    for _ in range(2):
        plant.import_core(line, old_serial="NONE")
    log.follow()
    log.disclose_all()
    report(plant, log, 1, plant.book_id)
    assert codes(recomputed(plant, log)) == ["DUP-01"]


def test_false_report_is_found_although_a_figure_is_unknown() -> None:
    """One line in a unit that nobody can count would switch the comparison off."""
    plant = Plant()
    log = Forger(plant)
    plant.declare("declare_in", "3", "3.000", unit="032")
    report(plant, log, 1, plant.book_id, report_sha256="ab" * 32)
    found = codes(recomputed(plant, log))
    assert "INT-09" not in found
    assert "WOF-03" in found


def test_equal_hash_proves_a_report_whatever_is_withheld() -> None:
    full = Recomputed("ab" * 32, residual_zero=True)
    partial = Recomputed("cd" * 32, residual_zero=None, complete=False)
    lied = Recomputed("ab" * 32, residual_zero=False)
    assert differs(full, [full, partial]) is False
    assert differs(lied, [full, partial]) is True
    assert differs(full, [partial]) is None
    assert differs(full, [Recomputed("cd" * 32, residual_zero=True)]) is True


def test_customs_confirm_nothing_that_they_cannot_recompute() -> None:
    plant = Plant()
    log = Forger(plant)
    core_of(plant)
    report(plant, log, 1, plant.book_id)
    reported = next(event for event in plant.events if event.kind_name == "writeoff")
    partial = Recomputed("cd" * 32, residual_zero=None, complete=False)
    with pytest.raises(NotAllowedError) as caught:
        check_recomputed(reported, [partial])
    assert caught.value.code == "writeoff.unknown"


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
