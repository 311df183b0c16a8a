"""The locks are complete by themselves, and what installs from them resolves nothing."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from functools import cache
from importlib.metadata import distribution
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Environment, Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("runtime.txt", "dev.txt", "auditor.txt", "oldest-pip.txt")
REQUIREMENT = r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9A-Za-z.+!]+)"
MARKER = r"\(*[a-z_]+ (?:[!=<>]=|<) '[A-Za-z0-9_.]+'\)*"
LOCKED = re.compile(
    rf"^{REQUIREMENT}(?: ; (?P<marker>{MARKER}(?: (?:and|or) {MARKER})*))?"
    r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n(?:    # via\b[^\n]*\n|    #   [^\n]*\n)*",
    re.MULTILINE,
)
ENVIRONMENTS = [
    (python, machine)
    for python, machine in product(("3.11", "3.12", "3.13", "3.14"), ("x86_64", "aarch64"))
]
# What each lock is made for: extras of the project and groups of dependencies (`make lock`).
EXTRAS = ("server", "client", "lists", "reports", "fast")
WANTED = {"runtime": (EXTRAS, "build"), "dev": ((*EXTRAS, "postgres", "s3", "dask"), "dev")}


@dataclass(frozen=True, slots=True)
class Locked:
    name: str
    version: str
    marker: Marker | None

    def is_for(self, environment: dict[str, str]) -> bool:
        return self.marker is None or self.marker.evaluate(environment)


def read_lock(repository: Path, lock: str) -> list[Locked]:
    text = (repository / "requirements" / f"{lock}.txt").read_text()
    return [
        Locked(
            found["name"], found["version"], Marker(found["marker"]) if found["marker"] else None
        )
        for found in LOCKED.finditer(text)
    ]


def read_roots(repository: Path, lock: str) -> list[Requirement]:
    pyproject: dict[str, Any] = tomllib.loads((repository / "pyproject.toml").read_text())
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    extras, group = WANTED[lock]
    lines = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    pending = [group]
    while pending:
        for line in groups[pending.pop()]:
            if isinstance(line, str):
                lines.append(line)
            else:
                pending.append(line["include-group"])
    roots = [Requirement(line) for line in lines]
    own = [root for root in roots if root.name == "traceledger-bonded"]
    for root in own:
        for extra in root.extras:
            roots += map(Requirement, project["optional-dependencies"][extra])
    return [root for root in roots if root.name != "traceledger-bonded"]


def environment_of(python: str, machine: str) -> dict[str, str]:
    changed = Environment(
        **{
            **default_environment(),
            "python_version": python,
            "python_full_version": f"{python}.0",
            "platform_machine": machine,
        }
    )
    return {**changed, "extra": ""}  # type: ignore[dict-item]


HERE = environment_of(".".join(map(str, sys.version_info[:2])), os.uname().machine)


def find_unmet(
    locked: list[Locked], roots: list[Requirement], environment: dict[str, str]
) -> Iterator[str]:
    """What a requirement of a root, or of what it brings, asks for and the lock does not give."""
    here = {entry.name: entry for entry in locked if entry.is_for(environment)}
    seen: set[tuple[str, str]] = set()
    pending = [("pyproject.toml", root) for root in roots]
    while pending:
        asking, requirement = pending.pop()
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        name = canonicalize_name(requirement.name)
        entry = here.get(name)
        if entry is None or not requirement.specifier.contains(entry.version, prereleases=True):
            yield f"{asking} asks for {requirement}"
            continue
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for needed in requirements_of(entry):
                marker = needed.marker
                if marker is None or marker.evaluate({**environment, "extra": extra}):
                    pending.append((name, without_marker(needed)))


def without_marker(requirement: Requirement) -> Requirement:
    bare = Requirement(str(requirement))
    bare.marker = None
    return bare


@cache
def requirements_of(entry: Locked) -> tuple[Requirement, ...]:
    """What a locked distribution asks for; only what is not for this machine cannot be read."""
    if not entry.is_for(HERE):
        return ()
    return tuple(Requirement(line) for line in distribution(entry.name).requires or ())


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_only_versions_with_hashes(repository: Path, lock: str) -> None:
    text = (repository / "requirements" / lock).read_text()
    assert LOCKED.sub("", text) == ""


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(repository: Path, lock: str) -> None:
    text = (repository / "requirements" / lock).read_text()
    assert not re.search(r"://|--(?!hash=)|@|\b[a-z-]+\.(org|com|net|io)\b", text)


def test_runtime_lock_is_part_of_the_dev_lock(repository: Path) -> None:
    runtime, dev = read_lock(repository, "runtime"), read_lock(repository, "dev")
    assert {(entry.name, entry.version) for entry in runtime} <= {
        (entry.name, entry.version) for entry in dev
    }


@pytest.mark.parametrize(("python", "machine"), ENVIRONMENTS)
@pytest.mark.parametrize("lock", WANTED)
def test_lock_gives_all_that_its_distributions_ask_for(
    repository: Path, lock: str, python: str, machine: str
) -> None:
    locked, roots = read_lock(repository, lock), read_roots(repository, lock)
    assert locked
    assert [*find_unmet(locked, roots, environment_of(python, machine))] == []


@pytest.mark.parametrize("lock", WANTED)
def test_lock_that_lacks_any_one_distribution_is_noticed(repository: Path, lock: str) -> None:
    locked, roots = read_lock(repository, lock), read_roots(repository, lock)
    environment = environment_of("3.11", os.uname().machine)
    for entry in locked:
        if entry.is_for(environment):
            others = [other for other in locked if other is not entry]
            assert any(find_unmet(others, roots, environment)), entry.name


def make_wheel(folder: Path, name: str, version: str, requires: list[str]) -> Path:
    """A wheel without a module that asks for what the real one asks for."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = Message()
    for key, value in (("Metadata-Version", "2.1"), ("Name", name), ("Version", version)):
        metadata[key] = value
    for line in requires:
        if (requirement := Requirement(line)).marker:
            for extra in re.findall(r'extra == "([^"]+)"', str(requirement.marker)):
                if extra not in (metadata.get_all("Provides-Extra") or []):
                    metadata["Provides-Extra"] = extra
        metadata["Requires-Dist"] = line
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", str(metadata))
        wheel.writestr(
            f"{stem}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return path


@pytest.fixture
def old_python(repository: Path, tmp_path: Path) -> Path:
    """An environment whose pip is the one that Python 3.11.0 brings."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "old"], check=True)
    (site_packages,) = (tmp_path / "old").glob("lib/python3.*/site-packages")
    (pip,) = (repository / ".venv" / "oldest-pip").glob("pip-*.whl")
    (site_packages / "a-pip.pth").write_text(f"{pip}\n")
    return tmp_path / "old" / "bin" / "python"


def test_oldest_pip_installs_the_lock_and_resolves_nothing(
    repository: Path, old_python: Path, tmp_path: Path
) -> None:
    house, lock = tmp_path / "house", tmp_path / "lock.txt"
    house.mkdir()
    lines = []
    for entry in read_lock(repository, "dev"):
        if entry.is_for(HERE):
            requires = distribution(entry.name).requires or []
            wheel = make_wheel(house, entry.name, entry.version, requires)
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            lines.append(f"{entry.name}=={entry.version} --hash=sha256:{digest}\n")
            # What came out since the lock was made: whoever resolves takes it, or stops at it.
            make_wheel(house, entry.name, "9999", requires)
    lock.write_text("".join(lines))
    assert len(lines) > 50
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house), "PIP_CONFIG_FILE": os.devnull}
    install = [repository / "scripts" / "install-locked", old_python, lock]
    installed = subprocess.run(
        install, env={**os.environ, **offline}, capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stderr
    listed = subprocess.run(
        [old_python, "-m", "pip", "list", "--format", "freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {line.partition(" ")[0] for line in lines}
    assert wanted <= set(listed.stdout.split())


def test_oldest_pip_installs_the_project_itself(repository: Path, old_python: Path) -> None:
    (site_packages,) = old_python.parents[1].glob("lib/python3.*/site-packages")
    (own,) = Path(sys.prefix).glob("lib/python3.*/site-packages")
    (site_packages / "b-locked.pth").write_text(f"{own}\n")
    install = [repository / "scripts" / "install-project", old_python]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    program = old_python.with_name("traceledger")
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
