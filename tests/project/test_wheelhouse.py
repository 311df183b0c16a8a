"""An auditor installs and works on a computer without a network, also on Windows."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import wheelhouse
from tests.conftest import SmallDemo

# What Python on Windows lacks, of all that the program could use where an auditor works.
_WITHOUT_POSIX = """
import os, signal, sys
for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "sched_getaffinity", "fork", "getuid"):
    delattr(os, name)
for name in ("pthread_sigmask", "SIGKILL", "SIGHUP"):
    delattr(signal, name)
for name in ("grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
# Where the platform is Windows, files/lock.py imports msvcrt instead; here, no call works.
sys.modules["fcntl"] = type(sys)("fcntl")
from traceledger_cli.main import main
main(sys.argv[1:])
"""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def filled(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for this computer alone."""
    here = ".".join(map(str, sys.version_info[:2]))
    (target,) = (one for one in wheelhouse.TARGETS if one.machine == platform.machine())
    folder = tmp_path_factory.mktemp("auditor") / "wheelhouse"
    wheelhouse.fill(wheel, folder, [(target, here)])
    return folder


@pytest.fixture(scope="module")
def program(filled: Path, without_network: list[str]) -> Path:
    """The program as the two commands of the README install it."""
    lines = (filled / "README.txt").read_text().splitlines()
    linux = lines[lines.index("Linux, in this folder:") :]
    for command in [line.split() for line in linux if line.startswith("    ")]:
        subprocess.run([*without_network, *command], cwd=filled, check=True, capture_output=True)
    return filled / "traceledger" / "bin" / "traceledger"


def test_two_commands_install_it_without_a_network(
    program: Path, without_network: list[str], small_demo: SmallDemo
) -> None:
    command: list[str | Path] = [*without_network, program]
    trust = ("--trust", small_demo.trust)
    verified = run(*command, "verify", small_demo.root / "archive", *trust)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "traceledger-bonded" in verified.stderr
    audited = run(*command, "audit", small_demo.root / "archive", *trust)
    assert audited.returncode == 0, audited.stdout + audited.stderr
    checked = run(program.with_name("pip"), "check")
    assert checked.returncode == 0, checked.stdout


def test_guide_that_the_readme_names_is_installed(program: Path) -> None:
    assert (program.parents[1] / "share/doc/traceledger/guide/auditor.md").is_file()


def test_changed_wheel_is_not_installed(filled: Path, without_network: list[str]) -> None:
    """Someone who exchanges a wheel on the way must not reach the auditor's computer."""
    wheels = filled / "wheels"
    (victim,) = wheels.glob("click-*.whl")
    original = victim.read_bytes()
    victim.write_bytes(original + b"\0")
    try:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index"]
        options = ("-f", wheels, "--require-hashes")
        requirements = ("--requirement", filled / "requirements.txt", "--target", filled / "other")
        result = run(*without_network, *install, *options, *requirements)
    finally:
        victim.write_bytes(original)
    assert result.returncode == 1
    assert "DO NOT MATCH" in result.stderr


@pytest.mark.parametrize("target", wheelhouse.TARGETS, ids=lambda one: f"{one[0]}-{one[1]}")
@pytest.mark.parametrize("python", wheelhouse.PYTHONS)
def test_every_target_has_the_same_packages(target: wheelhouse.Target, python: str) -> None:
    """A marker that excludes a computer would leave its auditor without a wheel."""
    locked = list(wheelhouse.read_lock(wheelhouse.environment_of(target, python)))
    names = {entry.partition("==")[0] for entry in locked}
    assert {"cffi", "click", "cryptography", "msgspec", "openpyxl", "pycparser"} <= names
    assert "xlsxwriter" in names
    assert all("--hash=sha256:" in entry for entry in locked)


@pytest.mark.parametrize("command", ["verify", "audit"])
def test_auditors_commands_need_nothing_that_windows_lacks(
    command: str, small_demo: SmallDemo
) -> None:
    program = [sys.executable, "-c", _WITHOUT_POSIX]
    result = run(*program, command, small_demo.root / "archive", "--trust", small_demo.trust)
    assert result.returncode == 0, result.stdout + result.stderr
