"""Refusals of an archive, for tests of its verification."""

from __future__ import annotations

import pytest

from tests.forging import Forger, audit
from traceledger.errors import TraceledgerError, VerificationError
from traceledger.verify.archive.verdict import describe_archive


def refused(code: str, log: Forger, **changes: object) -> TraceledgerError:
    """Asserts that the auditor stops with this code; returns the error."""
    with pytest.raises(VerificationError) as caught:
        audit(log.files(), log.trust(**changes))
    assert caught.value.code == code, caught.value
    # A reader cannot mend what others signed.
    assert " sign" not in describe_archive(caught.value)["hint"].lower()
    return caught.value


def line_of(log: Forger) -> tuple[str, str, str]:
    line = "decl/DECLARATION-IN-1"
    return ("declaration", line, log.chain(line)[0].id)
