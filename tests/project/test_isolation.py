from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HANGS = """
import threading

def test_hangs():
    threading.Event().wait()
"""


def run_pytest(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest as a script's background job does: with the keyboard's signals ignored."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)]
    own = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        ["sh", "-c", "trap '' INT QUIT HUP TERM; exec \"$@\"", "sh", *command],
        env={**own, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "test"),
    [
        ("tests/cli/test_cli_program.py", "test_interrupt_has_the_exit_code_that_shells_expect"),
        (
            "tests/archive/test_archive_stops.py",
            "test_stop_from_the_keyboard_ends_all_processes_quietly",
        ),
    ],
)
def test_tests_pass_where_the_caller_ignores_signals(
    repository: Path, file: str, test: str
) -> None:
    result = run_pytest("--rootdir", repository, f"{repository / file}::{test}")
    assert result.returncode == 0, result.stdout + result.stderr


def test_tests_do_not_see_what_the_caller_set(repository: Path) -> None:
    test = "tests/cli/test_cli_program.py"
    strange = {"TRACELEDGER_LEDGER": "/nowhere", "NO_COLOR": "1", "HTTP_PROXY": "http://[::1]:9"}
    result = run_pytest("--rootdir", repository, repository / test, **strange)
    assert result.returncode == 0, result.stdout + result.stderr


def test_test_that_hangs_fails_with_a_traceback(repository: Path, tmp_path: Path) -> None:
    hanging = tmp_path / "test_hanging.py"
    hanging.write_text(HANGS)
    configuration = ("-c", repository / "pyproject.toml", "--rootdir", tmp_path)
    result = run_pytest(*configuration, "--timeout", "1", hanging)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "threading.Event().wait()" in result.stdout
    assert "Timeout (>1.0s)" in result.stdout


def test_every_test_has_an_upper_bound(pytestconfig: pytest.Config) -> None:
    assert float(pytestconfig.getini("timeout")) > 0
