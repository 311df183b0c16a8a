from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

BASE_DISTRIBUTIONS = ("cffi", "click", "cryptography", "msgspec", "pycparser")


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Every file that is, or by its place could be, part of the project."""
    # The owner of the checkout is another user in some containers, and git would refuse.
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (REPOSITORY / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="session")
def wheel(make_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    def make(folder: Path) -> None:
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
        subprocess.run([*build, str(folder)], cwd=REPOSITORY, check=True, capture_output=True)

    (built,) = make_once("wheel", make).glob("*.whl")
    return built


@pytest.fixture(scope="session")
def bare_install(make_once: Callable[[str, Callable[[Path], None]], Path], wheel: Path) -> Path:
    """The program `traceledger` in an environment that holds the wheel and its base dependencies.

    The dependencies are copied from the environment of the tests, so no network is needed.
    """

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        (site_packages,) = folder.glob("lib/python3.*/site-packages")
        for name in BASE_DISTRIBUTIONS:
            _copy_distribution(name, site_packages)
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
        install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run([*pip, *install], check=True)

    return make_once("bare-install", make) / "bin" / "traceledger"


def _copy_distribution(name: str, site_packages: Path) -> None:
    for file in distribution(name).files or ():
        if ".." not in file.parts:
            target = site_packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(str(file.locate()), target)


@pytest.fixture(scope="session")
def without_network() -> list[str]:
    """What to put before a command so that it has no network, where this user may do that."""
    unshare = ["unshare", "--net"]
    may = os.geteuid() == 0 and subprocess.run([*unshare, "true"], check=False).returncode == 0
    return unshare if may else []
