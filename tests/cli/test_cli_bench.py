from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.process import serving
from tests.cli.plant import PASSPHRASE, UNIT, Plant


@pytest.fixture
def address(busy_plant: Plant) -> Iterator[str]:
    with serving(busy_plant.ledger, passphrase=PASSPHRASE.encode()) as process:
        yield process.address


def test_hammer_reaches_its_goal_and_checks_what_it_reads(address: str, busy_plant: Plant) -> None:
    hammering = ("bench", "hammer", address, "--key", "lab", "--item", UNIT)
    result = busy_plant.json(*hammering, "--goal", "12", "--readers", "1", "--seconds", "120")
    assert result["reached"] is True
    assert result["written"] >= 12
    assert result["checkpoints"] >= 1
    watched = ("process_open_fds", "process_resident_memory_bytes", "traceledger_wal_bytes")
    assert sorted(result["server"]) == [*watched]
    late = busy_plant.run(*hammering, "--goal", "9999", "--seconds", "1", code=4)
    assert "proofs checked against" in late.stdout
