from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def pyproject(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text())


def names(requirements: list[Any]) -> set[str]:
    """The names in requirements as pyproject.toml writes them, without included groups."""
    found = (re.match(r"[a-z0-9-]+", line) for line in requirements if isinstance(line, str))
    return {match[0] for match in found if match}


def make_targets(repository: Path) -> set[str]:
    makefile = (repository / "Makefile").read_text()
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def test_base_dependencies_are_three(pyproject: dict[str, Any]) -> None:
    assert names(pyproject["project"]["dependencies"]) == {"click", "cryptography", "msgspec"}


def test_no_file_names_a_place_on_one_machine(repository: Path, tracked_files: list[Path]) -> None:
    # Folders that only one machine has; this file is left out, for it must name them.
    places = re.compile(rb"/(?:work|root|opt)/|/home/[a-z]|\.\./shared|file:///|--find-links")
    found = [
        f"{path.relative_to(repository)}: {match[0].decode()}"
        for path in set(tracked_files) - {Path(__file__)}
        if (match := places.search(path.read_bytes()))
    ]
    assert found == []


def test_readme_leads_with_the_two_commands(repository: Path) -> None:
    readme = (repository / "README.md").read_text()
    assert "$ make demo" in readme
    assert "$ make test" in readme


def test_pages_name_only_make_targets_that_exist(
    repository: Path, tracked_files: list[Path]
) -> None:
    pages = [path for path in tracked_files if path.suffix == ".md"]
    named = {
        name
        for page in pages
        for name in re.findall(r"(?:`|^\$ )make ([a-z]+)\b", page.read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "lint", "bench", "faults", "lock"} <= named
    assert named <= make_targets(repository)


def test_changelog_has_the_version(repository: Path, pyproject: dict[str, Any]) -> None:
    changelog = (repository / "CHANGELOG.md").read_text()
    assert f"## [{pyproject['project']['version']}]" in changelog


def test_changelog_keeps_to_its_sections(repository: Path) -> None:
    sections = ["Added", "Changed", "Fixed", "Security"]
    _, *versions = re.split(r"^## ", (repository / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    for version in versions:
        found = re.findall(r"^### (.*)$", version, re.MULTILINE)
        assert found == [name for name in sections if name in found]


def test_license_is_apache_2(repository: Path, pyproject: dict[str, Any]) -> None:
    text = (repository / "LICENSE").read_text()
    assert pyproject["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


SCRIPTS = (
    ".ci/run",
    "scripts/demo",
    "scripts/find-python",
    "scripts/generate",
    "scripts/install-locked",
    "scripts/install-patroni",
    "scripts/install-project",
    "scripts/lock-javascript",
    "scripts/release",
    "scripts/setup",
    "scripts/system-packages",
    "scripts/wheelhouse",
)


def test_every_script_is_checked(repository: Path) -> None:
    """Programs in Python are checked with the rest of the code."""
    scripts = (path for path in (repository / "scripts").iterdir() if path.is_file())
    found = {f"scripts/{path.name}" for path in scripts if path.suffix != ".py"}
    assert found == set(SCRIPTS) - {".ci/run"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_is_executable_strict_and_well_formed(repository: Path, script: str) -> None:
    path = repository / script
    assert os.access(path, os.X_OK)
    assert "\nset -euo pipefail\n" in path.read_text()
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
