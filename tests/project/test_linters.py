"""The linters see every file that is ours, and `make lint` runs them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

# Errors of a rule that every script is under; a file that eslint ignores has none.
SEVERITIES = """
import { ESLint } from "eslint";
const eslint = new ESLint();
const severities = {};
for (const path of process.argv.slice(1)) {
  severities[path] = (await eslint.calculateConfigForFile(path))?.rules["no-undef"][0];
}
console.log(JSON.stringify(severities));
"""


@pytest.fixture(scope="module")
def scripts(repository: Path, tracked_files: list[Path]) -> list[Path]:
    """Every JavaScript file that is ours: what npm brings is not part of the repository."""
    suffixes = {".js", ".mjs", ".cjs", ".ts", ".mts", ".jsx", ".tsx"}
    return sorted(
        path.relative_to(repository)
        for path in tracked_files
        if path.suffix in suffixes and not path.name.endswith(".d.ts")
    )


@pytest.fixture(scope="module")
def tsconfig(repository: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((repository / "tsconfig.json").read_text())
    return config


def recipe(repository: Path, target: str) -> list[str]:
    """The commands of a target, as make prints them."""
    printed = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout.splitlines()


def test_every_script_asks_for_the_type_checker(repository: Path, scripts: list[Path]) -> None:
    assert len(scripts) >= 10
    for path in scripts:
        lines = (repository / path).read_text().splitlines()
        first = lines[1] if lines[0].startswith("#!") else lines[0]
        assert first == "// @ts-check", path


def test_no_script_switches_the_type_checker_or_eslint_off(
    repository: Path, scripts: list[Path]
) -> None:
    off = re.compile(r"@ts-(?:nocheck|ignore|expect-error)|eslint-disable|\{(?:any|\*)\}")
    found = [path for path in scripts if off.search((repository / path).read_text())]
    assert found == []


def test_type_checker_is_strict_and_writes_nothing(tsconfig: dict[str, Any]) -> None:
    options = tsconfig["compilerOptions"]
    for name in ("allowJs", "checkJs", "noEmit", "strict"):
        assert options[name] is True, name


def test_type_checker_and_eslint_see_every_script(repository: Path, scripts: list[Path]) -> None:
    tools = repository / "node_modules" / ".bin"
    listed = subprocess.run(
        [tools / "tsc", "--listFilesOnly"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    seen = {Path(line) for line in listed.stdout.splitlines()}
    assert {repository / path for path in scripts} <= seen
    printed = subprocess.run(
        ["node", "--input-type=module", "-e", SEVERITIES, *scripts],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    severities: dict[str, int] = json.loads(printed.stdout)
    assert severities == {str(path): 2 for path in scripts}


def test_make_lint_runs_every_linter(repository: Path) -> None:
    commands = recipe(repository, "lint")
    for command in (
        ".venv/bin/ruff check",
        ".venv/bin/ruff format --check",
        ".venv/bin/mypy",
        ".venv/bin/lint-imports",
        "node_modules/.bin/tsc",
        "node_modules/.bin/eslint --max-warnings 0",
    ):
        assert command in commands


def test_hook_before_a_commit_runs_make_lint_and_needs_no_network(repository: Path) -> None:
    hooks = (repository / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"^ +(?:- )?(?:repo|entry): (.*)$", hooks, re.MULTILINE) == [
        "local",
        "make --no-print-directory lint",
    ]
    assert "://" not in hooks
