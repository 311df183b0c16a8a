"""Requests generated from the description: none makes the server fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.process import Process, serving
from tests.api.site import make_home
from tests.world import World

CONFIG = Path(__file__).with_name("schemathesis.toml")


REPOSITORY = Path(__file__).parents[2]
WORLD = World()
UNIT = WORLD.unit("EXPORTED")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("schemathesis") / "ledger"
    make_home(folder, WORLD)
    with serving(folder) as process:
        yield process


def run(process: Process, programs: Path, reader: str, folder: Path, *options: str) -> None:
    """Runs the program; streams never end, so that operation is excluded."""
    found = subprocess.run(
        [
            *(programs / "schemathesis", "--config-file", CONFIG, "run"),
            f"{process.address}/api/v1/openapi.json",
            *("--url", process.address, "--exclude-operation-id", "stream", "--seed", "1"),
            *("--no-color", "--request-timeout", "30", "--workers", "1", *options),
        ],
        cwd=folder,
        env={
            **os.environ,
            "COLUMNS": "120",
            "PYTHONPATH": str(REPOSITORY),
            "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
            "READER": reader,
            "UNIT": UNIT,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-20_000:]


@pytest.mark.parametrize("reader", ["", "customs"])
def test_short_run_finds_nothing(
    process: Process, programs: Path, tmp_path: Path, reader: str
) -> None:
    phases = "examples,coverage,fuzzing"
    run(process, programs, reader, tmp_path, "--max-examples", "10", "--phases", phases)


@pytest.mark.faults
@pytest.mark.parametrize("reader", ["", "customs"])
def test_long_run_finds_nothing(
    process: Process, programs: Path, tmp_path: Path, reader: str
) -> None:
    run(process, programs, reader, tmp_path, "--max-examples", "300")
