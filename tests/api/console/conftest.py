from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.site import Site, running
from tests.api.test_api_account import make_plant


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that tests only read, one for all files of this folder."""
    with running(tmp_path_factory.mktemp("console") / "ledger", make_plant()) as site:
        yield site


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """A server for this test only."""
    with running(tmp_path / "ledger", make_plant()) as site:
        yield site
