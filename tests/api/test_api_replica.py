"""A server that reads from a streaming replica of its database."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.site import Site, make_home, serving
from tests.ledger.bench import LOG
from tests.postgresql import Server, running_standby
from tests.storage.test_storage_postgresql_replica import lagging
from tests.world import ORIGIN, World
from traceledger.errors import UsageError
from traceledger.formats.checkpoint import open_checkpoint
from traceledger.formats.proof import parse_proof


@pytest.fixture
def servers(tmp_path: Path, postgresql: Server) -> Iterator[tuple[Site, Server]]:
    """A site, and the standby of its database."""
    world, database = World(), postgresql.new_database()
    home = make_home(tmp_path / "ledger", world, postgresql.address(database))
    with (
        running_standby(postgresql) as standby,
        serving(home, world, read_store=standby.address(database)) as site,
    ):
        yield site, standby


def reads(site: Site, result: str) -> float:
    """Returns how many statements ended so, as the server's metrics state."""
    found = re.search(
        rf'^traceledger_replica_reads_total{{result="{result}"}} (.+)$',
        site.get("/metrics").text,
        re.MULTILINE,
    )
    assert found is not None
    return float(found[1])


def check_receipt(site: Site) -> None:
    """Writes, and reads at once everything that the receipt promises."""
    core = site.world.core("ACCEPTED")
    events = site.feed().json()["events"]
    shown = 0
    for event in events:
        found = site.get(f"events/{event['event']}/proof", by="customs")
        assert found.status_code == 200, found.text
        proof = parse_proof(found.content)
        assert proof.index == event["index"]
        for note in (proof.checkpoint, site.get("/checkpoint").content):
            size = open_checkpoint(note, ORIGIN, [LOG.verifier]).checkpoint.size
            assert size > event["index"]
            assert size >= shown
            shown = size
    history = site.json(f"items/{core}/history", by="customs")["events"]
    assert {event["event"] for event in events} <= {event["event"] for event in history}
    assert site.get(f"items/{core}/passport", by="customs").status_code == 200


def test_receipts_are_kept_by_a_replica_that_follows_lags_and_dies(
    servers: tuple[Site, Server],
) -> None:
    site, standby = servers
    check_receipt(site)
    with lagging(standby):
        for _ in range(3):
            check_receipt(site)
    assert reads(site, "behind") > 0
    before = reads(site, "answered")
    while reads(site, "answered") < before + 5:  # the replica has caught up
        assert site.get("/checkpoint").status_code == 200
        time.sleep(0.01)
    assert reads(site, "failed") == 0
    standby.stop()
    for _ in range(2):
        check_receipt(site)
    assert reads(site, "failed") > 0


def test_a_ledger_in_a_file_has_no_replica(tmp_path: Path, postgresql: Server) -> None:
    home = make_home(tmp_path / "file", World())
    with (
        pytest.raises(UsageError) as caught,
        serving(home, World(), read_store=postgresql.address()),
    ):
        pass
    assert caught.value.code == "usage.option"
