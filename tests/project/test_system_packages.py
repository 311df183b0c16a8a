from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NOBODY = 65534
TOOLS = ("bash", "cat", "chmod", "dirname", "env", "touch")
PROGRAMS = {
    **{name: name for name in ("git", "npm", "chromium", "firefox-esr", "strace")},
    "webkit2gtk-driver": "WebKitWebDriver",
    "xvfb": "Xvfb",
}
WANTED = " ".join(PROGRAMS)


@pytest.fixture
def bare(repository: Path) -> Iterator[Path]:
    """A checkout's scripts beside a `bin` with a Python and an apt-get that notes its words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(repository / "scripts", folder / "scripts")
        programs = folder / "bin"
        programs.mkdir()
        for tool in TOOLS:
            (programs / tool).symlink_to(str(shutil.which(tool)))
        write_program(programs / "python3", f'exec {sys.executable} "$@"')
        write_program(
            programs / "apt-get",
            f'echo "$@" >>{folder}/apt\n[[ " $* " == *" install "* ]] || exit 0\n'
            f'for tool in {" ".join(PROGRAMS.values())}; do touch "{programs}/$tool"; '
            f'chmod 755 "{programs}/$tool"; done',
        )
        yield folder


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def system_packages(
    bare: Path, wanted: str, user: int | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [bare / "scripts" / "system-packages", wanted],
        env={"PATH": str(bare / "bin")},
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
    )


def test_user_is_told_all_missing_packages_in_one_command(bare: Path) -> None:
    write_program(bare / "bin" / "sudo", "exit 1")
    write_program(bare / "scripts" / "find-python", "exit 1")
    result = system_packages(bare, "dev", NOBODY if os.geteuid() == 0 else None)
    assert (result.returncode, result.stdout) == (1, "")
    (command,) = (line for line in result.stderr.splitlines() if line.startswith("    "))
    assert command.startswith(
        "    sudo apt-get install -y --no-install-recommends python3 python3-venv"
    )
    assert PROGRAMS.keys() <= set(command.split())
    assert not (bare / "apt").exists()


def test_all_missing_packages_are_installed_at_once(bare: Path) -> None:
    write_program(bare / "bin" / "sudo", 'shift\nexec "$@"')
    result = system_packages(bare, "dev")
    assert result.returncode == 0, result.stderr
    assert f"Installing Debian packages, once: {WANTED}" in result.stderr
    update, install = (bare / "apt").read_text().splitlines()
    assert update.endswith(" update")
    assert WANTED in install


def test_package_that_brings_nothing_is_named(bare: Path) -> None:
    write_program(bare / "bin" / "sudo", 'shift\nexec "$@"')
    write_program(bare / "bin" / "apt-get", "exit 0")
    result = system_packages(bare, "dev")
    assert result.returncode == 1
    assert f"not found on PATH: {WANTED}" in result.stderr


def test_demo_needs_no_package_of_the_tests(bare: Path) -> None:
    result = system_packages(bare, "runtime")
    assert (result.returncode, result.stderr) == (0, "")


def test_programs_of_a_cluster_are_installed_for_the_long_tests_only(bare: Path) -> None:
    write_program(bare / "bin" / "sudo", 'shift\nexec "$@"')
    for wanted in ("dev", "faults"):
        system_packages(bare, wanted)
    installed = [line for line in (bare / "apt").read_text().splitlines() if " install " in line]
    assert ["etcd-server" in line for line in installed] == [False, True]
    assert ["chromium" in line for line in installed] == [True, False]
