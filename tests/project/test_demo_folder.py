from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MARK = ".made-by-make-demo"


@pytest.fixture
def checkout(tmp_path: Path, repository: Path) -> Path:
    """A checkout whose `traceledger` writes one file, and then fails if there is a file `fail`."""
    (tmp_path / "scripts").mkdir()
    shutil.copy2(repository / "scripts" / "demo", tmp_path / "scripts")
    program = tmp_path / ".venv" / "bin" / "traceledger"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/bash\nmkdir -p "$2"\necho "$@" >"$2/made"\n[[ ! -e fail ]]\n')
    program.chmod(0o755)
    return tmp_path


def make_demo(checkout: Path, store: str = "") -> subprocess.CompletedProcess[str]:
    script = checkout / "scripts" / "demo"
    environment = {**os.environ, "STORE": store}
    return subprocess.run([script], env=environment, capture_output=True, text=True, check=False)


def test_demo_says_where_it_is(checkout: Path) -> None:
    result = make_demo(checkout)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"The demo is in {checkout}/demo\n"
    assert (checkout / "demo" / "made").read_text() == "demo demo/ --serve\n"


def test_demo_keeps_its_events_where_it_is_asked_to(checkout: Path) -> None:
    assert make_demo(checkout, "postgresql://owner@/x").returncode == 0
    arguments = (checkout / "demo" / "made").read_text()
    assert arguments == "demo demo/ --serve --store postgresql://owner@/x\n"
    unknown = make_demo(checkout, "oracle")
    assert unknown.returncode == 1
    assert "STORE is oracle" in unknown.stderr
    assert (checkout / "demo" / "made").read_text() == arguments


def test_demo_replaces_only_its_own_folder(checkout: Path) -> None:
    make_demo(checkout)
    (checkout / "demo" / "old").touch()
    assert make_demo(checkout).returncode == 0
    assert {path.name for path in (checkout / "demo").iterdir()} == {MARK, "made"}


def test_folder_that_someone_else_made_is_kept(checkout: Path) -> None:
    (checkout / "demo").mkdir()
    (checkout / "demo" / "mine").touch()
    result = make_demo(checkout)
    assert result.returncode == 1
    assert "was not created by make demo" in result.stderr
    assert [path.name for path in (checkout / "demo").iterdir()] == ["mine"]


def test_failed_demo_can_be_run_again(checkout: Path) -> None:
    (checkout / "fail").touch()
    assert make_demo(checkout).returncode == 1
    (checkout / "fail").unlink()
    assert make_demo(checkout).returncode == 0
