from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.everything import make_everything
from tests.api.site import Clock, Site, make_home, running, serving, store_of
from tests.world import World


@pytest.fixture
def clock() -> Clock:
    """The clock of a server, for this test only."""
    return Clock()


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A server of a new ledger, for this test only; with `both_engines`, on each of them."""
    world = World()
    with serving(make_home(tmp_path / "ledger", world, store_of(request)), world) as site:
        yield site


@pytest.fixture(scope="module")
def busy_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with units and cores in several states, for tests that only read."""
    world = World()
    for state in ("PACKED", "EXPORTED"):
        world.unit(state)
    world.core("ACCEPTED")
    with running(tmp_path_factory.mktemp("busy") / "ledger", world) as site:
        yield site


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of a ledger with an event of every kind, for tests that only read."""
    with running(tmp_path_factory.mktemp("everything") / "ledger", make_everything()) as site:
        yield site
