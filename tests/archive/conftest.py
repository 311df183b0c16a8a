from __future__ import annotations

import pytest

from tests.forging import Files, Forger
from tests.world import World
from traceledger.formats.trust import TrustFile


def make_honest() -> Forger:
    """A ledger of two full bundles and a partial one, with several checkpoints."""
    world = World()
    log = Forger(world)
    log.publish()
    _correct_confirm_void_erase(world, log)
    for size in (300, 512, 536):
        while len(log.entries) < size:
            world.unit("EXPORTED")
            world.core("REJECTED")
            log.follow()
        log.publish()
    return log


def _correct_confirm_void_erase(world: World, log: Forger) -> None:
    core = world.core("IN_PROCESS")
    world.add("move", core)
    world.add("void", core)
    received = next(e for e in world.events if e.kind_name == "inspect")
    target = (("target", core, received.id),)
    world.add("correct", core, {"set_internal": {"notes": "bent pin"}}, refs=target)
    world.core("DIVERTED")  # takes effect because customs confirm it
    first = next(e for e in world.events if e.kind_name == "import")
    assert "net_kg" in first.digests
    world.add("erase", core, {"fields": ["net_kg"]}, refs=(("target", core, first.id),))
    log.follow()
    log.erase_shown(first, "net_kg")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def log(world: World) -> Forger:
    return Forger(world)


@pytest.fixture(scope="session")
def honest() -> Forger:
    return make_honest()


@pytest.fixture(scope="session")
def files(honest: Forger) -> Files:
    return honest.files()


@pytest.fixture(scope="session")
def trust(honest: Forger) -> TrustFile:
    return honest.trust()
