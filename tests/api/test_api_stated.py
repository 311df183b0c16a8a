"""What the buyer's page claims before the record is verified."""

from __future__ import annotations

from tests.audit.accounts import Plant
from tests.audit.acts import exported
from tests.forging import Forger
from tests.passports import verify
from traceledger.formats.passport import format_passport
from traceledger.verify.result import describe_result
from traceledger_api.pages.buyer.stated import read_stated


def test_export_on_a_day_that_never_was_is_stated_without_a_day() -> None:
    """The rules allow such a date, so the page must not end in an error."""
    plant = Plant()
    unit = exported(plant, answer="")
    log = Forger(plant)
    log.restate(occurred="2025-02-30T10:00:00Z")
    passport = log.passport(unit)
    report = describe_result(verify(passport, log.trust(), unit))
    stated = read_stated(format_passport(passport), report)
    assert (stated.country, stated.exported) == ("USA", None)
