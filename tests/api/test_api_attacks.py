"""What strangers do to stop the server leaves room for everyone else."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.attackers import read_status, slow_bodies
from tests.api.process import Process, serving
from tests.api.site import make_home
from tests.world import World

DEFAULT_RATE = ("--rate", "100")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    make_home(tmp_path / "ledger", World())
    with serving(tmp_path / "ledger", *DEFAULT_RATE) as process:
        yield process


def get(process: Process, path: str) -> int:
    with contextlib.closing(process.connect()) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def test_slow_bodies_occupy_no_slot(process: Process) -> None:
    with slow_bodies(process, 600) as connections:
        for path in ("/readyz", "/healthz", "/checkpoint"):
            assert get(process, path) == 200
        time.sleep(1.5)  # by now they are slow, and most are aborted
        connections[0].settimeout(5)
        assert read_status(connections[0]) == 408
        for path in ("/readyz", "/healthz", "/checkpoint"):
            assert get(process, path) == 200
