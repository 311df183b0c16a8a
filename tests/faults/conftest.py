from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory import folder_in_memory


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one, for tests that make thousands of small ledgers."""
    with tempfile.TemporaryDirectory(dir=folder_in_memory() or tmp_path) as folder:
        yield Path(folder)
