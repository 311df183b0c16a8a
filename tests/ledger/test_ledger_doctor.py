from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ledger.bench import Bench, back_door, clock
from tests.world import ORIGIN, World, make_signer
from traceledger.errors import TraceledgerError
from traceledger.ledger.keeping.doctor import Finding, examine
from traceledger.ledger.keeping.home import DATABASE, Home
from traceledger.ledger.keeping.scrub import Damage, check_entries
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.planning.keys import LOG_KEY, ROOT_KEY
from traceledger.storage.store import CheckpointRow, StoreReader

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
    home.keys.add(ROOT_KEY, make_signer("root"), SECRET)
    (home.keys.path / "root.pem").unlink()
    seen = {finding.name: finding for finding in examine(home, clock)}
    assert seen["key root"].well
    assert seen["key root"].seen == "stored elsewhere"


@pytest.mark.parametrize("half", ["log.pem", "log.jwk"])
def test_a_missing_log_key_is_found(home: Home, half: str) -> None:
    """Without its own key a ledger cannot be written: an operator must learn of it in time."""
    (home.keys.path / half).unlink()
    finding = next(found for found in examine(home, clock) if found.name == "key log")
    assert not finding.well
    assert "missing" in finding.seen
    assert half in finding.remedy


HEAD_CHANGES = {
    "part number": "UPDATE head SET part_no = 'X' WHERE part_no <> ''",
    "state": "UPDATE head SET life = 'EXPORTED' WHERE chain = 'core'",
    "declaration": "UPDATE head SET declaration = '' WHERE declaration <> ''",
}


@pytest.mark.parametrize("change", HEAD_CHANGES)
def test_changed_rows_of_items_are_found_with_their_remedy(home: Home, change: str) -> None:
    """A search reads these rows, so a tampered row could hide an item from a recall."""
    with sqlite3.connect(home.path / DATABASE) as connection:
        connection.execute(HEAD_CHANGES[change])
    bad = [found for found in examine(home, clock) if not found.well and found.name != "disk space"]
    assert [found.name for found in bad] == ["items"]
    assert "`traceledger rebuild`" in bad[0].remedy


def test_field_that_is_erased_during_the_examination_is_no_damage(tmp_path: Path) -> None:
    """The remedy for damage is a back-up, in which the field is not erased."""
    bench = Bench.start(tmp_path)
    bench.ledger.publish()
    core = bench.world.core("RECEIVED")
    noted = bench.world.add("inspect", core, {"grade": "A", "notes": "by Li"})
    bench.feed()
    size, target = bench.store.size(), ("target", core, noted.id)
    bench.world.add("erase", core, {"fields": ["notes"]}, by="operator", refs=(target,))
    with contextlib.closing(bench.ledger):
        check_entries(bench.store, size, lambda _done: bench.feed())
        assert bench.store.size() == size + 1


def test_examination_reads_checkpoints_as_it_comes_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log has one for each second in which it grew, and all were in memory until the end."""
    bench = Bench.start(tmp_path)
    for _ in range(5):
        bench.world.core()
        bench.feed()
        bench.ledger.publish()
    stored = bench.store.read_checkpoints
    seen: list[int] = []
    ahead: list[int] = []

    def read(after: int = 0) -> Iterator[CheckpointRow]:
        for row in stored(after):
            seen.append(row.size)
            yield row

    monkeypatch.setattr(bench.store, "read_checkpoints", read)
    with contextlib.closing(bench.ledger):
        check_entries(
            bench.store,
            bench.store.size(),
            lambda done: ahead.append(sum(size > done for size in seen)),
        )
    assert len(seen) == 5
    assert not any(ahead)


def test_quick_examination_states_what_it_skips(home: Home) -> None:
    """A silent skip would read as a full examination."""
    with sqlite3.connect(home.path / DATABASE) as connection:
        connection.execute(HEAD_CHANGES["state"])
    found = {finding.name: finding for finding in examine(home, clock, quick=True)}
    assert found["items"].well
    assert found["items"].seen == "not compared with the log, whose signatures were not checked"


def test_examination_reports_its_progress(home: Home) -> None:
    """The replay of a large ledger takes minutes, in which it looks as if it had stopped."""
    done: dict[str, list[int]] = {}

    @contextlib.contextmanager
    def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
        steps = done[label] = [total]
        yield steps.append

    list(examine(home, clock, progress=progress))
    assert done.keys() == {"Reading", "Replaying"}
    assert all(total == steps[-1] > 0 for total, *steps in done.values())


def test_every_fault_has_its_remedy(home: Home) -> None:
    (home.keys.path / "log.pem").chmod(0o644)
    with back_door(home.path / DATABASE) as connection:
        connection.execute("UPDATE head SET seq = seq + 1")
    bad = {found.name: found.remedy for found in examine(home, clock) if not found.well}
    assert {"key log", "database file", "map of latest heads", "items"} <= bad.keys()
    assert all(bad.values())
    assert bad["key log"] == f"Run `chmod 600 {home.keys.path / 'log.pem'}`."
    assert len(set(bad.values())) > 3


def test_items_are_not_compared_with_a_damaged_log(home: Home) -> None:
    """One fault must not be reported twice, the second time with the wrong remedy."""
    with back_door(home.path / DATABASE) as connection:
        connection.execute("UPDATE entry SET body = x'00' WHERE \"index\" = 3")
    found = {finding.name for finding in examine(home, clock) if not finding.well}
    assert "entries" in found
    assert "items" not in found


@pytest.mark.parametrize("name", ["samples", "scans"])
def test_damage_beside_the_log_is_found(home: Home, name: str) -> None:
    """Defends against samples that are missed on the day when somebody asks for them."""
    path = home.path / f"{name}.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE sample (seed TEXT); INSERT INTO sample VALUES ('a');"
        )

    def find() -> Finding:
        found = examine(home, clock, quick=True)
        return next(finding for finding in found if f"{name}.db" in finding.seen)

    assert find().well
    intact = path.read_bytes()
    for damaged in (intact[:4096] + bytes(4096), b"nonsense" * 1000):
        path.write_bytes(damaged)
        assert not find().well
        assert f"{name}.db" in find().remedy
