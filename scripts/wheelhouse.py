"""Fills a folder with the wheels that install an auditor's program on a computer without a network.

Usage: `python scripts/wheelhouse.py WHEEL FOLDER`. The folder gets the wheel of the project, the
locked wheels of its dependencies for Windows and Linux, a lock that names their hashes, and a
README with the two commands.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "auditor.txt"
EXTRAS = "lists,reports,fast"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_LOCKED = re.compile(
    r"^(?P<pin>[a-z0-9-]+==[^ ]+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: \\\n +--hash=\S+)+)\n",
    re.MULTILINE,
)

_DOWNLOAD = (
    *("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "download"),
    *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
)
_VERIFIER = ROOT / "api" / "traceledger_api" / "static" / "verify.html"


class Target(NamedTuple):
    """A kind of computer; `tags` are the platforms whose wheels it accepts."""

    system: str
    machine: str
    tags: tuple[str, ...]


TARGETS = (
    Target("win32", "AMD64", ("win_amd64",)),
    *(
        Target("linux", machine, tuple(f"manylinux_2_{minor}_{machine}" for minor in (17, 28, 34)))
        for machine in ("x86_64", "aarch64")
    ),
)

_README = """\
traceledger for auditors: installation without a network
========================================================

Needs Python {oldest} to {newest} (64 bit). First compare SHA256SUMS with the values that you
received through an independent channel.

Windows, in this folder:

    py -m venv traceledger
    {windows} {options}

Linux, in this folder:

    python3 -m venv traceledger
    {linux} {options}

The program is traceledger\\Scripts\\traceledger on Windows, traceledger/bin/traceledger on Linux.
Begin with its options --version --verbose, then read
traceledger/share/doc/traceledger/guide/auditor.md.
"""
_COMMANDS = {
    "windows": r"traceledger\Scripts\pip install",
    "linux": "traceledger/bin/pip install",
    "options": "--no-index -f wheels --require-hashes -r requirements.txt",
}


def read_lock(environment: dict[str, str]) -> Iterator[str]:
    """Yields the entries of the lock that apply to an environment, with hashes and no marker."""
    for found in _LOCKED.finditer(LOCK.read_text()):
        if found["marker"] is None or Marker(found["marker"]).evaluate(environment):
            yield found["pin"] + found["hashes"]


def environment_of(target: Target, python: str) -> dict[str, str]:
    """Returns the markers of a computer (PEP 508)."""
    windows = target.system == "win32"
    return {
        "implementation_name": "cpython",
        "os_name": "nt" if windows else "posix",
        "sys_platform": target.system,
        "platform_system": "Windows" if windows else "Linux",
        "platform_machine": target.machine,
        "platform_python_implementation": "CPython",
        "python_version": python,
        "python_full_version": f"{python}.0",
    }


def download(targets: Iterable[tuple[Target, str]], folder: Path) -> None:
    """Downloads the locked wheels of each target; pip checks their hashes."""
    for target, python in targets:
        with tempfile.TemporaryDirectory() as name:
            lock = Path(name) / "lock.txt"
            lock.write_text("\n".join(read_lock(environment_of(target, python))) + "\n")
            options: list[str | Path] = [
                "--dest",
                folder,
                "--python-version",
                python,
                "--requirement",
                lock,
            ]
            for tag in target.tags:
                options += ["--platform", tag]
            subprocess.run([sys.executable, *_DOWNLOAD, *options], check=True)


def fill(wheel: Path, folder: Path, targets: Iterable[tuple[Target, str]]) -> None:
    """Writes the folder."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    download(targets, wheels)
    shutil.copyfile(wheel, wheels / wheel.name)
    shutil.copyfile(_VERIFIER, folder / _VERIFIER.name)
    own, version = wheel.name.split("-")[:2]
    pin = f"{own.replace('_', '-')}[{EXTRAS}]=={version}"
    lock = f"{pin} \\\n    --hash=sha256:{_digest(wheel)}\n{LOCK.read_text()}"
    (folder / "requirements.txt").write_text(lock)
    readme = _README.format(oldest=PYTHONS[0], newest=PYTHONS[-1], **_COMMANDS)
    (folder / "README.txt").write_bytes(readme.replace("\n", "\r\n").encode())
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sums = [f"{_digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(sums))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> None:
    """Fills the folder for all targets."""
    parser = argparse.ArgumentParser(description="Collects the wheels for an offline installation.")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    fill(options.wheel, options.folder, product(TARGETS, PYTHONS))


if __name__ == "__main__":
    main()
