from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.members import HIDDEN
from tests.memory import folder_in_memory


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one, for tests that make thousands of small ledgers."""
    with tempfile.TemporaryDirectory(dir=folder_in_memory() or tmp_path) as folder:
        yield Path(folder)


@pytest.fixture
def passfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passwords of a cluster's users, as clients of PostgreSQL look them up."""
    passwords = tmp_path / "passwords"
    passwords.touch(0o600)
    passwords.write_text(f"*:*:*:*:{HIDDEN}\n")
    monkeypatch.setenv("PGPASSFILE", str(passwords))
