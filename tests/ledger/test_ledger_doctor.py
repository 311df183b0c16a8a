from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.bench import back_door, clock
from tests.world import ORIGIN, World, make_signer
from traceledger.errors import TraceledgerError
from traceledger.ledger.keeping.doctor import examine
from traceledger.ledger.keeping.home import DATABASE, Home
from traceledger.ledger.keeping.scrub import Damage, check_entries
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.planning.keys import LOG_KEY
from traceledger.storage.store import StoreReader

SECRET = b"correct horse"


def check_map(store: StoreReader, size: int) -> None:
    SealedMaps().at(size, store)


# Each change and the check that must find it; triggers are dropped, as disk damage bypasses them.
DAMAGES: dict[str, Callable[..., object]] = {
    "UPDATE entry SET seq = 7 WHERE kind = 'import'": check_entries,
    "UPDATE entry SET kind = 'export' WHERE kind = 'import'": check_entries,
    "UPDATE entry SET item = item || 'X' WHERE kind = 'import'": check_entries,
    "UPDATE disclosure SET text = substr(text, 2) WHERE text <> x''": check_entries,
    "DELETE FROM disclosure": check_entries,
    "UPDATE disclosure SET text = CAST(text || text AS BLOB)": check_entries,
    "UPDATE tile SET hashes = zeroblob(8192)": check_entries,
    "UPDATE tile SET root = zeroblob(32)": check_entries,
    "UPDATE checkpoint SET root = zeroblob(32)": check_entries,
    "UPDATE head SET seq = seq + 1": check_map,
    "UPDATE head SET item = item || 'X'": check_map,
    "DELETE FROM head WHERE item = 'ledger'": check_map,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A ledger with a full tile, an erased field and a checkpoint."""
    home = Home.create(tmp_path / "cq-1", ORIGIN, "https://ledger.example/cq-1")
    home.keys.add(LOG_KEY, make_signer("log"), SECRET)
    world = World()
    cores = [world.core() for _ in range(250)]
    world.add("receive", cores[0], {"result": "ok"})
    noted = world.add("inspect", cores[0], {"grade": "A", "notes": "by Li"})
    target = ("target", cores[0], noted.id)
    world.add("erase", cores[0], {"fields": ["notes"]}, by="operator", refs=(target,))
    with contextlib.closing(home.write(clock, SECRET)) as ledger:
        ledger.append(world.wires[:-1])
        ledger.append(world.wires)
        home.publish(ledger)
    return home


def test_an_intact_ledger_passes_every_check(home: Home) -> None:
    assert [
        finding
        for finding in examine(home, clock)
        if not finding.well and finding.name != "disk space"
    ] == []


@pytest.mark.parametrize("change", DAMAGES)
def test_every_kind_of_damage_is_found(home: Home, change: str) -> None:
    with contextlib.closing(home.open_store()) as store:
        with back_door(home.path / DATABASE) as connection:
            connection.execute(change)
        with pytest.raises((Damage, TraceledgerError)):
            DAMAGES[change](store, store.size())


def test_missing_triggers_are_found(home: Home) -> None:
    with back_door(home.path / DATABASE):
        pass
    unwell = [finding.name for finding in examine(home, clock) if not finding.well]
    assert "database file" in unwell


def test_a_private_key_stored_elsewhere_is_no_fault(home: Home) -> None:
    (home.keys.path / "log.pem").unlink()
    seen = {finding.name: finding for finding in examine(home, clock)}
    assert seen["key log"].well
    assert seen["key log"].seen == "stored elsewhere"
