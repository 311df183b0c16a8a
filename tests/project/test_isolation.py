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


def test_tests_pass_where_the_caller_ignores_signals(repository: Path) -> None:
    tests = (
        "cli/test_cli_program.py::test_interrupt_has_the_exit_code_that_shells_expect",
        "archive/test_archive_stops.py::test_stop_from_the_keyboard_ends_all_processes_quietly",
    )
    result = run_pytest("--rootdir", repository, *(repository / "tests" / test for test in tests))
    assert result.returncode == 0, result.stdout + result.stderr


STRANGE = {"TRACELEDGER_LEDGER": "/nowhere", "NO_COLOR": "1", "HTTP_PROXY": "http://[::1]:9"}


def test_nothing_strange_is_in_the_environment() -> None:
    assert not STRANGE.keys() & os.environ.keys()


def test_tests_do_not_see_what_the_caller_set(repository: Path) -> None:
    tests = (
        "project/test_isolation.py::test_nothing_strange_is_in_the_environment",
        "cli/test_cli_program.py::test_colours_appear_only_on_terminals_and_can_be_disabled",
    )
    paths = (repository / "tests" / test for test in tests)
    result = run_pytest("--rootdir", repository, *paths, **STRANGE)
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
