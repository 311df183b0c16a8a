"""An account that was stopped and resumed equals the one of a run without a stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.archive.conftest import make_honest
from tests.forging import Forger, audit
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope


@pytest.fixture(scope="module")
def honest() -> Forger:
    return make_honest()


@pytest.mark.parametrize("published", [None, 1, 2], ids=["whole", "second", "third"])
def test_resumed_account_equals_the_unbroken_one(
    honest: Forger, published: int | None, tmp_path: Path
) -> None:
    """A large ledger is verified over several days; a stop must not change a figure."""
    start = 1 if published is None else sorted(honest.notes)[published]
    scope, trust, files = Scope(start), honest.trust(), honest.files()

    def run(fold: AccountFold, **options: object) -> None:
        audit(files, trust, folds={"account": fold}, **options)

    def stop(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    unbroken = AccountFold(scope, trust.customs)
    run(unbroken)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            run(AccountFold(scope, trust.customs), scratch=tmp_path / "scratch", on_progress=stop)
    resumed = AccountFold(scope, trust.customs)
    run(resumed, scratch=tmp_path / "scratch")
    assert resumed.finish() == unbroken.finish()
