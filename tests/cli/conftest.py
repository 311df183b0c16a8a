from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.plant import Plant, found_plant, make_unit, watch

MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture
def plant(make_once: MakeOnce, tmp_path: Path) -> Plant:
    """A founded ledger with parties and keys, for a single test."""

    def make(folder: Path) -> None:
        found_plant(folder)

    return _copy(make_once("plant", make), tmp_path)


@pytest.fixture
def busy_plant(make_once: MakeOnce, tmp_path: Path) -> Plant:
    """The same with cores and a packed unit, published."""
    return _copy(make_once("busy-plant", _make_busy), tmp_path)


@pytest.fixture(scope="module")
def shared_busy_plant(make_once: MakeOnce, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The same, for all tests of a module that only read it."""
    return _copy(make_once("busy-plant", _make_busy), tmp_path_factory.mktemp("shared"))


@pytest.fixture
def watched(busy_plant: Plant) -> Plant:
    """A plant whose log a customs witness replays, with `trust.json` and `passport.json`."""
    watch(busy_plant)
    return busy_plant


def _make_busy(folder: Path) -> None:
    make_unit(found_plant(folder))


def _copy(source: Path, tmp_path: Path) -> Plant:
    shutil.copytree(source, tmp_path / "plant")
    return Plant(tmp_path / "plant")
