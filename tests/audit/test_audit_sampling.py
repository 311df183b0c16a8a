"""Samples that an audit draws again from the account that it computed."""

from __future__ import annotations

import msgspec
import pytest

from tests.audit.accounts import Plant
from tests.audit.acts import core_of
from tests.audit.test_audit_behind import account_of, state_of
from tests.samples import STATEMENT, make_statement
from traceledger.audit.cores import list_cores
from traceledger.audit.sampling import DrawnFrom, draw
from traceledger.audit.scope import Scope
from traceledger.errors import VerificationError
from traceledger.formats.sample import SampleRow

SEED = "ab" * 32


def test_only_the_whole_sample_passes() -> None:
    """Defends against an officer's list that was cut before the cores that were missing."""
    plant = Plant()
    for _ in range(3):
        core_of(plant)
    found, _ = account_of(state_of(plant), Scope())
    drawn_from = DrawnFrom(STATEMENT.origin, STATEMENT.account, tuple(list_cores(found)))
    for size in (2, 3, 9):
        rows = [SampleRow(item=row.item) for row in draw(drawn_from.cores, SEED, size)]
        whole = make_statement(fate="", frame=3, size=size, seed=SEED, results=tuple(rows))
        drawn_from.check(whole)
        for wrong in (rows[:-1], [], [*rows, rows[0]], rows[::-1]):
            with pytest.raises(VerificationError) as caught:
                drawn_from.check(msgspec.structs.replace(whole, results=tuple(wrong)))
            assert caught.value.code == "sample.differs"
