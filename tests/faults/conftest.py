from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Counts = Callable[..., None]

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of this test's own is made in it


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one, for tests that make thousands of small ledgers."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else tmp_path) as folder:
        yield Path(folder)


@pytest.fixture
def counts(record_property: Callable[[str, object], None]) -> Counts:
    """`counts("power cuts", states=2113, lost=0)` is printed at the end of the test run.

    Numbers of several tests under one title are summed.
    """

    def count(title: str, **numbers: int) -> None:
        record_property("counts", (title, numbers))

    return count
