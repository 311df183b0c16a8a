from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.mutations import mutations
from tests.fuzz.targets import TARGETS, Target, check

REPOSITORY = Path(__file__).parents[2]

every_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())


@every_target
def test_real_artifacts_are_accepted(target: Target) -> None:
    assert target.seeds
    assert all(check(target, seed) for seed in target.seeds)


@every_target
def test_truncated_artifacts_break_no_promise(target: Target) -> None:
    for seed in target.seeds[:2]:
        for end in range(0, len(seed), max(len(seed) // 300, 1)):
            check(target, seed[:end])


@every_target
def test_mutations_break_no_promise(target: Target) -> None:
    for data in mutations(target.seeds, seed=1, count=400):
        check(target, data)


@pytest.mark.faults
@every_target
def test_many_mutations_break_no_promise(target: Target) -> None:
    for data in mutations(target.seeds, seed=2, count=40_000):
        check(target, data)


def test_fuzzing_by_coverage_breaks_no_promise(tmp_path: Path) -> None:
    fuzz("all", 10, tmp_path)


@pytest.mark.faults
@every_target
def test_long_fuzzing_by_coverage_breaks_no_promise(target: Target, tmp_path: Path) -> None:
    fuzz(target.name, 30, tmp_path)


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Runs atheris in a process of its own, because it takes over the one it runs in.

    Where there is no atheris (it has wheels for x86-64 only), more mutations take its place.
    """
    if find_spec("atheris") is None:
        for target in TARGETS.values() if name == "all" else [TARGETS[name]]:
            for data in mutations(target.seeds, seed=3, count=100 * seconds):
                check(target, data)
        return
    run = subprocess.run(
        [sys.executable, Path(__file__).with_name("run_atheris.py"), name, str(seconds), folder],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + 300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-8000:]
