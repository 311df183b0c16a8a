from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def without_venv(tmp_path: Path) -> Path:
    """A Python as Debian installs it without its package python3-venv."""
    python = tmp_path / "python3"
    python.write_text(
        f'#!/bin/bash\n[[ "$*" == *ensurepip* ]] && exit 1\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    return python


@pytest.fixture
def too_old(tmp_path: Path) -> Path:
    python = tmp_path / "python3.9"
    python.write_text("#!/bin/bash\nexit 1\n")
    python.chmod(0o755)
    return python


def find_python(repository: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [repository / "scripts" / "find-python"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_finds_a_python(repository: Path) -> None:
    result = find_python(repository)
    assert (result.returncode, result.stderr) == (0, "")
    assert Path(result.stdout.strip()).is_absolute()


def test_takes_the_python_that_is_asked_for(repository: Path) -> None:
    result = find_python(repository, PYTHON=sys.executable)
    assert result.stdout.strip() == sys.executable


def test_missing_venv_is_named_with_the_command_that_installs_it(
    repository: Path, without_venv: Path
) -> None:
    result = find_python(repository, PYTHON=str(without_venv))
    assert (result.returncode, result.stdout) == (1, "")
    assert "ensurepip" in result.stderr
    assert "\n    sudo apt-get install -y python3-venv\n" in result.stderr


def test_old_python_that_is_asked_for_is_refused(repository: Path, too_old: Path) -> None:
    result = find_python(repository, PYTHON=str(too_old))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"PYTHON is set to {too_old}" in result.stderr


def test_python_that_is_asked_for_but_missing_is_refused(repository: Path) -> None:
    result = find_python(repository, PYTHON="no-such-python")
    assert (result.returncode, result.stdout) == (1, "")
    assert "PYTHON is set to no-such-python" in result.stderr
